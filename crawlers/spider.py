"""The spider: requests from the frontier, responses and failures to the recorder."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.http import Response

from crawlers.discovery import max_index_bytes
from crawlers.frontier.frontier import Frontier
from crawlers.net.download import header_pairs
from crawlers.outcomes import of_failure
from crawlers.permissions.hosts import Hosts
from crawlers.permissions.throttle import throttle_of
from crawlers.recorder import ReceivedResponse, Recorder
from output.ledger.ledger import Ledger
from output.ledger.records import Known, Scheduled

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

Progress = Callable[[int, int, str], None]
Tell = Callable[[str], None]

# A page waits no longer for others to be committed with it.
COMMIT_SECONDS = 0.5


class SourceSpider(Spider):
    """The spider of one source. `stopped_by` is the error that stopped the crawl early, or None.

    Scrapy logs an error in a callback and goes on. Here an error stops the crawl, as it might lose a page.
    """

    name = "source"

    def __init__(
        self,
        source_id: str,
        ledger: Ledger,
        frontier: Frontier,
        recorder: Recorder,
        progress: Progress,
        tell: Tell,
    ) -> None:
        super().__init__()
        self.stopped_by: Exception | None = None
        self._source_id = source_id
        self._ledger = ledger
        self._frontier = frontier
        self._recorder = recorder
        self._progress = progress
        self._tell = tell
        self._commit_timer: asyncio.TimerHandle | None = None
        self._wake_timer: asyncio.TimerHandle | None = None
        # Requests that come again, by URL: they keep what Scrapy noted about their retries.
        self._returned: dict[str, Request] = {}

    @property
    def hosts(self) -> Hosts:
        """The hosts of the crawl, for the throttle."""
        return self._frontier.hosts

    def has_next_request(self) -> bool:
        """Whether the frontier has any URL left."""
        return bool(self._or_stop(self._frontier.has_next))

    def next_request(self) -> Request | None:
        """Return a request for the next URL; None while every host is busy, and after a stop."""
        return self._or_stop(self._next_request)

    def take_back(self, request: Request) -> None:
        """Give a request back to the frontier: it is retried, or its host may not be asked yet."""
        self._or_stop(lambda: self._take_back(request))

    def on_response(self, response: Response, scheduled: Scheduled, known: Known | None) -> Request | None:
        """Record a response of any status; returns a request where the URL must be requested again.

        This is not a generator: Scrapy parses the source of each generator callback anew at every call, which
        takes half of the time of a page.
        """
        received = _received(response)
        is_recorded = self._or_stop(lambda: self._recorder.record(scheduled, received, known))
        if is_recorded is False:
            return self._request(scheduled, None)
        if is_recorded:
            self._or_stop(lambda: self._finish(scheduled, f"HTTP {received.status}"))
        return None

    def on_failure(self, failure: Any) -> None:
        """Record why there is no usable response: a Failure, to which Scrapy adds its request."""
        scheduled: Scheduled = failure.request.cb_kwargs["scheduled"]
        settled = of_failure(scheduled.url, failure.value)
        self._or_stop(lambda: self._recorder.record_failure(scheduled, settled))
        message = f"{settled.outcome}: {settled.reason}: {settled.detail}"
        self._or_stop(lambda: self._finish(scheduled, message))

    def _next_request(self) -> Request | None:
        scheduled = self._frontier.next(throttle_of(self.crawler).due_at)
        if scheduled is None:
            self._wake_at(self._frontier.due_at)
            return None
        if returned := self._returned.pop(scheduled.url, None):
            return returned
        return self._request(scheduled, self._ledger.known(self._source_id, scheduled.url))

    def _take_back(self, request: Request) -> None:
        scheduled: Scheduled = request.cb_kwargs["scheduled"]
        self._returned[scheduled.url] = request
        if "retry_times" in request.meta:
            self._frontier.retry(scheduled)
        else:
            self._frontier.put_back(scheduled)

    def _wake_at(self, due_at: float) -> None:
        """Have Scrapy ask for a request when the next host is due; it asks by itself only after responses."""
        if self._wake_timer is not None:
            self._wake_timer.cancel()
            self._wake_timer = None
        if due_at < math.inf:
            engine: Any = self.crawler.engine
            seconds = max(0.0, due_at - monotonic())
            loop = asyncio.get_running_loop()
            self._wake_timer = loop.call_later(seconds, engine._slot.nextcall.schedule)

    def _request(self, scheduled: Scheduled, known: Known | None) -> Request:
        """Return a request, conditional on the known body if there is one (RFC 9110, 13.1)."""
        conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified} if known else {}
        max_bytes = max_index_bytes(scheduled.hint) if scheduled.kind == "index" else None
        return Request(
            scheduled.url,
            headers={name: value for name, value in conditions.items() if value},
            callback=self.on_response,
            errback=self.on_failure,
            cb_kwargs={"scheduled": scheduled, "known": known},
            meta={"download_maxsize": max_bytes} if max_bytes else None,
            dont_filter=True,
        )

    def _finish(self, scheduled: Scheduled, message: str) -> None:
        """Free a URL's host for the next request, log and show what happened, and see to the commit."""
        self._frontier.request_done(scheduled)
        if self._recorder.has_uncommitted and self._commit_timer is None:
            loop = asyncio.get_running_loop()
            self._commit_timer = loop.call_later(COMMIT_SECONDS, self._commit)
        logger.info("%s %s: %s", scheduled.kind, scheduled.url, message)
        self._progress(self._frontier.scheduled, self._frontier.done, scheduled.url)
        for news in self._frontier.forecast.news():
            logger.warning(news)
            self._tell(news)

    def _commit(self) -> None:
        self._commit_timer = None
        self._or_stop(self._recorder.commit)

    def _or_stop(self, step: Callable[[], Result]) -> Result | None:
        """Run a step and return its result, unless the crawl has stopped; an error in it stops the crawl."""
        if self.stopped_by is not None:
            return None
        try:
            return step()
        except Exception as error:
            logger.exception("the crawl stops")
            self.stopped_by = error
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="stopped"))
            return None


def _received(response: Response) -> ReceivedResponse:
    return ReceivedResponse(
        status=response.status,
        request_headers=header_pairs(response.request.headers) if response.request else (),
        headers=header_pairs(response.headers),
        body=response.body,
        fetched_at=datetime.now(UTC),
        ip=str(response.ip_address or ""),
    )
