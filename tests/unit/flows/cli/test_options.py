"""What commands make of their options before they begin."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.__main__ import main


@pytest.mark.parametrize(
    "words",
    [
        "extract page.html --output",
        "extract page.html --output out --removals",
        "dedupe page.html --output",
        "explain page.html --html",
        "report --html",
        "probe https://gazette.example/ --output",
    ],
)
def test_an_output_in_a_folder_that_is_missing_is_refused_first(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.html").write_text("<p>A page.")
    ended = CliRunner().invoke(main, [*words.split(), "nodir/out"])
    assert ended.exit_code == 2
    assert "there is no folder nodir; make it" in ended.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]
