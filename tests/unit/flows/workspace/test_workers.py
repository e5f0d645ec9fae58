"""A killed worker costs the item that killed it and no other, and no worker outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.workspace.workers import BATCH_ITEMS, run_in_workers
from tests import ROOT
from tests.processes import lives, until

ITEMS = 20 * BATCH_ITEMS
KILLERS = (3, 5 * BATCH_ITEMS, ITEMS - 1)
KILLED = -1
WORKERS = 2

Answer = tuple[int, int]


def kill_some(item: int) -> Answer:
    if item in KILLERS:
        os.kill(os.getpid(), signal.SIGKILL)
    return item, os.getpid()


def kill_once(item: tuple[int, str]) -> Answer:
    """The process that comes first to a file is killed, as by the system when memory is short."""
    number, file = item
    if number == 2 * BATCH_ITEMS and not Path(file).exists():
        Path(file).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number, os.getpid()


def wait_or_fail(item: tuple[int, str]) -> Answer:
    number, folder = item
    (Path(folder) / str(os.getpid())).touch()
    while len(list(Path(folder).iterdir())) < WORKERS:
        time.sleep(0.01)
    if number == 0:
        raise ValueError("a defect")
    time.sleep(600)
    return number, os.getpid()


def test_items_that_kill_their_process_are_named_and_the_others_share_a_few() -> None:
    results = list(run_in_workers(kill_some, range(ITEMS), lambda item: (item, KILLED), WORKERS))
    assert [item for item, _ in results] == [*range(ITEMS)]
    assert [item for item, process in results if process == KILLED] == [*KILLERS]
    assert len({process for _, process in results}) < 30


def test_a_worker_that_is_killed_from_outside_costs_nothing(tmp_path: Path) -> None:
    items = [(number, str(tmp_path / "killed")) for number in range(ITEMS)]
    results = list(run_in_workers(kill_once, items, lambda item: (item[0], KILLED), WORKERS))
    assert (tmp_path / "killed").exists()
    assert [item for item, _ in results] == [*range(ITEMS)]
    assert KILLED not in {process for _, process in results}


def test_an_error_ends_the_workers_in_the_midst_of_their_work(tmp_path: Path) -> None:
    items = [(number, str(tmp_path)) for number in range(ITEMS)]
    with pytest.raises(ValueError, match="a defect"):
        list(run_in_workers(wait_or_fail, items, lambda item: (item[0], KILLED), WORKERS))
    _all_end(tmp_path)


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "from tests.unit.flows.workspace.test_workers import *\n"
        "if __name__ == '__main__':\n"
        f"    items = [(number, {str(tmp_path)!r}) for number in range(1, ITEMS)]\n"
        "    list(run_in_workers(wait_or_fail, items, print, WORKERS))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    while len(list(tmp_path.iterdir())) < WORKERS:
        time.sleep(0.05)
        assert parent.poll() is None
    parent.kill()
    parent.wait()
    _all_end(tmp_path)


def _all_end(folder: Path) -> None:
    """Wait for the end of the processes that left their numbers in a folder."""
    processes = [int(file.name) for file in folder.iterdir()]
    until(lambda: not any(map(lives, processes)), "the end of the workers")
