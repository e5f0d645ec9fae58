"""The message about session ids: which parameters of links a run took for them and cut."""

from __future__ import annotations

from collections import Counter

from crawlers.discovery import IndexSummary
from output.base.records import Outcome
from output.ledger.ledger import Ledger


def cut_sessions(ledger: Ledger, run_id: str) -> list[str]:
    """Return a message with the names of session ids that were cut from links, each with how often; or []."""
    cut: Counter[str] = Counter()
    for visit in ledger.visits(run_id, Outcome.INDEX):
        if summary := IndexSummary.from_json(visit.detail):
            cut.update(summary.sessions)
    if not cut:
        return []
    names = ", ".join(f"{name} ({count})" for name, count in cut.most_common())
    return [f"session ids were cut from links, which are asked without them: {names}"]
