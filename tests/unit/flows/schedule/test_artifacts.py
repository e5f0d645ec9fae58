"""What a flow shows on the server never ends its run."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from flows.schedule import artifacts


def test_a_ledger_that_cannot_be_opened_is_left_for_the_run_to_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database at all" * 100)
    monkeypatch.setattr(artifacts, "get_run_logger", lambda: logging.getLogger("run"))
    with artifacts.progress_artifact("blog", tmp_path):
        pass
    assert "this file is no ledger" in caplog.text
