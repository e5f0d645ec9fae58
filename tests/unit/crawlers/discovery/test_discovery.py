"""Discovery: bytes in, links out."""

from __future__ import annotations

import gzip
import json

import pytest

from crawlers import discovery
from crawlers.declaration.schema import Source
from crawlers.discovery import FetchedPage, Hint, IndexUnreadable, Link

HOME = "https://laws.example/"


def source(discover: str, *start: str, **crawl: object) -> Source:
    keys = {"discover": discover, "start": list(start or [HOME]), **crawl}
    return Source.model_validate({"source": {"id": "laws", "name": "Laws", "home": HOME}, "crawl": keys})


def read(declared: Source, link: Link, body: str | bytes, status: int = 200, **headers: str) -> list[Link]:
    data = body.encode() if isinstance(body, str) else body
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return discovery.read(declared, FetchedPage(link.url, status, pairs, data, link.hint)).links


def urls(links: list[Link], kind: str) -> list[str]:
    return [link.url.removeprefix(HOME[:-1]) for link in links if link.kind == kind]


def test_a_hint_goes_through_the_ledger() -> None:
    hint = Hint("listing", HOME, modified="2026-01-02", exact=True, hops=3, seen="abc")
    assert Hint.from_json(hint.to_json()) == hint
    assert Hint().to_json() == ""
    assert Hint.from_json("") == Hint()


def test_a_list_of_urls_is_its_pages() -> None:
    assert discovery.start(source("urls", HOME + "a", HOME + "b")) == [Link(HOME + "a"), Link(HOME + "b")]


LISTING = """
<base href="/laws/"><link rel="stylesheet" href="/1.css"><link rel="next" href="?paged=2">
<a href="101.html">One</a> <a href="102.html#top">Two</a> <a href="101.html">One again</a>
<a href="https://elsewhere.example/laws/103.html">Theirs</a> <a href="mailto:x@y">Mail</a>
<a href="/about">Us</a> <a href="?page=3">3</a> <a href="/laws/page/4/">4</a>
<a href="/news/?page=2">News</a> <a href="/old">Older posts »</a>
<a href="index_2.html">下一页</a> <a href="http://[broken">x</a>
"""


def test_a_listing_names_pages_and_the_listings_after_it() -> None:
    declared = source("listing", HOME + "laws/", follow=r"/laws/\d+\.html$")
    (start,) = discovery.start(declared)
    links = read(declared, start, LISTING)
    assert urls(links, "page") == ["/laws/101.html", "/laws/102.html"]
    assert urls(links, "index") == [
        "/laws/?paged=2",
        "/laws/?page=3",
        "/laws/page/4/",
        "/old",
        "/laws/index_2.html",
    ]


def test_words_are_read_in_the_page_s_charset() -> None:
    declared = source("listing", HOME + "a", follow=r"/\d+$")
    (start,) = discovery.start(declared)
    body = '<meta charset="gb2312"><a href="/1">x</a><a href="/more">下一页</a>'.encode("gb18030")
    assert urls(read(declared, start, body), "index") == ["/more"]


def test_the_query_of_a_link_goes_out_in_the_page_s_charset() -> None:
    declared = source("listing", HOME + "a", follow=r"/law")
    (start,) = discovery.start(declared)
    expected = ["/law?name=%D3%E6%CA%D0", "/law/%E6%B8%94/2"]
    for first, second in (("渔", "市"), ("&#x6E14;", "&#x5E02;")):
        body = (
            f'<meta charset="gb2312"><a href="/law?name={first}{second}">x</a><a href="/law/{first}/2">y</a>'
        )
        assert urls(read(declared, start, body.encode("gb18030")), "page") == expected


def test_pagination_that_repeats_itself_or_names_nothing_ends() -> None:
    declared = source("listing", HOME + "laws/", follow=r"/laws/\d+$")
    (first,) = discovery.start(declared)
    page = '<a href="/laws/1">x</a><a rel="next" href="/laws/?page={}">next</a>'
    second = next(link for link in read(declared, first, page.format(2)) if link.kind == "index")
    assert urls(read(declared, second, page.format(3)), "index") == []
    assert read(declared, second, '<a rel="next" href="/laws/?page=3">next</a>') == []


