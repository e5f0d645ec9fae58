"""Every URL that a crawl schedules ends with the outcome it should, and the archive agrees."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.crawlers.rig import Crawls, Page, Site


def page_of(site: Site) -> type[Page]:
    return type(next(iter(site.pages.values())))


def test_every_answer_has_its_outcome(site: Site, crawls: Crawls) -> None:
    site.articles(30, per_page=29)
    page = page_of(site)
    html = {"Content-Type": "text/html"}
    zipped = {**html, "Content-Encoding": "gzip"}
    site.pages |= {
        "/robots.txt": page(b"User-agent: *\nDisallow: /laws/2$\n"),
        "/.well-known/tdmrep.json": page(b'[{"location": "/laws/3$", "tdm-reservation": 1}]'),
        "/laws/4": page(b"", 301, {"Location": "/moved/4"}),
        "/moved/4": page(b"<p>Moved here.", 200, html),
        "/laws/5": page(b"", 302, {"Location": "https://elsewhere.example/"}),
        "/laws/6": page(b"", 302, {"Location": "http://169.254.169.254/latest/meta-data/"}),
        "/laws/7": page(b"", 302, {"Location": "file:///etc/passwd"}),
        "/laws/8": page(b"", 302, {"Location": "/laws/8"}),
        "/laws/9": page(b"gone", 410),
        "/laws/11": page(b"broken", 500),
        "/laws/12": page(b"members only", 403),
        "/laws/13": page(b"x" * (16 * 1024 * 1024 + 1), 200, html),
        "/laws/14": page(gzip.compress(b"0" * 20_000_000), 200, zipped),
        "/laws/15": page(
            gzip.compress(bytes(range(256)) * 99)[:-20], 200, {**html, "Content-Encoding": "gzip"}
        ),
        "/laws/16": page(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<p>Only this much"),
        "/laws/17": page(raw=b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 0123456789012345\r\n" * 20_000),
        "/laws/18": page(b"<p>Mine.", 200, {**html, "X-Robots-Tag": "noai"}),
        "/laws/19": page(b"<p>Mine.", 200, {**html, "tdm-reservation": "1"}),
        "/laws/20": page(b'<meta name="robots" content="noindex, noai"><p>Mine.', 200, html),
        "/laws/21": page(b"%PDF-1.7", 200, {"Content-Type": "application/pdf"}),
        "/laws/22": page(b"", 200, html),
        "/laws/23": page(raw=b""),
        "/laws/24": page(gzip.compress(b"<p>Opened."), 200, zipped),
        "/laws/25": page(b"", 302, {"Location": "http://2130706433:1/"}),
        "/laws/27": page(b"", 302, {"Location": "/index.html"}),
        "/laws/28": page(b"<title>Page not found</title>", 200, html),
        "/laws/29": page(b"", 302, {"Location": "/moved/\xb5\xc6"}),
        "/moved/%B5%C6": page(b"<p>Moved to a name in GBK.", 200, html),
        "/laws/30": page(b"", 302, {"Location": "/round"}),
        "/round": page(b"", 302, {"Location": "/laws/30"}),
        "/laws/26": page(b"slow down", 429, html),
    }
    del site.pages["/laws/10"]

    crawls.crawl()

    crawls.check()
    expected = {f"/laws/{n}": "pending" for n in range(1, 31)} | {
        "/laws/": "index",
        "/laws/?page=2": "index",
        "/laws/2": "refused: robots",
        "/laws/3": "refused: opt_out",
        "/laws/4": "rejected: moved",
        "/moved/4": "pending",
        "/laws/29": "rejected: moved",
        "/moved/%B5%C6": "pending",
        "/laws/5": "rejected: moved",
        "https://elsewhere.example/": "refused: scope",
        "/laws/6": "rejected: moved",
        "http://169.254.169.254/latest/meta-data/": "refused: address",
        "/laws/7": "failed: bad_redirect",
        "/laws/8": "failed: redirect_loop",
        "/laws/9": "gone",
        "/laws/10": "gone",
        "/laws/11": "failed: http_500",
        "/laws/12": "failed: http_403",
        "/laws/13": "refused: size",
        "/laws/14": "refused: size",
        "/laws/15": "failed: truncated",
        "/laws/16": "failed: truncated",
        "/laws/17": "refused: size",
        "/laws/18": "refused: opt_out",
        "/laws/19": "refused: opt_out",
        "/laws/20": "refused: opt_out",
        "/laws/23": "failed: connection",
        "/laws/25": "rejected: moved",
        "http://127.0.0.1:1/": "refused: scope",
        "/laws/26": "failed: http_429",
        "/laws/27": "gone: moved_home",
        "/laws/28": "gone: soft_404",
        "/laws/30": "rejected: moved",
        "/round": "failed: redirect_loop",
    }
    assert crawls.outcomes() == expected
    assert site.asked["/laws/2"] == site.asked["/laws/3"] == 0
    assert site.asked["/laws/11"] == 3  # the first answer and two retries
    assert site.asked["/laws/26"] == 3
    assert crawls.visits()["/moved/4"].discovered_from == f"{site.url}/laws/4"
    assert "noai" in crawls.visits()["/laws/20"].detail
    assert site.agents == {next(iter(site.agents))}
    assert next(iter(site.agents)).endswith("(+tests@example.org)")
