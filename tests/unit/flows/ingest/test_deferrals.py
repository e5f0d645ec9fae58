"""The hosts that a run left are named, with what they asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.ingest.deferrals import MAX_NAMED_HOSTS, deferrals
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import NO_ANSWER, RETRY_AFTER, TOO_LONG_DELAY, Scheduled, Settled


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "ledger.sqlite")
    made.open_run("laws", now=datetime.now(UTC), run_id="run")
    return made


def defer(ledger: Ledger, url: str, reason: str, detail: str) -> None:
    ledger.schedule("run", [Scheduled(url)])
    ledger.settle_many("run", [Settled(url, Outcome.DEFERRED, reason, detail)])


def test_each_host_is_named_with_what_it_asked_for(ledger: Ledger) -> None:
    assert deferrals(ledger, "run") == []
    for page in range(3):
        defer(ledger, f"https://a.example/{page}", TOO_LONG_DELAY, "Crawl-delay: 3600")
    defer(ledger, "https://b.example/", RETRY_AFTER, "2026-12-01T09:49:31+00:00")
    defer(ledger, "https://c.example/", NO_ANSWER, "3 requests in a row without an answer")
    assert [message.partition(":")[0] for message in deferrals(ledger, "run")] == [
        "3 URLs of a.example deferred to the next run (Crawl-delay",
        "1 URL of c.example deferred to the next run (3 requests in a row without an answer)",
        "1 URL of b.example deferred to the next run (2026-12-01T09",
    ]
    assert "max_delay" in deferrals(ledger, "run")[0]


def test_many_hosts_are_counted(ledger: Ledger) -> None:
    for host in range(MAX_NAMED_HOSTS + 2):
        defer(ledger, f"https://h{host}.example/", NO_ANSWER, "")
    messages = deferrals(ledger, "run")
    assert len(messages) == MAX_NAMED_HOSTS + 1
    assert messages[-1].startswith("2 more hosts")