def test_a_listing_that_names_nothing_at_all_is_a_failure() -> None:
    declared = source("listing", HOME + "laws/", follow=r"/laws/\d+$")
    with pytest.raises(IndexUnreadable) as raised:
        read(declared, discovery.start(declared)[0], "<p>Please prove that you are human.")
    assert raised.value.reason == "no_links"


def test_wordpress_is_asked_for_all_its_lists_at_once() -> None:
    declared = source("wordpress")
    (start,) = discovery.start(declared)
    assert start.url.startswith(HOME + "wp-json/wp/v2/posts?per_page=100&page=1&")
    posts = [{"link": f"{HOME}{n}/", "modified_gmt": "2026-03-04T05:06:07"} for n in range(3)]
    links = read(declared, start, json.dumps(posts), x_wp_total="203", x_wp_totalpages="3")
    assert urls(links, "page") == ["/0/", "/1/", "/2/"]
    assert links[0].hint.modified == "2026-03-04T05:06:07+00:00"
    others = [link for link in links if link.kind == "index"]
    assert [link.url for link in others] == [start.url.replace("&page=1&", f"&page={n}&") for n in (2, 3)]
    assert read(declared, others[0], "[]", x_wp_totalpages="3") == []
    assert read(declared, others[1], '{"code": "rest_post_invalid_page_number"}', 400) == []


def test_wordpress_without_totals_goes_on_while_lists_are_full() -> None:
    declared = source("wordpress")
    (start,) = discovery.start(declared)
    full = json.dumps([{"link": f"{HOME}{n}/"} for n in range(100)])
    (second,) = [link for link in read(declared, start, full) if link.kind == "index"]
    assert "&page=2&" in second.url
    assert urls(read(declared, second, "[]"), "index") == []


def test_a_category_of_wordpress_is_found_by_its_slug() -> None:
    declared = source("wordpress", HOME + "category/laws/rules/")
    (start,) = discovery.start(declared)
    assert start.url == HOME + "wp-json/wp/v2/categories?slug=rules&_fields=id,slug"
    (posts,) = read(declared, start, '[{"id": 7, "slug": "rules"}]')
    assert posts.url.endswith("&categories=7")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html>Not found", "rest_absent"),
        ('{"code": "rest_disabled", "message": "no"}', "rest_error"),
        ("[" * 100_000, "rest_error"),
    ],
)
def test_wordpress_without_its_api_has_a_feed_and_archives(body: str, reason: str) -> None:
    declared = source("wordpress", HOME + "blog")
    (start,) = discovery.start(declared)
    with pytest.raises(IndexUnreadable) as raised:
        read(declared, start, body)
    assert raised.value.reason == reason
    feed, archive = discovery.fallback_indexes(start)
    assert (feed.url, archive.url) == (HOME + "blog/feed/", HOME + "blog")
    links = read(
        declared,
        archive,
        '<a href="/about">About</a><h2 class="entry-title"><a href="/2026/one/">One</a></h2>',
    )
    assert urls(links, "page") == ["/2026/one/"]


RSS = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><link>https://laws.example/</link>
<item><link>https://laws.example/1</link><pubDate>Wed, 04 Mar 2026 05:06:07 +0800</pubDate></item>
<item><guid>https://laws.example/2</guid><pubDate>some day</pubDate></item>
<item><guid isPermaLink="false">3</guid></item><item><link>file:///etc/passwd</link></item>
<item><link>&x;</link></item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="self" href="/x"/><link href="/1"/>
<published>2026-01-01T00:00:00Z</published><updated>2026-02-01T00:00:00Z</updated></entry></feed>"""


def test_feeds_give_their_entries_with_dates() -> None:
    declared = source("feed", HOME + "feed/")
    (start,) = discovery.start(declared)
    links = read(declared, start, RSS)
    assert [(link.url, link.hint.modified) for link in links] == [
        (HOME + "1", "2026-03-03T21:06:07+00:00"),
        (HOME + "2", ""),
    ]
    assert [(link.url, link.hint.modified) for link in read(declared, start, ATOM)] == [
        (HOME + "1", "2026-02-01T00:00:00+00:00")
    ]


SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc> https://laws.example/1 </loc><lastmod>2026-01-02</lastmod></url>
<url><loc>file:///etc/passwd</loc></url><url><lastmod>2026-01-02</lastmod></url></urlset>"""


