"""What a probe finds by each way, and that nothing a site does makes it ask more than it may."""

from __future__ import annotations

import re

import pytest

from crawlers.probe.fetcher import MAX_REQUESTS
from crawlers.probe.findings import DiscoveryMethod, Survey
from output.base.records import Outcome
from tests.unit.crawlers.probe.paper import BASE, Paper

POSTS = "wp-json/wp/v2/posts?per_page=100&page=1&_fields=link,date_gmt,modified_gmt"
CATEGORIES = "wp-json/wp/v2/categories?per_page=100&_fields=slug,count"


@pytest.fixture
def paper() -> Paper:
    made = Paper()
    made.put("", "<html lang=en-GB><title>News - Harbour Office</title><a href=/terms>Terms of use</a>")
    return made


def _way(found: Survey, name: str) -> DiscoveryMethod:
    (way,) = [way for way in found.ways if way.name == name]
    return way


def test_a_wordpress_tells_its_totals(paper: Paper) -> None:
    posts = [
        {"link": f"{BASE}2024/05/{n:02}/rule/", "date_gmt": f"2024-05-{n:02}T08:00:00"} for n in range(1, 31)
    ]
    paper.json(POSTS, posts, x_wp_total="412", x_wp_totalpages="5")
    paper.json(CATEGORIES, [{"slug": "law", "count": 9}], x_wp_total="20")
    found = paper.survey()
    way = _way(found, "wordpress")
    assert found.best == way
    assert (way.total, way.pages, way.is_whole) == (412, 30, False)
    assert (way.oldest, way.newest) == ("2024-05-01", "2024-05-30")
    assert "20 categories" in way.notes
    assert len(way.samples) == 3


def test_a_rest_that_answers_an_error_with_200_is_none(paper: Paper) -> None:
    paper.json(POSTS, {"code": "rest_forbidden", "message": "no"})
    assert paper.survey().ways == ()


def test_a_sitemap_tells_pages_from_the_rest(paper: Paper) -> None:
    laws = [
        f"{BASE}{language}/law/{name}" for language in ("en", "zh") for name in ("tides", "berths", "lamps")
    ]
    others = [f"{BASE}about", f"{BASE}tag/fees", f"{BASE}assets/site.css", "https://elsewhere.example/law/x"]
    paper.robots = (
        "User-agent: *\nSitemap: https://site.example/map.xml\nSitemap: https://cdn.example/map.xml\n"
    )
    paper.sitemap("map.xml", laws + others)
    found = paper.survey()
    way = _way(found, "sitemap")
    assert way.start == (f"{BASE}map.xml",)
    assert way.pages == 6
    assert [bool(re.search(way.follow, url)) for url in laws + others] == [True] * 6 + [False] * 4
    assert "https://cdn.example/map.xml" not in paper.asked


def test_of_a_thousand_sitemaps_a_few_are_read(paper: Paper) -> None:
    paper.sitemap("sitemap.xml", [f"{BASE}map-{n}.xml" for n in range(1000)], index=True)
    for n in range(1000):
        paper.sitemap(f"map-{n}.xml", [f"{BASE}law/{n * 10 + at}.html" for at in range(10)])
    found = paper.survey()
    way = _way(found, "sitemap")
    assert (way.pages, way.is_whole) == (40, False)
    assert any("more sitemaps" in note for note in way.notes)
    assert len(paper.asked) <= MAX_REQUESTS


def test_sitemaps_that_name_each_other_end(paper: Paper) -> None:
    paper.sitemap("sitemap.xml", [f"{BASE}sitemap.xml", f"{BASE}b.xml"], index=True)
    paper.sitemap("b.xml", [f"{BASE}sitemap.xml"], index=True)
    assert paper.survey().ways == ()
    assert len(paper.asked) == len(set(paper.asked))


def test_a_sitemap_too_large_to_take_is_told(paper: Paper) -> None:
    paper.fail("sitemap.xml", Outcome.REFUSED, "size")
    found = paper.survey()
    assert found.ways == ()
    assert "refused: size" in [one.ended for one in found.asked]


def test_a_feed_is_found_by_its_link_and_its_comments_are_not(paper: Paper) -> None:
    kind = 'rel=alternate type="application/rss+xml"'
    paper.put("", f"<link {kind} href=/news.rss><link {kind} title='Comments' href=/comments/feed/>")
    items = "".join(
        f"<item><link>{BASE}n/{n}</link><pubDate>Tue, 0{n} Jan 2030 08:00:00 GMT</pubDate>"
        f"<content:encoded>{'text ' * 400}</content:encoded></item>"
        for n in range(1, 6)
    )
    paper.put("news.rss", f'<rss xmlns:content="x"><channel>{items}</channel></rss>', content_type="text/xml")
    found = paper.survey()
    way = _way(found, "feed")
    assert (way.pages, way.oldest, way.newest) == (5, "2030-01-01", "2030-01-05")
    assert way.notes == ("the entries hold whole texts",)
    assert f"{BASE}comments/feed/" not in paper.asked


