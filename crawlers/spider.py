"""The spider: what Scrapy asks for and brings, between the frontier and the recorder."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.http import Headers, Response

from crawlers.frontier.frontier import Frontier
from crawlers.outcomes import of_failure
from crawlers.recorder import Received, Recorder
from output.ledger.ledger import Ledger
from output.ledger.records import Known, Scheduled

logger = logging.getLogger(__name__)

T = TypeVar("T")

Progress = Callable[[int, int, str], None]

# What has come waits no longer for others to be committed with.
COMMIT_SECONDS = 0.5


class SourceSpider(Spider):
    """Crawls one source. `stopped_by` is the error that ended the crawl before its end, if one did.

    Scrapy logs what a callback raises and goes on; here, what could lose a page stops the crawl.
    """

    name = "source"

    def __init__(
        self, source_id: str, ledger: Ledger, frontier: Frontier, recorder: Recorder, progress: Progress
    ) -> None:
        super().__init__()
        self.stopped_by: Exception | None = None
        self._source_id = source_id
        self._ledger = ledger
        self._frontier = frontier
        self._recorder = recorder
        self._progress = progress
        self._commit: asyncio.TimerHandle | None = None

    def has_next_request(self) -> bool:
        """Whether the ledger has anything left to ask."""
        return bool(self._or_stop(self._frontier.has_next))

    def next_request(self) -> Request | None:
        """A request for the next URL that waits; None while every host is busy, and after a stop."""
        return self._or_stop(self._next_request)

    def answered(self, response: Response, scheduled: Scheduled, known: Known | None) -> Request | None:
        """A response came, whatever its status. Gives the request for what must be asked again.

        No generator: of each of these Scrapy parses the source anew, for half of what a page costs.
        """
        received = _received(response)
        is_kept = self._or_stop(lambda: self._recorder.received(scheduled, received, known))
        if is_kept is False:
            return self._request(scheduled, None)
        if is_kept:
            self._or_stop(lambda: self._done_with(scheduled, f"HTTP {received.status}"))
        return None

    def failed(self, failure: Any) -> None:
        """No response came, or none that can be taken: a Failure, to which Scrapy adds its request."""
        scheduled: Scheduled = failure.request.cb_kwargs["scheduled"]
        settled = of_failure(scheduled.url, failure.value)
        self._or_stop(lambda: self._recorder.missed(scheduled, settled))
        self._or_stop(
            lambda: self._done_with(scheduled, f"{settled.outcome}: {settled.reason}: {settled.detail}")
        )

    def _next_request(self) -> Request | None:
        scheduled = self._frontier.next()
        if scheduled is None:
            return None
        return self._request(scheduled, self._ledger.known(self._source_id, scheduled.url))

    def _request(self, scheduled: Scheduled, known: Known | None) -> Request:
        """A request, conditional on the body that is known (RFC 9110, 13.1)."""
        conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified} if known else {}
        return Request(
            scheduled.url,
            headers={name: value for name, value in conditions.items() if value},
            callback=self.answered,
            errback=self.failed,
            cb_kwargs={"scheduled": scheduled, "known": known},
            dont_filter=True,
        )

    def _commit_now(self) -> None:
        self._commit = None
        self._or_stop(self._recorder.commit)

    def _done_with(self, scheduled: Scheduled, what: str) -> None:
        self._frontier.answered(scheduled)
        if self._recorder.has_uncommitted and self._commit is None:
            self._commit = asyncio.get_running_loop().call_later(COMMIT_SECONDS, self._commit_now)
        logger.info("%s %s: %s", scheduled.kind, scheduled.url, what)
        self._progress(self._frontier.scheduled, self._frontier.done, scheduled.url)

    def _or_stop(self, step: Callable[[], T]) -> T | None:
        """Take a step, unless the crawl is stopped; an error stops it."""
        if self.stopped_by is not None:
            return None
        try:
            return step()
        except Exception as error:
            logger.exception("the crawl stops")
            self.stopped_by = error
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="stopped"))
            return None


def _received(response: Response) -> Received:
    return Received(
        status=response.status,
        request_headers=_pairs(response.request.headers) if response.request else (),
        headers=_pairs(response.headers),
        body=response.body,
        fetched_at=datetime.now(UTC),
        ip=str(response.ip_address or ""),
    )


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )
