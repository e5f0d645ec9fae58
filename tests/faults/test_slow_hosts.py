"""Hosts that drip, ask for absurd delays, or are overloaded: the good ones are crawled as without them."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.faults.hosts import NAMED, asked, asked_urls
from tests.faults.rows import row
from tests.unit.crawlers.forked import Forks
from tests.unit.crawlers.rig import Crawls, Page, Site

DELAY = 0.5
# A crawl whose minutes are seconds: requests time out, and hosts are slow and silent, in less time.
HURRIED = """
import crawlers.frontier.queues, crawlers.permissions.hosts, crawlers.settings
crawlers.settings.TIMEOUT_SECONDS = 8
crawlers.frontier.queues.SLOW_SECONDS = 2
crawlers.permissions.hosts.MAX_SILENCE_SECONDS = 12
"""
MAX_DRIPS = 200


class Hosts(Site):
    """Many hosts with the same pages; those called `bad-…` drip, or answer as `bad` says."""

    def __init__(self, bad: Page | None = None, robots: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.bad = bad
        self.robots = robots

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        host = handler.headers["Host"]
        is_page = handler.path.startswith("/laws/") and handler.path != "/laws/"
        if not host.startswith("bad-"):
            super().answer(handler)
        elif self.robots and handler.path == "/robots.txt":
            number = int(host.removeprefix("bad-").partition(".")[0])
            _send(handler, Page(f"User-agent: *\nCrawl-delay: {self.robots[number]}\n".encode()))
        elif is_page and self.bad:
            _send(handler, self.bad)
        elif is_page:
            self.drip(handler)
        else:
            super().answer(handler)

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """A byte now and then, so that the connection is never idle."""
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(MAX_DRIPS):
            if self.stopping.wait(0.1):
                return
            handler.wfile.write(b".")
            handler.wfile.flush()


def _send(handler: BaseHTTPRequestHandler, page: Page) -> None:
    handler.send_response(page.status)
    for name, value in page.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(page.body)))
    handler.end_headers()
    handler.wfile.write(page.body)


@dataclass(frozen=True)
class Ended:
    """How a crawl of good and bad hosts ended."""

    good: Counter[str]
    bad: Counter[str]
    pages_a_second: float
    seconds: float
    urls: list[str]


def crawl(
    folder: Path,
    forks: Forks,
    site: Hosts,
    good: int,
    bad: int,
    pages: int,
    *,
    delay: float = DELAY,
    max_delay: float = 120.0,
) -> Ended:
    """Crawl so many hosts with so many pages each, the bad ones first."""
    folder.mkdir()
    crawls = Crawls(folder, site, forks)
    port = site.server.server_port
    names = [f"bad-{n}.localhost:{port}" for n in range(bad)] + [
        f"good-{n}.localhost:{port}" for n in range(good)
    ]
    paths = [f"/laws/{n}" for n in range(1, pages + 1)]
    for path in paths:
        site.html(path, f"<p>The text of {path}.")
    site.listing("/laws/", paths)
    started = time.monotonic()
    try:
        crawls.declare(
            start=[f"http://{name}/laws/" for name in names], hosts=names, delay=delay, max_delay=max_delay
        )
        process = crawls.start(code=HURRIED + NAMED)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        crawls.check()
        outcomes = crawls.outcomes()
    finally:
        crawls.close()
        site.close()
    moments = [moment for host, times in asked(errors).items() if host.startswith("good") for moment in times]
    return Ended(
        Counter(end for url, end in outcomes.items() if "//good-" in url),
        Counter(end for url, end in outcomes.items() if "//bad-" in url),
        len(moments) / (max(moments) - min(moments)),
        time.monotonic() - started,
        asked_urls(errors),
    )


def tell(what: str, alone: Ended, beside: Ended) -> None:
    share = beside.pages_a_second / alone.pages_a_second
    row(
        f"{what}: good hosts at {beside.pages_a_second:.1f} pages/s, alone {alone.pages_a_second:.1f}, "
        f"{share:.2f} of it; the run takes {beside.seconds:.0f} s; good hosts whole",
        beside.good["pending"],
        alone.good["pending"],
    )


@pytest.mark.slow
def test_twenty_dripping_hosts_do_not_slow_down_twenty_good_ones(tmp_path: Path, forks: Forks) -> None:
    pages = 40
    alone = crawl(tmp_path / "alone", forks, Hosts(), 20, 0, pages)
    beside = crawl(tmp_path / "beside", forks, Hosts(), 20, 20, pages)
    tell("20 hosts that drip", alone, beside)
    assert beside.good == alone.good == {"index": 20, "pending": 20 * pages}
    assert beside.bad.keys() == {"index", "failed: timeout", "deferred: no_answer"}
    assert beside.bad.total() == 20 * (pages + 1)
    for n in range(20):
        dripped = [url for url in beside.urls if f"//bad-{n}." in url and "/laws/" in url]
        assert len(set(dripped)) == len(dripped), "what was not asked for goes before a retry"


@pytest.mark.slow
def test_eight_absurd_crawl_delays_of_twenty_hosts_end_the_run(tmp_path: Path, forks: Forks) -> None:
    absurd = ("100000", "1e9", "inf", "121", "Infinity", "9" * 400, "3600", "86400")
    ended = crawl(tmp_path / "crawl", forks, Hosts(robots=absurd), 12, len(absurd), 10, delay=0.02)
    row("8 absurd crawl-delays: hosts left", ended.bad["deferred: crawl_delay"], len(absurd))
    assert ended.bad == {"deferred: crawl_delay": len(absurd)}
    assert ended.good == {"index": 12, "pending": 120}


@pytest.mark.slow
def test_eighteen_overloaded_hosts_do_not_hold_up_eighteen_good_ones(tmp_path: Path, forks: Forks) -> None:
    pages = 30
    busy = Page(b"slow down", 429, {"Retry-After": "3"})
    alone = crawl(tmp_path / "alone", forks, Hosts(busy), 18, 0, pages)
    beside = crawl(tmp_path / "beside", forks, Hosts(busy), 18, 18, pages, max_delay=10.0)
    tell("18 hosts that answer 429 with Retry-After", alone, beside)
    assert beside.good == alone.good == {"index": 18, "pending": 18 * pages}
    assert beside.bad == {"index": 18, "deferred: retry_after": 18 * pages}
    for host, urls in itertools.groupby(sorted(beside.urls), key=lambda url: url.split("/")[2]):
        if host.startswith("bad-"):
            assert len([url for url in urls if "/laws/" in url]) < pages
