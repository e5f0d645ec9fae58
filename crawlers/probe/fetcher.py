"""The requests of a probe: each URL once, within a budget of requests and seconds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from crawlers.discovery import FetchedPage
from crawlers.probe.findings import RequestLog
from output.base.wording import counted
from output.ledger.records import Settled

# With robots.txt and tdmrep.json of two hosts, at most forty requests.
MAX_REQUESTS = 34
# For all discovery methods; the sample pages are fetched afterwards, with a budget of their own.
MAX_SECONDS = 120.0
# Pages that are fetched to be cleaned.
MAX_SAMPLES = 3

_MAX_DETAIL_CHARACTERS = 300

Fetch = Callable[[str], Awaitable[FetchedPage | Settled]]


class SurveyStopped(Exception):
    """The site must not be requested any more; carries the reason and the detail."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class BudgetSpent(SurveyStopped):
    """The requests or the seconds of the budget are used up."""

    def __init__(self, detail: str) -> None:
        super().__init__("spent", detail)


@dataclass(slots=True)
class ProbeFetcher:
    """Fetches each URL once, within a budget, and logs how every request ended."""

    fetch: Fetch
    max_requests: int = MAX_REQUESTS - MAX_SAMPLES
    max_seconds: float = MAX_SECONDS
    log: list[RequestLog] = field(default_factory=list)
    started_at: float = field(default_factory=monotonic)
    _responses: dict[str, FetchedPage | Settled] = field(default_factory=dict)

    async def __call__(self, url: str) -> FetchedPage | Settled:
        """Return the response of a URL, or the outcome where there is none. Raises BudgetSpent."""
        if url in self._responses:
            return self._responses[url]
        if len(self.log) >= self.max_requests:
            raise BudgetSpent(f"after {counted(self.max_requests, 'request')}")
        if self.seconds > self.max_seconds:
            raise BudgetSpent(f"after {self.max_seconds:.0f} seconds")
        response = self._responses[url] = await self.fetch(url)
        self.log.append(_log_entry(url, response))
        return response

    async def page(self, url: str) -> FetchedPage | None:
        """Return the response of a URL where its status is 200, else None. Raises BudgetSpent."""
        response = await self(url)
        return response if isinstance(response, FetchedPage) and response.status == 200 else None

    @property
    def seconds(self) -> float:
        """The seconds since the first request could be sent."""
        return monotonic() - self.started_at

    def extend(self, requests: int, seconds: float) -> None:
        """Allow so many more requests, within so many seconds from now."""
        self.max_requests = len(self.log) + requests
        self.max_seconds = self.seconds + seconds


def _log_entry(url: str, response: FetchedPage | Settled) -> RequestLog:
    if isinstance(response, FetchedPage):
        return RequestLog(url=url, ended=str(response.status))
    ended = f"{response.outcome}: {response.reason}" if response.reason else str(response.outcome)
    return RequestLog(url=url, ended=ended, detail=response.detail[:_MAX_DETAIL_CHARACTERS])
