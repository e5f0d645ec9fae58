from __future__ import annotations

from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import Fetched, Settled


def arrived(
    ledger: Ledger, run_id: str, fetched: Fetched, outcome: Outcome = Outcome.PENDING, reason: str = ""
) -> None:
    """Commit one record, and what became of its URL."""
    ledger.fetched(run_id, [(fetched, Settled(fetched.url, outcome, reason))])
