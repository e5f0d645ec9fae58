"""What a scheduled run ends in when a process dies, another holds its source, or the server goes away.

Minutes long, for leases and heartbeats take theirs: `make faults` runs it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus
from tests.e2e.prefect_rig import Rig, SlowSite, end, prefect_rig, start_server, start_serving
from tests.processes import children, lives, until

PAGES = 12

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc for processes"),
]


@pytest.fixture
def site() -> Iterator[SlowSite]:
    site = SlowSite(PAGES)
    yield site
    site.close()


@pytest.fixture
def rig(tmp_path: Path, site: SlowSite) -> Iterator[Rig]:
    with prefect_rig(tmp_path) as rig:
        site.declare(rig.sources, "gazette")
        site.declare(rig.sources, "greedy", least=50)
        start_serving(rig, "gazette", "greedy")
        yield rig


def test_a_killed_run_ends_as_crashed_and_the_next_goes_on(rig: Rig, site: SlowSite) -> None:
    site.delay = 4.0
    run = rig.start("gazette")
    until(lambda: site.pages_asked() >= 2, "the crawl")
    by_hand = _run_by_hand(rig)
    assert by_hand.returncode == 2
    assert "is being run by" in by_hand.stderr
    flow = rig.flow_process()
    (crawler,) = children(flow, "crawlers")
    os.kill(flow, signal.SIGKILL)
    assert rig.ended(run)["name"] == "Crashed"
    until(lambda: not lives(crawler), "the end of the crawler")
    until(lambda: [event for event in rig.told() if event["state"] == "Crashed"], "the notification")
    _goes_on(rig, site)


def test_a_machine_that_dies_leaves_no_run_as_running(rig: Rig, site: SlowSite) -> None:
    site.delay = 1.0
    run = rig.start("gazette")
    until(lambda: site.pages_asked() >= 2, "the crawl")
    flow = rig.flow_process()
    assert rig.serving is not None
    os.kill(rig.serving.pid, signal.SIGKILL)
    os.kill(flow, signal.SIGKILL)
    rig.serving.wait()
    state = rig.ended(run, seconds=120)
    assert state["type"] == "CRASHED"
    assert "no sign of life" in state["message"]
    start_serving(rig, "gazette", "greedy")
    _goes_on(rig, site)


def test_a_server_that_goes_and_comes_back_costs_no_page(rig: Rig, site: SlowSite) -> None:
    site.delay = 1.0
    run = rig.start("gazette")
    until(lambda: site.pages_asked() >= 2, "the crawl")
    end(rig.server, signal.SIGKILL)
    until(lambda: site.pages_asked() >= 6, "a crawl that needs no server")
    rig.server = start_server(rig.folder, int(rig.api.split(":")[2].partition("/")[0]))
    assert rig.ended(run, seconds=120)["type"] == "COMPLETED"
    assert site.pages_asked() == PAGES


def test_a_held_run_says_so_and_tells_the_operator(rig: Rig) -> None:
    state = rig.ended(rig.start("greedy"))
    assert (state["type"], state["name"]) == ("FAILED", "HeldBack")
    assert "fewer than the 50 expected" in state["message"]
    until(lambda: [event for event in rig.told() if event["state"] == "HeldBack"], "the notification")


def _goes_on(rig: Rig, site: SlowSite) -> None:
    """The next run takes up the one that died, when the slot of its host is free again."""
    ledger = Ledger(rig.data / "ledger.sqlite")
    (died,) = ledger.runs("gazette")
    assert died.status is RunStatus.CRAWLING
    site.delay = 0.0
    assert rig.ended(rig.start("gazette"), seconds=150)["name"] == "Completed"
    (finished,) = ledger.runs("gazette")
    assert (finished.run_id, finished.status) == (died.run_id, RunStatus.PUBLISHED)
    assert len(ledger.document_versions("gazette")) == PAGES


def _run_by_hand(rig: Rig) -> subprocess.CompletedProcess[str]:
    source = str(rig.sources / "gazette.toml")
    command = [sys.executable, "-m", "flows.cli", "--data", str(rig.data), "run", source]
    return subprocess.run(
        command, env=rig.environment, capture_output=True, text=True, timeout=60, check=False
    )
