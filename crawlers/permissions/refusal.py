"""The exceptions by which a request ends before it is sent: it must not be, or not yet."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest

from output.base.records import Outcome


class Refused(IgnoreRequest):
    """A URL must not be requested; carries the outcome, the reason and the detail for the ledger."""

    def __init__(self, outcome: Outcome, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.outcome = outcome
        self.reason = reason
        self.detail = detail


class Postponed(IgnoreRequest):
    """A URL must not be requested yet: its host asked for a pause that has just begun."""
