from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from output.base.errors import Busy, UsageError
from output.base.records import RunReport
from output.base.serialize import as_dict
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus
from output.ledger.sql.leases import holder_name

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=59)
MUCH_LATER = NOW + timedelta(seconds=61)


def test_an_unfinished_run_goes_on_and_a_finished_one_does_not(ledger: Ledger) -> None:
    first, resumed = ledger.open_run("blog", now=NOW)
    assert not resumed
    assert ledger.open_run("blog", now=LATER) == (first, True)
    ledger.set_status(first, RunStatus.CRAWLED, LATER)
    assert ledger.open_run("blog", now=LATER) == (first, True)
    ledger.set_status(first, RunStatus.PUBLISHED, LATER)
    assert ledger.run(first).finished_at == LATER
    second, resumed = ledger.open_run("blog", now=LATER)
    assert not resumed
    assert first < second
    assert [run.run_id for run in ledger.runs("blog")] == [second, first]


def test_runs_of_one_second_and_of_two_sources_have_their_own_ids(ledger: Ledger) -> None:
    ids = []
    for source in ("blog", "blog", "gazette"):
        run_id, _ = ledger.open_run(source, now=NOW)
        ledger.set_status(run_id, RunStatus.FAILED, NOW)
        ids.append(run_id)
    assert len(set(ids)) == 3
    assert [run.run_id for run in ledger.runs("gazette")] == [ids[2]]
    assert len(ledger.runs(limit=2)) == 2


def test_a_run_comes_after_the_one_before_it_though_the_clock_was_set_back(ledger: Ledger) -> None:
    ids = []
    for days in (0, 3650, -3650, 0, 3651):
        run_id, _ = ledger.open_run("blog", now=NOW + timedelta(days=days))
        ledger.set_status(run_id, RunStatus.PUBLISHED, NOW)
        ids.append(run_id)
    assert ids == sorted(set(ids))
    assert [run.run_id for run in ledger.runs("blog")] == ids[::-1]
    ledger.set_status(ids[-1], RunStatus.PUBLISHED, NOW + timedelta(days=4000))
    next_id, _ = ledger.open_run("blog", now=NOW)
    assert ledger.run(next_id).started_at == NOW + timedelta(days=4000)
    assert ledger.open_run("gazette", now=NOW) == ("20260301T120000Z-gazette", False)


def test_a_named_run_is_begun_once_and_never_after_its_end(ledger: Ledger) -> None:
    assert ledger.open_run("blog", now=NOW, run_id="r1") == ("r1", False)
    assert ledger.open_run("blog", now=NOW, run_id="r1") == ("r1", True)
    with pytest.raises(UsageError, match="r1 of source blog"):
        ledger.open_run("gazette", now=NOW, run_id="r1")
    ledger.set_status("r1", RunStatus.HELD, NOW)
    with pytest.raises(UsageError, match="held"):
        ledger.open_run("blog", now=NOW, run_id="r1")
    with pytest.raises(UsageError, match="no run r2"):
        ledger.run("r2")


def test_reports_come_back_as_they_were_stored(ledger: Ledger) -> None:
    reports = []
    for minute in range(2):
        now = NOW + timedelta(minutes=minute)
        run_id, _ = ledger.open_run("blog", now=now)
        report = RunReport(
            run_id, "blog", "published", now.isoformat(), outcomes=(("published", 3), ("gone", 1))
        )
        ledger.set_status(run_id, RunStatus.PUBLISHED, now, json.dumps(as_dict(report)))
        reports.append(report)
    ledger.open_run("blog", now=NOW + timedelta(hours=1))
    assert ledger.reports() == reports


def test_a_source_is_leased_to_one_holder_until_it_lets_go(ledger: Ledger) -> None:
    ledger.lease("blog", "far:1", now=NOW)
    with pytest.raises(Busy, match=r"far:1 since 2026-03-01 12:00:00 UTC"):
        ledger.lease("blog", "near:2", now=LATER)
    ledger.lease("gazette", "near:2", now=LATER)
    ledger.release("blog", "near:2")
    with pytest.raises(Busy):
        ledger.lease("blog", "near:2", now=LATER)
    ledger.release("blog", "far:1")
    ledger.lease("blog", "near:2", now=LATER)


def test_a_lease_ends_without_a_sign_of_life_and_lasts_with_one(ledger: Ledger) -> None:
    ledger.lease("blog", "far:1", now=NOW)
    ledger.renew("blog", "far:1", now=LATER)
    with pytest.raises(Busy):
        ledger.lease("blog", "near:2", now=MUCH_LATER)
    ledger.lease("blog", "near:2", now=LATER + timedelta(seconds=60))
    with pytest.raises(Busy, match="near:2"):
        ledger.renew("blog", "far:1", now=MUCH_LATER)


def test_a_clock_set_back_does_not_keep_a_lease_for_ever(ledger: Ledger) -> None:
    ledger.lease("blog", "far:1", now=NOW + timedelta(days=400))
    ledger.lease("blog", "near:2", now=NOW)


def test_the_lease_of_a_dead_process_of_this_machine_ends_at_once(ledger: Ledger) -> None:
    host, pid = holder_name().rsplit(":", 1)
    ledger.lease("blog", f"{host}:{pid}", now=NOW)
    with pytest.raises(Busy):
        ledger.lease("blog", "far:1", now=NOW)
    ledger.release("blog", f"{host}:{pid}")
    no_process = 2**22 + 1  # above the largest id that Linux gives
    ledger.lease("blog", f"{host}:{no_process}", now=NOW)
    ledger.lease("blog", holder_name(), now=NOW)
