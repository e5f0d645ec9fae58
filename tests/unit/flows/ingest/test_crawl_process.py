"""What a crawler writes to its standard output is shown: progress as a step, messages as lines."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flows.ingest.crawl import run_crawler

CRAWLER = """
print('{"scheduled": 2, "done": 1, "url": "https://a.example/"}')
print('no JSON')
print('{"message": "a.example asks for 60 seconds"}')
"""


def test_messages_are_told_and_progress_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines: list[tuple[int, int | None, str]] = []
    (tmp_path / "crawler.py").write_text(CRAWLER)
    monkeypatch.setattr("flows.ingest.crawl.subprocess", subprocess)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def progress(done: int, total: int | None = None, note: str = "") -> None:
        lines.append((done, total, note))

    run_crawler(["crawler"], tmp_path / "errors", progress)

    assert lines == [(1, 2, "https://a.example/")]
    assert capsys.readouterr().err == "a.example asks for 60 seconds\n"
