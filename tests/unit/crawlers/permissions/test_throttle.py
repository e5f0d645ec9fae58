"""How fast a host is asked: never faster than the source, its robots.txt and its Retry-After allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed

from crawlers.declaration.loading import source_from_url
from crawlers.net.download import HeadersTooLarge
from crawlers.permissions.throttle import MAX_RETRY_AFTER_SECONDS, HostThrottle, PatientRetry, retry_after
from crawlers.settings import settings

HOST = "a.example"
URL = f"https://{HOST}/"


class Crawler:
    """As much of Scrapy's crawler as the throttle sees."""

    def __init__(self, **changes: object) -> None:
        self.settings = Settings({"AUTOTHROTTLE_ENABLED": True, "DOWNLOAD_DELAY": 2.0, **changes})
        self.signals = SignalManager()
        self.stats = SimpleNamespace(inc_value=lambda *_, **__: None)
        self.spider = SimpleNamespace(crawler=self)
        self.slot = Slot(concurrency=4, delay=2.0, jitter=0)
        self.engine = SimpleNamespace(
            downloader=SimpleNamespace(per_slot_settings={}, slots={HOST: self.slot}, _delay=0.0)
        )
        self.throttle = HostThrottle(self)  # type: ignore[arg-type]
        self.throttle._spider_opened(self.spider)  # type: ignore[arg-type]

    def get_extension(self, _: type) -> HostThrottle:
        return self.throttle

    def answer(self, *, latency: float = 0.0, status: int = 200) -> float:
        """Take an answer after so many seconds; gives the delay of the host's slot."""
        request = Request(URL, meta={"download_slot": HOST, "download_latency": latency})
        self.throttle._response_downloaded(Response(URL, status=status), request, self.spider)  # type: ignore[arg-type]
        return self.slot.delay


def test_a_crawl_delay_is_kept_however_fast_the_host_answers() -> None:
    crawler = Crawler()
    crawler.throttle.set_crawl_delay(HOST, 9.0)
    assert (crawler.slot.delay, crawler.slot.concurrency) == (9.0, 1)
    assert [crawler.answer() for _ in range(9)] == [9.0] * 9
    crawler.slot.delay = 20.0
    crawler.throttle.set_crawl_delay(HOST, 9.0)
    assert crawler.slot.delay == 20.0, "AutoThrottle is slower of its own accord"


def test_a_slot_that_scrapy_closes_and_opens_again_keeps_the_crawl_delay() -> None:
    crawler = Crawler()
    crawler.engine.downloader.slots.clear()
    crawler.throttle.set_crawl_delay(HOST, 9.0)
    assert crawler.engine.downloader.per_slot_settings == {HOST: {"delay": 9.0, "concurrency": 1}}


def test_a_short_crawl_delay_shortens_neither_the_sources_nor_an_earlier_one() -> None:
    crawler = Crawler()
    crawler.throttle.set_crawl_delay(HOST, 0.5)
    assert crawler.engine.downloader.per_slot_settings[HOST]["delay"] == 2.0
    crawler.throttle.set_crawl_delay(HOST, 9.0)
    crawler.throttle.set_crawl_delay(HOST, 5.0)
    assert crawler.engine.downloader.per_slot_settings[HOST]["delay"] == 9.0


def test_a_crawl_delay_is_one_hosts_alone() -> None:
    crawler = Crawler()
    crawler.throttle.set_crawl_delay("b.example", 9.0)
    assert crawler.answer() == 2.0


@pytest.mark.parametrize("delay", [0.0, 2.0, 60.0, 90.0, 3600.0])
def test_autothrottle_never_shortens_the_declared_delay(
    delay: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("TAMIS_CONTACT", "tests@example.org")
    source = source_from_url(URL)
    declared = source.model_copy(update={"crawl": source.crawl.model_copy(update={"delay": delay})})
    crawler = Crawler(**settings(declared, tmp_path))
    crawler.slot.delay = delay
    assert all(crawler.answer(latency=seconds) >= delay for seconds in (0.0, 0.1, 500.0, 0.0))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("120", 120),
        ("9" * 400, 999_999_999),
        ("-7", 0),
        ("7.5", 0),
        ("inf", 0),
        ("nan", 0),
        ("soon", 0),
        ("", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 99 Oct 99999 07:28:00 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float) -> None:
    for status, asked in ((429, seconds), (503, seconds), (200, 0), (500, 0)):
        assert retry_after(Response(URL, status=status, headers={"Retry-After": value})) == asked
    assert retry_after(Response(URL, status=503)) == 0


def test_a_retry_after_date_counts_from_now() -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1))
    for moment in (in_an_hour, in_an_hour.replace("+0000", "-0000")):
        seconds = retry_after(Response(URL, status=503, headers={"Retry-After": moment}))
        assert 3500 < seconds <= 3600


def retry(crawler: Crawler, value: str) -> Request | Response:
    made = PatientRetry.from_crawler(crawler)  # type: ignore[arg-type]
    request = Request(URL, meta={"download_slot": HOST})
    return made.process_response(request, Response(URL, status=503, headers={"Retry-After": value}))


def test_a_host_is_left_alone_as_long_as_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.permissions.throttle.monotonic", lambda: 1000.0)
    crawler = Crawler()
    assert isinstance(retry(crawler, "30"), Request)
    assert crawler.slot.lastseen + crawler.slot.delay == 1030.0
    crawler.slot.delay = 0.0
    assert isinstance(retry(crawler, "30"), Request)
    assert crawler.slot.delay > 0, "without a delay, Scrapy does not look at the pause"
    assert crawler.slot.lastseen + crawler.slot.delay == 1030.0


def test_a_host_that_asks_for_too_long_is_left_for_the_next_run() -> None:
    crawler = Crawler()
    assert isinstance(retry(crawler, f"{MAX_RETRY_AFTER_SECONDS:.0f}"), Request)
    crawler = Crawler()
    assert isinstance(retry(crawler, f"{MAX_RETRY_AFTER_SECONDS + 1:.0f}"), Response)
    assert crawler.slot.lastseen == 0
    assert isinstance(retry(crawler, "soon"), Request)
    assert crawler.slot.lastseen == 0, "nothing that can be read was asked for"


def test_headers_without_an_end_are_not_asked_for_again() -> None:
    middleware = PatientRetry.from_crawler(Crawler())  # type: ignore[arg-type]
    request = Request(URL, meta={"download_slot": HOST})
    failure = DownloadFailedError("the response failed")
    assert isinstance(middleware.process_exception(request, failure), Request)
    failure.__cause__ = ResponseFailed([Failure(HeadersTooLarge("too large"))])  # type: ignore[no-untyped-call]
    assert middleware.process_exception(request, failure) is None
