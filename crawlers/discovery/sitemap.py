"""Sitemaps: indexes, URL sets, news and plain lists, gzipped or not (sitemaps.org, 0.9)."""

from __future__ import annotations

import dataclasses

from lxml import etree

from crawlers.declaration.schema import Source
from crawlers.discovery.feed import read_date
from crawlers.discovery.language_alternates import is_wanted
from crawlers.discovery.links import Answer, Found, Hint, IndexUnreadable, Link
from crawlers.discovery.markup import child_text, name_of, xml_root
from output.archive.compression import BodyError, decompress
from web.urls import canonical

FORM = "sitemap"

# The protocol's own limit for one sitemap, uncompressed.
_MAX_BYTES = 50 * 1024 * 1024


def start(source: Source) -> list[Link]:
    """The declared sitemaps."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, answer: Answer) -> Found:
    """The pages of a sitemap with their `lastmod` and their twins in other languages, or an index's sitemaps.

    Raises:
        Unreadable: `sitemap_unreadable`, where the answer is no sitemap.

    """
    if answer.body.startswith(b"\x1f\x8b"):
        try:
            body = decompress(answer.body, ("gzip",), _MAX_BYTES)
        except BodyError as error:
            raise IndexUnreadable("sitemap_unreadable", str(error)) from error
        answer = dataclasses.replace(answer, body=body)
    if answer.body[:4].lower() == b"http":
        lines = answer.body.decode("utf-8", "replace").split()
        plain = [Link(url) for line in lines if (url := canonical(line))]
        return Found(plain, unusable=len(lines) - len(plain))
    root = xml_root(answer, "sitemap_unreadable")
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
            links.append(Link(url, "index", Hint(FORM, start=answer.hint.start)))
        else:
            moment = read_date(child_text(entry, "lastmod"))
            modified = moment.isoformat() if moment else ""
            hint = Hint(published=_news_date(entry), modified=modified)
            links += [Link(one, hint=hint) for one in (url, *_twins(source, entry))]
    return Found(links, unusable=unusable)


def _twins(source: Source, entry: etree._Element) -> list[str]:
    """The other languages of a page, which sitemaps name as `xhtml:link` with `hreflang`."""
    found = (
        canonical(child.get("href", ""))
        for child in entry
        if name_of(child) == "link" and is_wanted(source, child.get("hreflang", "x"))
    )
    return [url for url in found if url]


def _news_date(entry: etree._Element) -> str:
    """The date of publication in a sitemap for news (sitemap-news/0.9), as ISO 8601 in UTC; "" without."""
    news = next((child for child in entry if name_of(child) == "news"), None)
    moment = read_date(child_text(news, "publication_date")) if news is not None else None
    return moment.isoformat() if moment else ""
