"""Discovery by sitemaps: indexes, URL sets, news and plain lists, gzipped or not (sitemaps.org, 0.9)."""

from __future__ import annotations

import dataclasses

from lxml import etree

from crawlers.declaration.schema import Source
from crawlers.discovery.feed import read_date
from crawlers.discovery.language_alternates import is_source_language
from crawlers.discovery.links import FetchedPage, FoundLinks, Hint, IndexUnreadable, Link
from crawlers.discovery.markup import child_text, name_of, xml_root
from output.archive.compression import BodyError, decompress
from web.urls import canonical

FORM = "sitemap"

# The protocol's limit for one uncompressed sitemap.
_MAX_SITEMAP_BYTES = 50 * 1024 * 1024


def start(source: Source) -> list[Link]:
    """Return the declared sitemaps."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, page: FetchedPage) -> FoundLinks:
    """Read the pages of a sitemap, with `lastmod` and language alternates, or the sitemaps of an index.

    Raises:
        IndexUnreadable: `sitemap_unreadable`, where the page is not a sitemap.

    """
    if page.body.startswith(b"\x1f\x8b"):
        page = _unzip(page)
    if page.body[:4].lower() == b"http":
        return _read_plain(page)
    root = xml_root(page, "sitemap_unreadable")
    if name_of(root) not in ("urlset", "sitemapindex"):
        raise IndexUnreadable("sitemap_unreadable", f"the root element is {name_of(root)!r}")
    entries = [entry for entry in root if name_of(entry) in ("sitemap", "url")]
    links, unusable = [], 0
    for entry in entries:
        url = canonical(child_text(entry, "loc"))
        if url is None:
            unusable += 1
            continue
        if name_of(entry) == "sitemap":
            links.append(Link(url, "index", Hint(FORM, start=page.hint.start)))
        else:
            moment = read_date(child_text(entry, "lastmod"))
            modified = moment.isoformat() if moment else ""
            hint = Hint(published=_news_date(entry), modified=modified)
            links += [Link(one, hint=hint) for one in (url, *_alternates(source, entry))]
    return FoundLinks(links, unusable=unusable)


def _unzip(page: FetchedPage) -> FetchedPage:
    try:
        body = decompress(page.body, ("gzip",), _MAX_SITEMAP_BYTES)
    except BodyError as error:
        raise IndexUnreadable("sitemap_unreadable", str(error)) from error
    return dataclasses.replace(page, body=body)


def _read_plain(page: FetchedPage) -> FoundLinks:
    """Read a plain text sitemap: one URL a line."""
    lines = page.body.decode("utf-8", "replace").split()
    links = [Link(url) for line in lines if (url := canonical(line))]
    return FoundLinks(links, unusable=len(lines) - len(links))


def _alternates(source: Source, entry: etree._Element) -> list[str]:
    """Return the URLs of a page in the source's other languages, by its `xhtml:link` elements."""
    urls = (
        canonical(child.get("href", ""))
        for child in entry
        if name_of(child) == "link" and is_source_language(source, child.get("hreflang", "x"))
    )
    return [url for url in urls if url]


def _news_date(entry: etree._Element) -> str:
    """Return the publication date in a news sitemap (sitemap-news/0.9), as ISO 8601 in UTC, or ""."""
    news = next((child for child in entry if name_of(child) == "news"), None)
    moment = read_date(child_text(news, "publication_date")) if news is not None else None
    return moment.isoformat() if moment else ""
