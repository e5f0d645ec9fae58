"""The request rate of each host: AutoThrottle, the source's delay, robots.txt's crawl-delay, Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from crawlers.net.download import is_headers_too_large

# A longer Retry-After is not waited for: the URL fails, and the next run asks again.
MAX_RETRY_AFTER_SECONDS = 120.0
# Scrapy looks at the time of a slot's last request only where the slot has a delay.
_LEAST_SLOT_DELAY = 0.01


class HostThrottle(AutoThrottle):
    """AutoThrottle that also keeps each host's crawl-delay, and can pause a host."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawl_delays: dict[str, float] = {}

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Leave at least `seconds` between two requests to a host, and send one request at a time.

        The source's own delay holds where it is longer, and so does an earlier crawl-delay of the host.
        """
        delay = max(seconds, self._min_delay(), self._crawl_delays.get(host, 0.0))
        self._crawl_delays[host] = delay
        downloader = self.crawler.engine.downloader
        # For the slots that Scrapy opens later: it closes idle ones.
        downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1}
        if slot := downloader.slots.get(host):
            slot.delay = max(slot.delay, delay)
            slot.concurrency = 1

    def pause(self, host: str, seconds: float) -> None:
        """Send a host no request for so many seconds."""
        if slot := self.crawler.engine.downloader.slots.get(host):
            slot.delay = max(slot.delay, _LEAST_SLOT_DELAY)
            slot.lastseen = monotonic() + seconds - slot.delay

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        host, slot = self._get_slot(request, spider)
        if slot is not None:
            slot.delay = max(slot.delay, self._crawl_delays.get(host or "", 0.0))


class PatientRetry(RetryMiddleware):
    """Scrapy's retry that waits as long as Retry-After says, and does not retry where that is too long."""

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
        """Retry a temporary failure, and pause the host as long as its Retry-After says."""
        seconds = retry_after(response)
        if seconds > MAX_RETRY_AFTER_SECONDS:
            return response
        result: Request | Response = super().process_response(request, response)
        throttle = self.crawler.get_extension(HostThrottle)
        if seconds and throttle and isinstance(result, Request):
            throttle.pause(request.meta.get("download_slot", ""), seconds)
        return result

    def process_exception(
        self,
        request: Request,
        exception: Exception,
        spider: Spider | None = None,  # noqa: ARG002
    ) -> Request | Response | None:
        """Retry a temporary failure; headers without an end are not requested again."""
        if is_headers_too_large(exception):
            return None
        result: Request | Response | None = super().process_exception(request, exception)
        return result


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