def test_a_listing_is_what_stands_on_few_pages(paper: Paper) -> None:
    menu = ["zcfg/", "tzgg/", "about/", "map.html"]
    paper.links("", [*menu, *(f"zcfg/202401/t2024_{n}.html" for n in range(4))])
    paper.links(
        "zcfg/", [*menu, *(f"zcfg/202401/t2024_{n}.html" for n in range(9))], following="zcfg/index_1.html"
    )
    paper.links("zcfg/index_1.html", [*menu, *(f"zcfg/202301/t2023_{n}.html" for n in range(9))])
    paper.links("tzgg/", [*menu, *(f"tzgg/202402/t2024_{n}.html" for n in range(20, 27))])
    found = paper.survey()
    way = _way(found, "listing")
    assert way.start == (f"{BASE}zcfg/", f"{BASE}tzgg/")
    assert way.follow == r"^https?://[^/]+/(?:tzgg|zcfg)/\d+/t\d+_\d+\.html$"
    assert way.pages == 25
    assert not way.is_whole
    assert any("9 other pages" in note for note in way.notes)


def test_the_front_page_says_what_it_allows(paper: Paper) -> None:
    paper.put(
        "",
        '<html lang="zh-CN"><meta property="og:site_name" content="港务局">'
        '<meta name="robots" content="noai">'
        '<link rel="alternate" hreflang="en-US" href="/en/"><a href="/bqsm.htm">版权声明</a>'
        '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY</a>',
    )
    paper.robots = "User-agent: *\nCrawl-delay: 7\nDisallow: /x\n\nUser-agent: GPTBot\nDisallow: /\n"
    paper.tdmrep = '[{"location": "/", "tdm-reservation": 1}]'
    found = paper.survey()
    assert found.front is not None
    assert found.front.name == "港务局"
    assert found.front.languages == ("zh-Hans", "en")
    assert [notice.url for notice in found.front.terms] == [f"{BASE}bqsm.htm"]
    assert found.front.licences == ("https://creativecommons.org/licenses/by/4.0/",)
    assert found.front.opt_outs == ('meta robots="noai"',)
    assert found.robots.delay == 7
    assert found.robots.shut_out == ("GPTBot",)
    assert found.robots.tdmrep


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.REFUSED, "robots"),
        (Outcome.FAILED, "dns"),
        (Outcome.FAILED, "timeout"),
        (Outcome.REFUSED, "size"),
    ],
)
def test_what_cannot_be_had_stops_it_at_once(paper: Paper, outcome: Outcome, reason: str) -> None:
    paper.fail("", outcome, reason)
    found = paper.survey()
    assert (found.stopped, found.ways, paper.asked) == (reason, (), [BASE])


def test_a_refused_page_stops_it(paper: Paper) -> None:
    paper.put("", "no", status=403)
    assert paper.survey().stopped == "http_403"
    assert paper.asked == [BASE]


def test_redirects_in_a_circle_stop_it(paper: Paper) -> None:
    paper.put("", "", status=302, location="/a")
    paper.put("a", "", status=302, location="/")
    found = paper.survey()
    assert found.stopped == "redirect_loop"
    assert found.detail == f"{BASE} → {BASE}a → {BASE}"


def test_redirects_without_end_stop_it(paper: Paper) -> None:
    for n in range(50):
        paper.put(f"{n}" if n else "", "", status=301, location=f"/{n + 1}")
    assert paper.survey().stopped == "redirect_loop"
    assert len(paper.asked) <= 6


@pytest.mark.parametrize("path", ["", "login"])
def test_a_page_for_a_password_stops_it(paper: Paper, path: str) -> None:
    if path:
        paper.put("", "", status=302, location="/login")
    paper.put(path, "<form><input name=user><input type=password></form>")
    assert paper.survey().stopped == "login"


def test_a_file_stops_it(paper: Paper) -> None:
    paper.put("", b"%PDF-1.7", content_type="application/pdf")
    assert paper.survey().stopped == "not_html"


def test_given_a_feed_it_looks_at_its_site(paper: Paper) -> None:
    paper.put(
        "x/news.rss",
        f"<rss><channel><item><link>{BASE}n/1</link></item></channel></rss>",
        content_type="text/xml",
    )
    found = paper.survey("x/news.rss")
    assert found.front is not None
    assert found.front.url == BASE
    assert _way(found, "feed").start == (f"{BASE}x/news.rss",)
