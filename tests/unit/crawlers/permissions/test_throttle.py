"""How fast a host is asked: never faster than the source, its robots.txt and its Retry-After allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed

from crawlers.declaration.loading import source_from_url
from crawlers.net.lenient_http import HeadersTooLarge
from crawlers.permissions.hosts import MAX_SILENCE_SECONDS, Hosts
from crawlers.permissions.refusal import Postponed, Refused
from crawlers.permissions.throttle import HostThrottle, PatientRetry, retry_after
from crawlers.settings import settings

HOST = "a.example"
URL = f"https://{HOST}/"
MAX_WAIT = 120.0
OF_FRONTIER = {"scheduled": None}


class Crawler:
    """As much of Scrapy's crawler as the throttle sees."""

    def __init__(self, **changes: object) -> None:
        self.settings = Settings({"AUTOTHROTTLE_ENABLED": True, "DOWNLOAD_DELAY": 2.0, **changes})
        self.signals = SignalManager()
        self.stats = SimpleNamespace(inc_value=lambda *_, **__: None)
        self.spider = SimpleNamespace(crawler=self, hosts=Hosts(MAX_WAIT))
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


def test_a_host_is_due_when_what_it_was_handed_before_is_sent() -> None:
    crawler = Crawler()
    crawler.slot.lastseen = 100.0
    assert crawler.throttle.due_at(HOST) == 102.0
    assert crawler.throttle.due_at(HOST, 3) == 108.0
    crawler.slot.transferring.add(request_of())
    assert crawler.throttle.due_at(HOST, 1) == 102.0
    assert crawler.throttle.due_at("new.example", 1) == 0.0


