"""Scrapy's scheduler on top of the ledger's frontier, without queues of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

if TYPE_CHECKING:
    from crawlers.spider import SourceSpider


class LedgerScheduler(BaseScheduler):
    """A scheduler that takes requests from the spider's frontier, and gives back those that come again."""

    def __init__(self, spider: SourceSpider) -> None:
        self._spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the scheduler, as Scrapy does."""
        spider: Any = crawler.spider
        return cls(spider)

    def has_pending_requests(self) -> bool:
        """Whether any request is left."""
        return self._spider.has_next_request()

    def enqueue_request(self, request: Request) -> bool:
        """Give a request back that is retried after a temporary failure, or was not sent yet."""
        self._spider.take_back(request)
        return True

    def next_request(self) -> Request | None:
        """Return the next request; None while every host is busy."""
        return self._spider.next_request()
