"""What was cut from links as a session id is said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crawlers.discovery import IndexSummary
from flows.ingest.sessions import cut_sessions
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import Scheduled


def test_what_was_cut_is_named_over_all_indexes(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.open_run("laws", now=datetime.now(UTC), run_id="run")
    assert cut_sessions(ledger, "run") == []
    for url, sessions in (("a", {"sid": 2}), ("b", {"sid": 3, "phpsessid": 1}), ("c", {})):
        ledger.schedule("run", [Scheduled(url, "index")])
        summary = IndexSummary("listing", 9, sessions=sessions)
        ledger.settle("run", url, Outcome.INDEX, "", summary.to_json())
    (message,) = cut_sessions(ledger, "run")
    assert message.endswith("sid (5), phpsessid (1)")
