"""Whole crawls: a WordPress that closes its API, a site that asks for patience, one that is down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crawlers.discovery import IndexSummary
from tests.unit.crawlers.rig import Page

if TYPE_CHECKING:
    from tests.unit.crawlers.rig import Crawls, Site

POSTS = "/wp-json/wp/v2/posts?per_page=100&page=1&_fields=link,date_gmt,modified_gmt"


def blog(site: Site, crawls: Crawls) -> list[str]:
    """Twelve posts, in archives of ten and a feed of three."""
    crawls.declare(discover="wordpress", start=[f"{site.url}/"], follow=r"/20\d\d/")
    posts = [f"/2026/post-{number}/" for number in range(12)]
    for post in posts:
        site.html(post, "<p>Text.")
    site.listing("/", posts[:10], "/page/2/")
    site.listing("/page/2/", posts[10:])
    items = "".join(f"<item><link>{site.url}{post}</link></item>" for post in posts[:3])
    site.html("/feed/", "")
    site.pages["/feed/"].body = f"<rss><channel>{items}</channel></rss>".encode()
    return posts


def test_a_wordpress_is_found_whole_by_its_api_as_slowly_as_it_asks(site: Site, crawls: Crawls) -> None:
    posts = blog(site, crawls)
    site.html(POSTS, "")
    dated = [{"link": f"{site.url}{post}", "modified_gmt": "2026-01-01T00:00:00"} for post in posts]
    dated[0]["modified_gmt"] = "2025-12-31T23:59:59"
    site.pages[POSTS].body = json.dumps(dated).encode()
    site.html("/robots.txt", "")
    site.pages["/robots.txt"].body = b"User-agent: tamis\nCrawl-delay: 0.1\n"

    crawls.crawl("--since", "2026-01-01")

    crawls.check()
    assert crawls.outcomes() == dict.fromkeys(posts[1:], "pending") | {POSTS: "index"}
    assert "/feed/" not in site.asked
    moments = sorted(moment for path, moment in site.times.items() if path != "/robots.txt")
    # The server's clock, whose threads are not always there when a request comes: on the whole, not each.
    assert moments[-1] - moments[0] >= 0.09 * (len(moments) - 1)


def test_posts_that_the_api_calls_unchanged_are_not_asked_again(site: Site, crawls: Crawls) -> None:
    posts = blog(site, crawls)
    site.html(POSTS, "")
    dated = [{"link": f"{site.url}{post}", "modified_gmt": "2026-01-01T00:00:00"} for post in posts]
    api = site.pages[POSTS]
    api.body, api.headers["X-WP-Total"] = json.dumps(dated).encode(), "12"
    crawls.crawl()
    assert IndexSummary.from_json(crawls.visits()[POSTS].detail) == IndexSummary(
        "wordpress", 12, total=12, months={"2026-01": 12}
    )
    crawls.finish(but=posts[5])
    site.asked.clear()
    dated[3]["modified_gmt"] = "2199-01-01T00:00:00"
    del dated[4]
    api.body = json.dumps(dated).encode()

    crawls.crawl()

    # The one that has changed, the one that is listed no more, the one that was never dealt with.
    asked = {posts[3], posts[4], posts[5]}
    assert site.asked.keys() - {"/robots.txt"} == asked | {POSTS}
    assert crawls.outcomes().keys() == asked | {POSTS}
    index_summary = IndexSummary.from_json(crawls.visits()[POSTS].detail)
    assert index_summary is not None
    assert (index_summary.listed, index_summary.skipped) == (11, {"unchanged": 9})


def test_a_wordpress_whose_api_is_closed_is_found_whole_by_feed_and_archives(
    site: Site, crawls: Crawls
) -> None:
    posts = blog(site, crawls)
    site.html(POSTS, "", status=401)

    crawls.crawl()

    crawls.check()
    indexes = {POSTS: "index: http_401", "/feed/": "index", "/": "index", "/page/2/": "index"}
    assert crawls.outcomes() == dict.fromkeys(posts, "pending") | indexes


def test_an_api_that_robots_txt_closes_is_not_asked(site: Site, crawls: Crawls) -> None:
    posts = blog(site, crawls)
    site.html("/robots.txt", "")
    site.pages["/robots.txt"].body = b"User-agent: *\nDisallow: /wp-json/\n"

    crawls.crawl()

    outcomes = crawls.outcomes()
    assert outcomes[POSTS] == "refused: robots"
    assert all(outcomes[post] == "pending" for post in posts)
    assert POSTS not in site.asked


def test_files_that_pages_link_to_are_fetched_with_them(site: Site, crawls: Crawls) -> None:
    site.articles(2)
    links = (
        "/files/a.pdf",
        "/files/B.PDF?v=2",
        "/files/secret.pdf",
        "https://elsewhere.example/c.pdf",
        "/d.zip",
    )
    anchors = "".join(f'<a href="{link}">{link}</a>' for link in links)
    site.html("/laws/2", f"<p>Text.{anchors}", etag='"2"')
    for path in links[:3]:
        site.pages[path] = Page(
            b"%PDF-1.7 <a href=/e.pdf>", headers={"Content-Type": "application/pdf"}, etag='"f"'
        )
    crawls.declare(deny="secret")

    crawls.crawl()

    crawls.check()
    expected = {"/laws/": "index"} | dict.fromkeys(
        ("/laws/1", "/laws/2", *links[:1], "/files/B.PDF?v=2"), "pending"
    )
    assert crawls.outcomes() == expected
    assert crawls.visits()["/files/a.pdf"].discovered_from == f"{site.url}/laws/2"
    crawls.finish()

    crawls.crawl()

    # The page has not changed and is not read for links; what it linked to is known and asked.
    assert crawls.outcomes()["/files/a.pdf"] == "unchanged"
    crawls.finish()
    crawls.declare(attachments=False)
    crawls.crawl()
    assert "/files/a.pdf" not in crawls.outcomes()


def test_language_alternates_are_found_by_head_by_rule_and_by_sitemap(site: Site, crawls: Crawls) -> None:
    crawls.declare(
        discover="sitemap",
        start=[f"{site.url}/map"],
        follow="/laws/",
        alternates=[["/en/", "/tc/"]],
        max_pages=50,
    )
    text = crawls.declaration.read_text()
    crawls.declaration.write_text(text.replace("[crawl]", 'language = ["en", "zh-Hans"]\n\n[crawl]'))
    alternate = '<link rel="alternate" hreflang="{}" href="{}">'
    head = "".join(
        alternate.format(language, path)
        for language, path in (
            ("zh-CN", "/zh/laws/1"),
            ("fr", "/fr/laws/1"),
            ("x-default", "/x/laws/1"),
            ("en", "/e"),
        )
    )
    site.html("/en/laws/1", f"{head}<p>Text.")
    for path in ("/zh/laws/1", "/tc/laws/1", "/zh/laws/2"):
        site.html(path, "<p>条文。")
    other = f'<xhtml:link rel="alternate" hreflang="zh" href="{site.url}/zh/laws/2"/>'
    entries = f"<url><loc>{site.url}/en/laws/1</loc>{other}</url>"
    namespace = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    site.pages["/map"] = Page(f"<urlset {namespace}>{entries}</urlset>".encode())

    crawls.crawl()

    crawls.check()
    pages = ("/en/laws/1", "/zh/laws/1", "/tc/laws/1", "/zh/laws/2")
    assert crawls.outcomes() == dict.fromkeys(pages, "pending") | {"/map": "index"}


def test_a_site_that_is_down_fails_by_name(site: Site, crawls: Crawls) -> None:
    site.close()

    crawls.crawl()

    crawls.check()
    visit = crawls.visits()["/laws/"]
    assert (visit.outcome, visit.reason) == ("failed", "robots_unreachable")
    assert "refused" in visit.detail.lower()
