"""The example scripts, each run as its first lines say."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.docs.blocks import ROOT
from tests.docs.conftest import Gazette

pytestmark = pytest.mark.xdist_group("docs")
EXAMPLES = ROOT / "examples"


def _run(script: str, site: str) -> str:
    """Call a script as its docstring does, with the address of the served site."""
    text = (EXAMPLES / script).read_text("utf-8").replace("https://gazette.example", site)
    (line,) = [line for line in text.splitlines() if line.strip().startswith("python examples/")]
    words = [sys.executable, str(EXAMPLES / script), *shlex.split(line)[2:]]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_script_is_on_the_page_of_examples() -> None:
    page = (ROOT / "docs/how-to/researcher/examples.md").read_text("utf-8")
    assert [file.name for file in EXAMPLES.glob("*.py") if f"| `{file.name}` |" not in page] == []


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda script: script.name)
def test_without_arguments_a_script_says_how_it_is_called(script: Path) -> None:
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"python examples/{script.name}" in done.stderr
    assert "Traceback" not in done.stderr


def test_clean_folder_names_a_folder_that_is_missing(tmp_path: Path) -> None:
    words = [sys.executable, str(EXAMPLES / "clean_folder.py"), "nosuch", "texts"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "nosuch: no such folder\n")
    assert list(tmp_path.iterdir()) == []


def test_clean_folder(folder: Path, gazette: Gazette) -> None:
    printed = _run("clean_folder.py", gazette.base)
    assert "texts/7-0.txt\ten\tfull\tNight Fishing Rules" in printed
    text = (folder / "texts" / "7-0.txt").read_text("utf-8")
    assert "Article 5 These rules take effect on 1 April 2024." in text
    assert "cookies" not in text


def test_site_to_duckdb(folder: Path, gazette: Gazette) -> None:
    (folder / "data").rename(folder / "gazette.data")  # its second call: gazette.toml is there, too
    _run("site_to_duckdb.py", gazette.base)
    with duckdb.connect(str(folder / "gazette.duckdb")) as connection:
        assert connection.sql("select count(*) from documents").fetchall() == [(6,)]
        relations = connection.sql("select distinct relation from relations order by all").fetchall()
    assert relations == [("same",), ("translation_of",), ("version",)]


@pytest.mark.usefixtures("folder")
def test_watch_terms(gazette: Gazette) -> None:
    assert "nothing has changed" in _run("watch_terms.py", gazette.base)
    page = gazette.pages / "terms.html"
    before = page.read_text("utf-8")
    page.write_text(before.replace("one second", "five seconds"), "utf-8")
    try:
        changed = _run("watch_terms.py", gazette.base)
    finally:
        page.write_text(before, "utf-8")
    assert "-A program that reads this site waits one second between" in changed
    assert "+A program that reads this site waits five seconds between" in changed


def test_bilingual_pairs(folder: Path, gazette: Gazette) -> None:
    assert "5 pairs in pairs.tsv" in _run("bilingual_pairs.py", gazette.base)
    lines = (folder / "pairs.tsv").read_text("utf-8").splitlines()
    assert [line.split("\t")[:3] for line in lines] == [["zh-Hans", "en", f"第{n}条"] for n in "一二三四五"]


def test_custom_source(folder: Path, gazette: Gazette) -> None:
    assert "8 documents published" in _run("custom_source.py", gazette.base)
    assert len((folder / "numbered-laws" / "urls.txt").read_text().splitlines()) == 8
