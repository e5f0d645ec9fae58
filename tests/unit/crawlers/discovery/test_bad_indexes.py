"""Whole crawls of indexes that lie: each lie is counted under its reason, and none stops the run."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from crawlers.discovery import IndexSummary
from crawlers.discovery.sitemap import MAX_SITEMAP_BYTES
from crawlers.settings import MAX_BODY_BYTES
from tests.unit.crawlers.rig import Page

if TYPE_CHECKING:
    from tests.unit.crawlers.rig import Crawls, Site


def index_summary(crawls: Crawls, path: str) -> IndexSummary:
    found = IndexSummary.from_json(crawls.visits()[path].detail)
    assert found is not None
    return found


def sitemap(site: Site, *entries: tuple[str, str], root: str = "urlset", tag: str = "url") -> bytes:
    rows = "".join(
        f"<{tag}><loc>{url if ':' in url else site.url + url}</loc><lastmod>{date}</lastmod></{tag}>"
        for url, date in entries
    )
    return f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{root}>'.encode()


def test_sitemaps_that_loop_lie_about_dates_and_name_others(site: Site, crawls: Crawls) -> None:
    paths = site.articles(4)
    crawls.declare(discover="sitemap", start=[f"{site.url}/sitemap.xml"])
    loop = [("/sitemap.xml", ""), ("/maps/a.xml", ""), ("https://elsewhere.example/map.xml", "")]
    site.pages["/sitemap.xml"] = Page(sitemap(site, *loop, root="sitemapindex", tag="sitemap"))
    lies = [
        ("/laws/1", "2999-01-01"), ("/laws/2", "0000-00-00"), ("/laws/3", "yesterday"), ("/laws/4", "-1"),
        ("/laws/1", "2001-01-01"), ("https://elsewhere.example/laws/9", ""), ("file:///etc/passwd", ""),
        ("http://169.254.169.254/laws/9", ""), ("/about", ""),
    ]  # fmt: skip
    site.pages["/maps/a.xml"] = Page(sitemap(site, *lies))

    crawls.crawl()

    crawls.check()
    assert crawls.outcomes() == dict.fromkeys(paths, "pending") | {
        "/sitemap.xml": "index",
        "/maps/a.xml": "index",
    }
    assert site.asked["/sitemap.xml"] == 1
    assert index_summary(crawls, "/sitemap.xml").skipped == {"scope": 1}
    found = index_summary(crawls, "/maps/a.xml")
    assert found.skipped == {"address": 1, "no_url": 1, "pattern": 1, "scope": 1}
    assert (found.way, found.listed, found.months) == ("sitemap", 4, {"2999-01": 1})


def test_a_feed_in_the_wrong_charset_with_double_ids_and_no_dates(site: Site, crawls: Crawls) -> None:
    paths = site.articles(3)
    crawls.declare(discover="feed", start=[f"{site.url}/feed", f"{site.url}/atom"])
    items = "".join(
        f"<item><title>渔市</title><guid>same</guid><link>{site.url}{path}</link></item>"
        for path in (*paths[:2], paths[0])
    )
    items += "<item><title>x</title></item>"
    rss = f'<?xml version="1.0" encoding="utf-8"?><rss><channel>{items}</channel></rss>'
    site.pages["/feed"] = Page(rss.encode("gb18030"))
    entry = f'<entry><link href="{paths[2]}"/></entry>'
    site.pages["/atom"] = Page(f'<?xml version="1.0" encoding="nonsense-8"?><feed>{entry}</feed>'.encode())

    crawls.crawl()

    crawls.check()
    indexes = {"/feed": "index", "/atom": "index"}
    assert crawls.outcomes() == dict.fromkeys(paths, "pending") | indexes
    assert (index_summary(crawls, "/feed").listed, index_summary(crawls, "/feed").skipped) == (
        2,
        {"no_url": 1},
    )


def test_pagination_that_repeats_its_last_page_for_ever_ends(site: Site, crawls: Crawls) -> None:
    paths = site.articles(20)
    for number in range(3, 40):
        site.listing(f"/laws/?page={number}", paths[10:], f"/laws/?page={number + 1}")
    site.listing("/laws/?page=2", paths[10:], "/laws/?page=3")

    crawls.crawl()

    crawls.check()
    lists = [path for path in crawls.outcomes() if path.startswith("/laws/?")]
    assert len(lists) == 2
    assert set(crawls.outcomes()) >= set(paths)


def test_a_listing_is_followed_back_to_its_cut_off(site: Site, crawls: Crawls) -> None:
    site.articles(40)
    for number in range(1, 5):
        rows = "".join(
            f'<li><a href="/laws/{n}">Law</a> 20{26 - number}-05-01</li>'
            for n in range(10 * number - 9, 10 * number + 1)
        )
        path = "/laws/" if number == 1 else f"/laws/?page={number}"
        site.html(path, f'<p>共 40 条</p><ul>{rows}</ul><a href="/laws/?page={number + 1}">下一页</a>')
    crawls.declare(since="2024-01-01")

    crawls.crawl()

    outcomes = crawls.outcomes()
    assert {path for path in outcomes if path[6:].isdecimal()} == {f"/laws/{n}" for n in range(1, 21)}
    assert "/laws/?page=4" not in outcomes
    assert index_summary(crawls, "/laws/?page=3") == IndexSummary(
        "listing", 10, total=40, months={"2023-05": 10}, skipped={"since": 10}
    )


def test_a_json_list_that_ends_in_an_error_keeps_what_came_before(site: Site, crawls: Crawls) -> None:
    paths = site.articles(4)
    crawls.declare(
        '[list]\nitems = "rows"\nurl = "u"\ntotal = "n"\npage = "p"\n',
        discover="json",
        start=[f"{site.url}/api?p=1"],
    )
    for number in (1, 2):
        rows = [{"u": path} for path in paths[2 * number - 2 : 2 * number]]
        site.pages[f"/api?p={number}"] = Page(json.dumps({"rows": rows, "n": 9}).encode())
    site.pages["/api?p=3"] = Page(b'{"error": "too many requests"}')

    crawls.crawl()

    crawls.check()
    indexes = {"/api?p=1": "index", "/api?p=2": "index", "/api?p=3": "failed: json_error"}
    assert crawls.outcomes() == dict.fromkeys(paths, "pending") | indexes
    assert index_summary(crawls, "/api?p=2") == IndexSummary("json", 2, total=9)


def test_a_sitemap_that_is_cut_fails_and_its_whole_pages_are_taken(site: Site, crawls: Crawls) -> None:
    paths = site.articles(12)
    crawls.declare(discover="sitemap", start=[f"{site.url}/sitemap.xml"])
    whole = sitemap(site, *((path, "") for path in paths))
    site.pages["/sitemap.xml"] = Page(whole[: whole.index(b"/laws/12") + len("/laws/1")])

    crawls.crawl()

    crawls.check()
    assert crawls.outcomes() == dict.fromkeys(paths[:11], "pending") | {"/sitemap.xml": "failed: truncated"}
    assert site.asked["/laws/1"] == 1
    assert "11 of its pages are taken" in crawls.visits()["/sitemap.xml"].detail


@pytest.mark.proof
def test_a_sitemap_may_be_larger_than_a_page_and_no_larger_than_its_protocol(
    site: Site, crawls: Crawls
) -> None:
    (path,) = site.articles(1)
    maps = [f"{site.url}/{name}.xml" for name in ("large", "packed", "huge", "bomb")]
    crawls.declare(discover="sitemap", start=maps)
    large = sitemap(site, *((f"/other/{n}/" + 900 * "x", "") for n in range(18_000)), (path, ""))
    assert len(large) > MAX_BODY_BYTES
    site.pages["/large.xml"] = Page(large)
    site.pages["/packed.xml"] = Page(gzip.compress(large, 1), headers={"Content-Encoding": "gzip"})
    site.pages["/huge.xml"] = Page(b" " * (MAX_SITEMAP_BYTES + 1))
    site.pages["/bomb.xml"] = Page(gzip.compress(b" " * (MAX_SITEMAP_BYTES + 1)))

    crawls.crawl()

    crawls.check()
    assert crawls.outcomes() == {
        path: "pending",
        "/large.xml": "index",
        "/packed.xml": "index",
        "/huge.xml": "failed: size",
        "/bomb.xml": "failed: sitemap_unreadable",
    }
