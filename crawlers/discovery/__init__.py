"""How a source's URLs are found: bytes in, links out, no network.

A module a way: `start` gives the first links of a source, `read` the links of one answer. Each index
carries the name of its reader in its hint, so that one way can fall back on another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crawlers.declaration.schema import Source
from crawlers.discovery import attachments, feed, json_list, listing, saved, search, sitemap, urls, wordpress
from crawlers.discovery import language_alternates as twins
from crawlers.discovery.index_summary import IndexSummary
from crawlers.discovery.links import Answer, Found, Hint, IndexUnreadable, Link

__all__ = [
    "Answer",
    "Found",
    "Hint",
    "IndexSummary",
    "IndexUnreadable",
    "Link",
    "beside",
    "instead",
    "read",
    "start",
]

_STARTS: Mapping[str, Callable[[Source], list[Link]]] = {
    "feed": feed.start,
    "folder": saved.start,
    "json": json_list.start,
    "listing": listing.start,
    "search": search.start,
    "sitemap": sitemap.start,
    "urls": urls.start,
    "warc": saved.start,
    "wordpress": wordpress.start,
}
_READERS: Mapping[str, Callable[[Source, Answer], Found]] = {
    feed.FORM: feed.read,
    json_list.FORM: json_list.read,
    listing.FORM: listing.read,
    sitemap.FORM: sitemap.read,
    wordpress.POSTS: wordpress.read_posts,
    wordpress.TERMS: wordpress.read_terms,
}


def start(source: Source) -> list[Link]:
    """The links that a crawl of the source starts from."""
    return _STARTS[source.crawl.discover](source)


def read(source: Source, answer: Answer) -> Found:
    """What an index names. Raises Unreadable where it is not what it should be."""
    return _READERS[answer.hint.form](source, answer)


def beside(source: Source, answer: Answer) -> list[Link]:
    """What a page leads to without being a list: the PDFs below it, and its twins in other languages."""
    return [*attachments.read_page(answer), *twins.read_page(source, answer)]


def instead(link: Link) -> list[Link]:
    """Other indexes to read where that one cannot be had; most have none."""
    return wordpress.instead(link) if link.hint.form in (wordpress.POSTS, wordpress.TERMS) else []
