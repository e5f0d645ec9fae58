"""Discovery by sitemaps: indexes, URL sets, news and plain lists, gzipped or not (sitemaps.org, 0.9)."""

from __future__ import annotations

import dataclasses

from crawlers.declaration.schema import Source
from crawlers.discovery.feed import read_date, read_feed
from crawlers.discovery.language_alternates import is_source_language
from crawlers.discovery.links import FetchedPage, FoundLinks, Hint, IndexUnreadable, Link
from crawlers.discovery.markup import decoded_body
from output.archive.compression import BodyError, decompress
from web.feeds import FEED_ROOTS
from web.tolerant_xml import Element, TolerantXml, address

FORM = "sitemap"

# The protocol's limit for one uncompressed sitemap.
MAX_SITEMAP_BYTES = 50 * 1024 * 1024
_ROOTS = ("urlset", "sitemapindex")


def start(source: Source) -> list[Link]:
    """Return the declared sitemaps."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, page: FetchedPage) -> FoundLinks:
    """Read the pages of a sitemap, with `lastmod` and language alternates, or the sitemaps of an index.

    The protocol takes a feed or a list of URLs for a sitemap, too.

    Raises:
        IndexUnreadable: `sitemap_unreadable`, where the page is not a sitemap.

    """
    if page.body.startswith(b"\x1f\x8b"):
        page = _unzip(page)
    text = decoded_body(page).text
    sitemap = TolerantXml(text, page.url, (*_ROOTS, *FEED_ROOTS))
    if sitemap.root is None:
        return _read_lines(text, page.url, sitemap.why_unreadable)
    if sitemap.root.name in FEED_ROOTS:
        return read_feed(sitemap, page.hint)
    links, unusable = [], 0
    for entry in sitemap.entries(("sitemap", "url")):
        url = address(_words(entry, "loc"), page.url)
        if url is None:
            unusable += 1
        elif entry.name == "sitemap":
            links.append(Link(url, "index", Hint(FORM, start=page.hint.start)))
        else:
            hint = Hint(published=_news_date(entry), modified=_date(_words(entry, "lastmod")))
            links += [Link(one, hint=hint) for one in (url, *_alternates(source, entry))]
    return FoundLinks(links, unusable=unusable, is_cut=sitemap.is_cut)


def _unzip(page: FetchedPage) -> FetchedPage:
    try:
        body = decompress(page.body, ("gzip",), MAX_SITEMAP_BYTES)
    except BodyError as error:
        raise IndexUnreadable("sitemap_unreadable", str(error)) from error
    return dataclasses.replace(page, body=body)


def _read_lines(text: str, url: str, why_unreadable: str) -> FoundLinks:
    """Read a plain text sitemap: one URL a line. Raises IndexUnreadable where no line is one."""
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    if not any(line.lower().startswith(("http://", "https://")) for line in lines) or "<" in text:
        raise IndexUnreadable("sitemap_unreadable", why_unreadable)
    links = [Link(found) for line in lines if (found := address(line, url))]
    return FoundLinks(links, unusable=len(lines) - len(links))


def _words(entry: Element, name: str) -> str:
    child = entry.child(name)
    return child.words if child is not None else ""


def _alternates(source: Source, entry: Element) -> list[str]:
    """Return the URLs of a page in the source's other languages, by its `xhtml:link` elements."""
    urls = (
        address(child.attributes.get("href", ""), entry.base)
        for child in entry.children
        if child.name == "link" and is_source_language(source, child.attributes.get("hreflang", "x"))
    )
    return [url for url in urls if url]


def _news_date(entry: Element) -> str:
    """Return the publication date in a news sitemap (sitemap-news/0.9), as ISO 8601 in UTC, or ""."""
    news = next((child for child in entry.children if child.name == "news"), None)
    return _date(_words(news, "publication_date")) if news is not None else ""


def _date(text: str) -> str:
    moment = read_date(text)
    return moment.isoformat() if moment else ""
