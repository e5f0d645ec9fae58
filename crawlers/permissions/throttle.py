"""How fast a host is asked: AutoThrottle above the source's delay, robots.txt's crawl-delay, Retry-After."""

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

# A site that asks for more patience than this is left for the next run.
MAX_RETRY_AFTER = 120.0


class HostThrottle(AutoThrottle):
    """AutoThrottle with a floor a host, and pauses."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._floors: dict[str, float] = {}

    def floor(self, host: str, delay: float) -> None:
        """Ask a host no faster than once in `delay` seconds, and one request at a time."""
        self._floors[host] = delay
        downloader = self.crawler.engine.downloader
        # What Scrapy opens a host's slot with, after it has closed one that was idle.
        downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1}
        if slot := downloader.slots.get(host):
            slot.delay = max(slot.delay, delay)
            slot.concurrency = 1

    def pause(self, host: str, seconds: float) -> None:
        """Ask a host nothing for so long."""
        if slot := self.crawler.engine.downloader.slots.get(host):
            slot.delay = max(slot.delay, 0.01)
            slot.lastseen = monotonic() + seconds - slot.delay

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        host, slot = self._get_slot(request, spider)
        if slot is not None:
            slot.delay = max(slot.delay, self._floors.get(host or "", 0.0))


class PatientRetry(RetryMiddleware):
    """Scrapy's retry, which waits as long as Retry-After asks, or gives up where that is too long."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making a middleware."""
        made: Self = super().from_crawler(crawler)
        return made

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002
    ) -> Request | Response:
        """Retry what may pass; a host that names a time is left alone until then."""
        seconds = retry_after(response)
        if seconds > MAX_RETRY_AFTER:
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
        """Retry what may pass; headers without an end are not asked for again."""
        if is_headers_too_large(exception):
            return None
        result: Request | Response | None = super().process_exception(request, exception)
        return result


def retry_after(response: Response) -> float:
    """The seconds that a 429 or 503 asks to wait (RFC 9110, 10.2.3); 0 where it asks for none."""
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