def test_sitemaps_give_pages_and_sitemaps() -> None:
    declared = source("sitemap", HOME + "sitemap.xml")
    (start,) = discovery.start(declared)
    expected = [(HOME + "1", "2026-01-02T00:00:00+00:00")]
    for body in (SITEMAP.encode(), gzip.compress(SITEMAP.encode())):
        assert [(link.url, link.hint.modified) for link in read(declared, start, body)] == expected
    assert urls(read(declared, start, f"{HOME}1\n{HOME}2\n"), "page") == ["/1", "/2"]
    index = (
        SITEMAP.replace("urlset", "sitemapindex")
        .replace("<url>", "<sitemap>")
        .replace("</url>", "</sitemap>")
    )
    assert urls(read(declared, start, index), "index") == ["/1"]


def test_a_feed_or_a_list_of_urls_is_a_sitemap_too() -> None:
    declared = source("sitemap", HOME + "sitemap.xml")
    (start,) = discovery.start(declared)
    assert [link.url for link in read(declared, start, RSS)] == [HOME + "1", HOME + "2"]
    assert [link.url for link in read(declared, start, ATOM)] == [HOME + "1"]
    lines = "\ufeff# lamps\n/1\n\n  https://laws.example/2 3\r\n"
    assert urls(read(declared, start, lines), "page") == ["/1", "/2%203"]


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        ("gb2312", "gb18030"),
        ("gbk", "utf-8"),
        ("us-ascii", "utf-8"),
        ("shift_jis", "cp932"),
        ("utf-8", "utf-16"),
    ],
)
def test_lists_are_read_to_their_end_whatever_their_label_says(label: str, encoding: str) -> None:
    words = {"gb18030": "朱镕基", "cp932": "髙橋"}.get(encoding, "通知")
    items = "".join(f"<item><title>{words}</title><link>{HOME}{n}</link></item>" for n in (1, 2, 3))
    body = f'<?xml version="1.0" encoding="{label}"?><rss><channel>{items}</channel></rss>'.encode(encoding)
    declared = source("feed", HOME + "feed/")
    links = read(declared, discovery.start(declared)[0], body)
    assert [link.url for link in links] == [HOME + "1", HOME + "2", HOME + "3"]


def test_an_undecodable_letter_costs_itself() -> None:
    items = "".join(f"<item><title>通知{n}</title><link>{HOME}{n}</link></item>" for n in range(30)).encode()
    body = items.replace("通知3".encode(), b"\xe9\x80\x9a\xe7\x9f3", 1)
    declared = source("feed", HOME + "feed/")
    links = read(declared, discovery.start(declared)[0], b"<rss><channel>" + body + b"</channel></rss>")
    assert len(links) == 30


def test_a_paged_feed_is_followed_until_it_repeats_itself() -> None:
    declared = source("feed", HOME + "feed")
    (first,) = discovery.start(declared)
    body = '<feed><link rel="next" href="/feed?page={}"/><entry><link href="/1"/></entry></feed>'
    (second,) = [link for link in read(declared, first, body.format(2)) if link.kind == "index"]
    assert second.url == HOME + "feed?page=2"
    assert urls(read(declared, second, body.format(3)), "index") == []


@pytest.mark.parametrize("form", ["feed", "sitemap"])
@pytest.mark.parametrize("body", ["", "<html><p>Not here", "no markup", "{}"])
def test_what_is_no_feed_and_no_sitemap_is_named(form: str, body: str) -> None:
    declared = source(form, HOME + "x")
    with pytest.raises(IndexUnreadable) as raised:
        read(declared, discovery.start(declared)[0], body)
    assert raised.value.reason == f"{form}_unreadable"
