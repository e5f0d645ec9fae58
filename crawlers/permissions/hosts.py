"""The hosts of one crawl: the crawl-delays that they ask for, and which of them are left for this run.

A host is left where it would keep the crawl waiting too long: by its Crawl-delay, by Retry-After, or because
it does not answer. Its URLs end as `deferred`, and the next run takes them.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from crawlers.permissions.refusal import Refused
from output.base.records import Outcome
from output.ledger.records import NO_ANSWER, RETRY_AFTER, TOO_LONG_DELAY

logger = logging.getLogger(__name__)

# A host is left once its requests have failed for so long, at least so often, without an answer in between:
# with requests that time out after a minute, after the third.
MAX_SILENCE_SECONDS = 120.0
MIN_UNANSWERED_REQUESTS = 3
# Retry-After counts up to this: a longer one names no day that a calendar has.
_MAX_PAUSE = timedelta(days=100 * 365)


@dataclass(frozen=True, slots=True)
class Deferral:
    """Why a host is left for this run: the reason and the detail of the outcome of its URLs."""

    reason: str
    detail: str

    @property
    def is_over(self) -> bool:
        """Whether a later run may ask the host: a Retry-After holds over all runs, until its time."""
        return self.reason != RETRY_AFTER or datetime.fromisoformat(self.detail) <= datetime.now(UTC)

    def refusal(self) -> Refused:
        """Return the exception that ends a request to the host."""
        return Refused(Outcome.DEFERRED, self.reason, self.detail)


class Hosts:
    """What each host asks for. `max_wait` is how many seconds one may keep the crawl waiting."""

    def __init__(self, max_wait: float) -> None:
        self.max_wait = max_wait
        self.left: dict[str, Deferral] = {}
        self.crawl_delays: dict[str, float] = {}
        self._waiting_since: dict[str, float] = {}
        self._unanswered: dict[str, tuple[float, int]] = {}

    def leave(self, host: str, deferral: Deferral) -> None:
        """Leave a host for this run; the first reason counts."""
        if host not in self.left:
            logger.warning("%s is left for this run: %s: %s", host, deferral.reason, deferral.detail)
            self.left[host] = deferral

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Note the crawl-delay of a host, which is left where that is longer than the crawl waits."""
        if seconds > self.max_wait:
            detail = f"Crawl-delay: {seconds:.15g}"
            self.leave(host, Deferral(TOO_LONG_DELAY, detail))
        else:
            self.crawl_delays[host] = max(seconds, self.crawl_delays.get(host, 0.0))

    def asked_to_wait(self, host: str, seconds: float) -> None:
        """Note a Retry-After: the host is left where this one, or several in a row, would take too long."""
        now = monotonic()
        since = self._waiting_since.setdefault(host, now)
        if seconds > self.max_wait - (now - since):
            pause = min(timedelta(seconds=math.ceil(seconds)), _MAX_PAUSE)
            until = (datetime.now(UTC) + pause).isoformat(timespec="seconds")
            self.leave(host, Deferral(RETRY_AFTER, until))

    def did_not_answer(self, host: str) -> None:
        """Note a request without an answer: the host is left after some in a row, and some time."""
        now = monotonic()
        since, count = self._unanswered.get(host, (now, 0))
        self._unanswered[host] = since, count + 1
        if count + 1 >= MIN_UNANSWERED_REQUESTS and now - since >= MAX_SILENCE_SECONDS:
            detail = f"{count + 1} requests in a row without an answer"
            self.leave(host, Deferral(NO_ANSWER, detail))

    def answered(self, host: str) -> None:
        """Note an answer that asks for no pause."""
        self._waiting_since.pop(host, None)
        self._unanswered.pop(host, None)
