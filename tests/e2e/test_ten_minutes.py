"""A new source from `tamis probe` to a green test, on three sites that nobody prepared for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli.__main__ import main
from flows.workspace.workspace import Workspace
from tests import ROOT
from tests.unseen import Unseen, liuwan, served, statutes, tidewater


def _tamis(*words: str | Path) -> Result:
    result = CliRunner().invoke(main, [*map(str, words)])
    assert result.exit_code == 0, f"{words}: {result.output}"
    return result


@pytest.mark.parametrize(
    ("build", "way", "translations"),
    [(tidewater.build, "wordpress", 0), (liuwan.build, "listing", 0), (statutes.build, "sitemap", 12)],
    ids=["tidewater", "liuwan", "statutes"],
)
def test_a_new_source_in_a_few_commands(
    build: Callable[[str], Unseen],
    way: str,
    translations: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TAMIS_CONTACT", "tests@example.org")
    sources, data = tmp_path / "sources", tmp_path / "data"
    sources.mkdir()
    with served(build) as site:
        _tamis("probe", f"{site.base}/", "--output", sources / "newcomer.toml")
        assert len(site.asked) <= 40
        text = (sources / "newcomer.toml").read_text()
        assert f'discover = "{way}"' in text
        assert len([line for line in text.splitlines() if line.strip()]) <= 25
        _tamis("sources", "check", sources)
        _tamis("--data", data, "run", "--sources", sources, "newcomer")
        page = f"{site.base}{next(iter(site.site.texts))}"
        _tamis("--data", data, "sources", "accept", "--sources", sources, "newcomer", page)
    with Workspace(data).dataset.views() as connection:
        rows = connection.execute("select url, text from latest").fetchall()
        aligned = connection.execute(
            "select distinct l.url, r.url from pairs join latest l on l.id = pairs.a"
            " join latest r on r.id = pairs.b and r.translation_of = pairs.a"
        ).fetchall()
    assert len(aligned) == translations
    assert all(original.replace("/zh/", "/en/") == translation for original, translation in aligned)
    texts = {url.removeprefix(site.base): text for url, text in rows}
    assert texts.keys() == site.site.texts.keys()
    for path, lines in site.site.texts.items():
        assert [line for line in lines if line not in texts[path]] == [], path
        assert [words for words in site.site.furniture if words in texts[path]] == [], path
    green = _golden_tests(sources)
    assert green.returncode == 0, green.stdout
    assert "1 passed" in green.stdout


def _golden_tests(sources: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-o", "addopts=", "tests/sources"]
    environment = {"TAMIS_SOURCES": str(sources), "PYTHONPATH": str(ROOT), "PATH": ""}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
