"""Requests of a probe, within bounds, each URL once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from crawlers.discovery import Answer
from crawlers.probe.findings import RequestLog
from output.ledger.records import Settled

# With robots.txt and tdmrep.json of two hosts, at most forty requests.
MAX_REQUESTS = 34


# For all ways; what is fetched to be cleaned comes after that, and has its own share of both.
MAX_SECONDS = 120.0


SAMPLES = 3


Ask = Callable[[str], Awaitable[Answer | Settled]]


class Spent(Exception):
    """The requests or the seconds that the ways may cost are used up."""


class Stopped(Exception):
    """Nothing more is to be asked of this site; carries the reason and the detail."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class Asker:
    """Asks within bounds, once each URL, and keeps how every request ended."""

    ask: Ask
    requests: int = MAX_REQUESTS - SAMPLES
    seconds: float = MAX_SECONDS
    asked: list[RequestLog] = field(default_factory=list)
    began: float = field(default_factory=monotonic)
    _answers: dict[str, Answer | Settled] = field(default_factory=dict)

    async def __call__(self, url: str) -> Answer | Settled:
        """The answer, or how there was none. Raises Spent."""
        if url in self._answers:
            return self._answers[url]
        if len(self.asked) >= self.requests:
            raise Spent(f"after {self.requests} requests")
        if monotonic() - self.began > self.seconds:
            raise Spent(f"after {self.seconds:.0f} seconds")
        answer = self._answers[url] = await self.ask(url)
        if isinstance(answer, Settled):
            ended = f"{answer.outcome}: {answer.reason}" if answer.reason else str(answer.outcome)
            self.asked.append(RequestLog(url=url, ended=ended, detail=answer.detail[:300]))
        else:
            self.asked.append(RequestLog(url=url, ended=str(answer.status)))
        return answer

    async def page(self, url: str) -> Answer | None:
        """The answer where it came with 200. Raises Spent."""
        answer = await self(url)
        return answer if isinstance(answer, Answer) and answer.status == 200 else None

    def allow(self, requests: int, seconds: float) -> None:
        """Let so many more requests pass, within so many seconds from now."""
        self.requests = len(self.asked) + requests
        self.seconds = monotonic() - self.began + seconds
