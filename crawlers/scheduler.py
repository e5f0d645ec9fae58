"""Scrapy's scheduler on top of the ledger's frontier, without queues of its own."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

if TYPE_CHECKING:
    from crawlers.spider import SourceSpider


class LedgerScheduler(BaseScheduler):
    """A scheduler that takes requests from the spider's frontier, and keeps only those to be retried."""

    def __init__(self, spider: SourceSpider) -> None:
        self._spider = spider
        self._retries: deque[Request] = deque()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the scheduler, as Scrapy does."""
        spider: Any = crawler.spider
        return cls(spider)

    def has_pending_requests(self) -> bool:
        """Whether any request is left."""
        return bool(self._retries) or self._spider.has_next_request()

    def enqueue_request(self, request: Request) -> bool:
        """Queue a request that is retried after a temporary failure."""
        self._retries.append(request)
        return True

    def next_request(self) -> Request | None:
        """Return the next request; None while every host is busy."""
        return self._retries.popleft() if self._retries else self._spider.next_request()
