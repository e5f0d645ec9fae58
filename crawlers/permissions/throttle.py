"""The request rate of each host: AutoThrottle, the source's delay, robots.txt's crawl-delay, Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.net.download import is_headers_too_large
from crawlers.permissions.hosts import Hosts
from crawlers.permissions.refusal import Postponed, Refused

# A request is handed to Scrapy so many seconds before its host may be sent it, and not earlier: it would take
# the place of a request to another host.
AHEAD_SECONDS = 0.1
# Scrapy looks at the time of a slot's last request only where the slot has a delay.
_LEAST_SLOT_DELAY = 0.01


class HostThrottle(AutoThrottle):
    """AutoThrottle that also keeps each host's crawl-delay, can pause a host, and can leave it.

    The spider's `hosts` know which host is left.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._paused_until: dict[str, float] = {}

    @property
    def hosts(self) -> Hosts:
        """The hosts of the crawl."""
        spider: Any = self.crawler.spider
        hosts: Hosts = spider.hosts
        return hosts

    def due_at(self, host: str, handed_out: int = 0) -> float:
        """Return when a host may be sent its next request, on the monotonic clock; 0 for a new host.

        Of the requests `handed_out` to Scrapy, those that are not sent yet go first.
        """
        slot = self._slot(host)
        if slot is None:
            return 0.0
        unsent = max(0, handed_out - len(slot.transferring))
        return slot.lastseen + slot.delay * (1 + unsent)

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Leave at least `seconds` between two requests to a host, and send one request at a time.

        The source's own delay holds where it is longer, and so does an earlier crawl-delay of the host. A
        host whose crawl-delay is too long is left.
        """
        self.hosts.set_crawl_delay(host, seconds)
        if host in self.hosts.left:
            return
        delay = max(self.hosts.crawl_delays[host], self._min_delay())
        # For the slots that Scrapy opens later: it closes idle ones.
        self.crawler.engine.downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1}
        if slot := self._slot(host):
            slot.delay = max(slot.delay, delay)
            slot.concurrency = 1

    def pause(self, host: str, seconds: float) -> None:
        """Send a host no request for so many seconds; the host is left where that is too long."""
        self.hosts.asked_to_wait(host, seconds)
        slot = self._slot(host)
        if slot is None:
            return
        slot.delay = max(slot.delay, _LEAST_SLOT_DELAY)
        self._paused_until[host] = max(monotonic() + seconds, self._paused_until.get(host, 0.0))
        self._keep_pause(host, slot)
        self._turn_away(host, slot)

    def _keep_pause(self, host: str, slot: Slot) -> None:
        """Have Scrapy, which only knows delays, wait until the end of a host's pause."""
        slot.lastseen = max(slot.lastseen, self._paused_until.get(host, 0.0) - slot.delay)

    def _turn_away(self, host: str, slot: Slot) -> None:
        """End the requests that are about to be sent to a paused host, which would hold up others."""
        deferral = self.hosts.left.get(host)
        kept = [pair for pair in slot.queue if not is_from_frontier(pair[0])]
        turned_away = [pair for pair in slot.queue if is_from_frontier(pair[0])]
        slot.queue.clear()
        slot.queue.extend(kept)
        for _, response in turned_away:
            failure: Any = Failure
            response.errback(failure(deferral.refusal() if deferral else Postponed()))

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        host, slot = self._get_slot(request, spider)
        if host is None or slot is None:
            return
        slot.delay = max(slot.delay, self.hosts.crawl_delays.get(host, 0.0))
        self._keep_pause(host, slot)
        # Here and not where it is retried: Scrapy sends the host's next request in between.
        if seconds := retry_after(response):
            self.pause(host, seconds)

    def _slot(self, host: str) -> Slot | None:
        slot: Slot | None = self.crawler.engine.downloader.slots.get(host)
        return slot


class PatientRetry(RetryMiddleware):
    """Scrapy's retry that waits as long as Retry-After says, and leaves a host that asks for too long."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware, as Scrapy does."""
        middleware: Self = super().from_crawler(crawler)
        return middleware

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002
    ) -> Request | Response:
        """Retry a temporary failure; the throttle has paused the host as long as its Retry-After says.

        Raises Refused where the host is left because of that, and Postponed where a file of the site must be
        asked for again after the pause.
        """
        hosts = throttle_of(self.crawler).hosts
        host = request.meta.get("download_slot", "")
        asks_to_wait = retry_after(response) > 0
        if asks_to_wait and (deferral := hosts.left.get(host)):
            raise deferral.refusal()
        # A site that gives its robots.txt and then asks for a pause, again and again, has answered nothing.
        if not asks_to_wait and is_from_frontier(request):
            hosts.answered(host)
        result: Request | Response = super().process_response(request, response)
        if asks_to_wait and isinstance(result, Request) and not is_from_frontier(request):
            raise Postponed
        return result

    def process_exception(
        self,
        request: Request,
        exception: Exception,
        spider: Spider | None = None,  # noqa: ARG002
    ) -> Request | Response | None:
        """Retry a temporary failure; headers without an end are not requested again.

        A request that came to a paused host goes back to the frontier.
        """
        if isinstance(exception, Postponed) and is_from_frontier(request):
            return request
        if isinstance(exception, Refused | Postponed) or is_headers_too_large(exception):
            return None
        hosts = throttle_of(self.crawler).hosts
        host = request.meta.get("download_slot", "")
        # A site whose files do not come is closed anyway.
        if isinstance(exception, self.exceptions_to_retry) and is_from_frontier(request):
            hosts.did_not_answer(host)
            if host in hosts.left:
                return None
        result: Request | Response | None = super().process_exception(request, exception)
        return result


def throttle_of(crawler: Crawler) -> HostThrottle:
    """Return the throttle of a crawl."""
    throttle = crawler.get_extension(HostThrottle)
    assert throttle is not None  # noqa: S101 - our settings enable it
    return throttle


def is_from_frontier(request: Request) -> bool:
    """Whether a request is for a URL of the frontier, and neither for a file of a site nor of a probe."""
    return "scheduled" in request.cb_kwargs


def retry_after(response: Response) -> float:
    """Return the seconds that a 429 or 503 asks to wait (RFC 9110, 10.2.3); 0 where it does not ask."""
    if response.status not in (429, 503):
        return 0.0
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
