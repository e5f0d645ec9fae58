"""Scrapy's scheduler, with the ledger's frontier in place of queues of its own."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

if TYPE_CHECKING:
    from crawlers.spider import SourceSpider


class LedgerScheduler(BaseScheduler):
    """Gives requests out as the spider takes them from the ledger; keeps only those that are asked again."""

    def __init__(self, spider: SourceSpider) -> None:
        self._spider = spider
        self._again: deque[Request] = deque()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making a scheduler."""
        spider: Any = crawler.spider
        return cls(spider)

    def has_pending_requests(self) -> bool:
        """Whether anything is left to ask."""
        return bool(self._again) or self._spider.has_next_request()

    def enqueue_request(self, request: Request) -> bool:
        """Take a request that is asked again, after a failure that may pass."""
        self._again.append(request)
        return True

    def next_request(self) -> Request | None:
        """The next request; None while every host is busy."""
        return self._again.popleft() if self._again else self._spider.next_request()
