"""Scheduled runs for real: a Prefect server, `tamis serve`, a crawler, a site, all on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from output.dataset.dataset import Dataset
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus
from tests.e2e.prefect_rig import Rig, SlowSite, prefect_rig, start_serving
from tests.processes import children, lives, until

PAGES = 12

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc for processes"),
]


@pytest.fixture(scope="module")
def quick() -> Iterator[SlowSite]:
    site = SlowSite(2)
    yield site
    site.close()


@pytest.fixture(scope="module")
def slow() -> Iterator[SlowSite]:
    site = SlowSite(PAGES)
    yield site
    site.close()


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, quick: SlowSite, slow: SlowSite) -> Iterator[Rig]:
    with prefect_rig(tmp_path_factory.mktemp("prefect")) as rig:
        quick.declare(rig.sources, "quick")
        slow.declare(rig.sources, "slow")
        start_serving(rig, "quick", "slow")
        yield rig


def test_two_ticks_of_a_schedule_each_publish(rig: Rig) -> None:
    schedule = {"active": True, "schedule": {"interval": 4}}
    deployment = rig.deployment("quick")
    (made,) = rig.ask(f"/deployments/{deployment}/schedules", [schedule])
    completed = {
        "flow_runs": {"deployment_id": {"any_": [deployment]}, "state": {"type": {"any_": ["COMPLETED"]}}}
    }
    runs = until(lambda: len(r := rig.ask("/flow_runs/filter", completed)) >= 2 and r, "two ticks", 90)
    rig.ask(f"/deployments/{deployment}/schedules/{made['id']}", method="DELETE")
    assert all(run["auto_scheduled"] for run in runs)
    assert {run["name"] for run in runs} == {"ingest quick"}
    reports = [report for report in Dataset(rig.data / "dataset").runs() if report.source_id == "quick"]
    assert reports[0].new == 2
    assert all(report.documents == 0 for report in reports[1:])
    kinds = {artifact["key"]: artifact["type"] for artifact in rig.ask("/artifacts/filter", {})}
    assert kinds["progress-quick"] == "progress"
    assert kinds["outcomes-quick"] == "table"
    assert kinds["report-quick"] == "markdown"
    made_assets = {"filter": {"event": {"prefix": ["prefect.asset.materialization.succeeded"]}}}
    until(lambda: rig.ask("/events/filter", made_assets)["events"], "the dataset as an asset")
    limits = rig.ask("/v2/concurrency_limits/filter", {})
    assert {limit["limit"] for limit in limits if limit["name"].startswith("host:127.0.0.1")} == {1}
    assert not list((rig.folder / "prefect").glob("storage/*")), "Prefect keeps results, as pickles"


def test_cancel_stops_the_crawler_and_keeps_its_state(rig: Rig, slow: SlowSite) -> None:
    slow.delay = 3.0
    run = rig.start("slow")
    until(lambda: slow.pages_asked() >= 2, "the crawl")
    (crawler,) = children(rig.flow_process(), "crawlers")

    second = rig.start("slow")
    assert rig.ended(second)["name"] == "Cancelled", "a run that overlaps another of its source"

    rig.ask(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}})
    assert rig.ended(run)["name"] == "Cancelled"
    until(lambda: not lives(crawler), "the end of the crawler")
    ledger = Ledger(rig.data / "ledger.sqlite")
    (stopped,) = ledger.runs("slow")
    assert stopped.status is RunStatus.CRAWLING
    assert ledger.waiting(stopped.run_id)
