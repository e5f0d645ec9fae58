"""Runs that are killed after their commit: the next call cuts the release, and asks the site for nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawlers.declaration.loading import Source
from flows.ingest.run import ingest
from flows.replicas import Replica
from flows.workspace.workspace import Workspace
from output.ledger.records import RunStatus
from tests import ROOT

KILLED = """
import os, signal, sys
from pathlib import Path
from crawlers.declaration.loading import load_source
from flows.ingest import run
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
{moment}
run.ingest(load_source(Path(sys.argv[1])), Path(sys.argv[2]))
"""
BEFORE_THE_RELEASE = "run.cut = die"
BEFORE_THE_STATUS = """
set_status = Ledger.set_status
def set_or_die(self, run_id, status, *rest):
    die() if status is RunStatus.PUBLISHED else set_status(self, run_id, status, *rest)
Ledger.set_status = set_or_die
"""


@pytest.mark.parametrize("moment", [BEFORE_THE_RELEASE, BEFORE_THE_STATUS])
def test_the_next_call_cuts_the_release(blog: Replica, source: Source, tmp_path: Path, moment: str) -> None:
    data = tmp_path / "data"
    command = [sys.executable, "-c", KILLED.format(moment=moment), source.origin, str(data)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    asked = len(blog.requests)

    result = ingest(source, data)

    assert len(blog.requests) == asked
    (run,) = Workspace(data).ledger.runs()
    assert (run.run_id, run.status) == (result.report.run_id, RunStatus.PUBLISHED)
    assert result.release.manifest["runs"] == [run.run_id]
    assert (data / "releases" / "latest").resolve() == result.release.path.resolve()