@pytest.mark.parametrize("seconds", [120.1, 1e5, 1e9, float("inf")])
def test_a_host_with_too_long_a_crawl_delay_is_left(seconds: float) -> None:
    crawler = Crawler()
    crawler.throttle.set_crawl_delay(HOST, seconds)
    assert crawler.throttle.hosts.left[HOST].detail == f"Crawl-delay: {seconds:.15g}"
    assert crawler.slot.delay == 2.0


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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The monotonic clock: `now` can be set."""
    made = SimpleNamespace(now=1000.0)
    for module in ("throttle", "hosts"):
        monkeypatch.setattr(f"crawlers.permissions.{module}.monotonic", lambda: made.now)
    return made


def request_of(url: str = URL, *, site_file: bool = False) -> Request:
    return Request(url, meta={"download_slot": HOST}, cb_kwargs={} if site_file else OF_FRONTIER)


def retry(crawler: Crawler, value: str, *, status: int = 503, site_file: bool = False) -> Request | Response:
    made = PatientRetry.from_crawler(crawler)  # type: ignore[arg-type]
    request = request_of(site_file=site_file)
    response = Response(URL, status=status, headers={"Retry-After": value} if value else {})
    crawler.throttle._response_downloaded(response, request, crawler.spider)  # type: ignore[arg-type]
    return made.process_response(request, response)


@pytest.mark.usefixtures("clock")
def test_a_host_is_left_alone_as_long_as_it_asks() -> None:
    crawler = Crawler()
    assert isinstance(retry(crawler, "30"), Request)
    assert crawler.throttle.due_at(HOST) == 1030.0
    crawler.slot.delay = 0.0
    crawler.slot.lastseen = 0.0
    assert isinstance(retry(crawler, "30"), Request)
    assert crawler.slot.delay > 0, "without a delay, Scrapy does not look at the pause"
    assert crawler.throttle.due_at(HOST) == pytest.approx(1030.0, abs=0.01)
    retry(crawler, "5")
    assert crawler.throttle.due_at(HOST) == pytest.approx(1030.0, abs=0.01), (
        "a shorter pause does not end a longer one"
    )


def test_a_host_that_asks_for_too_long_is_left_for_the_next_run() -> None:
    crawler = Crawler()
    assert isinstance(retry(crawler, f"{MAX_WAIT:.0f}"), Request)
    crawler = Crawler()
    with pytest.raises(Refused, match="retry_after: 20") as refused:
        retry(crawler, f"{MAX_WAIT + 1:.0f}")
    assert refused.value.outcome == "deferred"
    until = datetime.fromisoformat(refused.value.detail)
    assert timedelta() < until - datetime.now(UTC) <= timedelta(seconds=MAX_WAIT + 2)
    crawler = Crawler()
    assert isinstance(retry(crawler, "soon"), Request)
    assert crawler.slot.lastseen == 0, "nothing that can be read was asked for"


@pytest.mark.usefixtures("clock")
def test_a_pause_lasts_though_autothrottle_shortens_the_delay() -> None:
    crawler = Crawler()
    crawler.slot.delay = 40.0
    retry(crawler, "50")
    assert crawler.answer(latency=2.0) < 40.0
    assert crawler.throttle.due_at(HOST) == 1050.0


def test_a_site_whose_files_ask_for_pauses_for_ever_is_left(clock: SimpleNamespace) -> None:
    crawler = Crawler()
    for _ in range(2):
        assert isinstance(retry(crawler, "", status=200, site_file=True), Response)
        with pytest.raises(Postponed):
            retry(crawler, "50", site_file=True)
        clock.now += 50
    with pytest.raises(Refused):
        retry(crawler, "50", site_file=True)


@pytest.mark.parametrize("value", ["999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_retry_after_of_any_length_has_a_time(value: str) -> None:
    with pytest.raises(Refused, match="retry_after: 2"):
        retry(Crawler(), value)


def test_several_pauses_in_a_row_are_as_long_as_their_sum(clock: SimpleNamespace) -> None:
    crawler = Crawler()
    assert isinstance(retry(crawler, "50"), Request)
    clock.now += 50
    assert isinstance(retry(crawler, "50"), Request)
    clock.now += 50
    with pytest.raises(Refused, match="retry_after"):
        retry(crawler, "50")

    crawler = Crawler()
    for _ in range(9):
        retry(crawler, "50")
        clock.now += 50
        retry(crawler, "", status=200)
    assert crawler.throttle.hosts.left == {}, "it answers in between"


def test_what_is_about_to_be_sent_to_a_paused_host_goes_back() -> None:
    class Waiting:
        def __init__(self) -> None:
            self.ended_by: list[Any] = []

        def errback(self, failure: Failure) -> None:
            self.ended_by.append(type(failure.value))

    crawler = Crawler()
    page, site_file = Waiting(), Waiting()
    crawler.slot.queue.append((request_of(), page))  # type: ignore[arg-type]
    crawler.slot.queue.append((request_of(site_file=True), site_file))  # type: ignore[arg-type]
    retry(crawler, "30")
    assert (page.ended_by, site_file.ended_by) == ([Postponed], [])
    crawler.slot.queue.append((request_of(), page))  # type: ignore[arg-type]
    with pytest.raises(Refused):
        retry(crawler, "3000")
    assert (page.ended_by, site_file.ended_by) == ([Postponed, Refused], [])
    assert len(crawler.slot.queue) == 1


def test_a_paused_robots_txt_keeps_no_request_waiting() -> None:
    with pytest.raises(Postponed):
        retry(Crawler(), "30", site_file=True)


def test_a_postponed_request_comes_again_as_it_is() -> None:
    middleware = PatientRetry.from_crawler(Crawler())  # type: ignore[arg-type]
    request = request_of()
    assert middleware.process_exception(request, Postponed()) is request
    assert middleware.process_exception(request_of(site_file=True), Postponed()) is None


def test_a_host_that_does_not_answer_is_left_after_a_while(clock: SimpleNamespace) -> None:
    crawler = Crawler()
    middleware = PatientRetry.from_crawler(crawler)  # type: ignore[arg-type]
    timeout = DownloadTimeoutError("60 s")
    for _ in range(9):
        assert isinstance(middleware.process_exception(request_of(), timeout), Request), "all at once"
    clock.now += MAX_SILENCE_SECONDS - 1
    assert isinstance(middleware.process_exception(request_of(), timeout), Request)
    clock.now += 1
    assert middleware.process_exception(request_of(), timeout) is None
    assert crawler.throttle.hosts.left[HOST].reason == "no_answer"

    crawler = Crawler()
    middleware = PatientRetry.from_crawler(crawler)  # type: ignore[arg-type]
    for _ in range(9):
        assert isinstance(middleware.process_exception(request_of(), timeout), Request)
        clock.now += MAX_SILENCE_SECONDS
        retry(crawler, "", status=500)
    assert crawler.throttle.hosts.left == {}, "an error is an answer"


def test_headers_without_an_end_are_not_asked_for_again() -> None:
    middleware = PatientRetry.from_crawler(Crawler())  # type: ignore[arg-type]
    request = Request(URL, meta={"download_slot": HOST})
    failure = DownloadFailedError("the response failed")
    assert isinstance(middleware.process_exception(request, failure), Request)
    failure.__cause__ = ResponseFailed([Failure(HeadersTooLarge("too large"))])  # type: ignore[no-untyped-call]
    assert middleware.process_exception(request, failure) is None
