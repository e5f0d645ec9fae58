"""Discovery of a source's URLs: fetched bytes in, links out, no network.

Each discovery method is a module: `start` returns the source's first links, `read` the links of one index.
The hint of each index names its reader, so that one method can fall back on another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crawlers.declaration.schema import Source
from crawlers.discovery import (
    attachments,
    feed,
    json_list,
    language_alternates,
    listing,
    saved,
    search,
    sitemap,
    urls,
    wordpress,
)
from crawlers.discovery.index_summary import IndexSummary
from crawlers.discovery.links import FetchedPage, FoundLinks, Hint, IndexUnreadable, Link

__all__ = [
    "NAMING_METHODS",
    "FetchedPage",
    "FoundLinks",
    "Hint",
    "IndexSummary",
    "IndexUnreadable",
    "Link",
    "fallback_indexes",
    "max_index_bytes",
    "names_pages",
    "page_links",
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
_READERS: Mapping[str, Callable[[Source, FetchedPage], FoundLinks]] = {
    feed.FORM: feed.read,
    json_list.FORM: json_list.read,
    listing.FORM: listing.read,
    sitemap.FORM: sitemap.read,
    wordpress.POSTS: wordpress.read_posts,
    wordpress.TERMS: wordpress.read_terms,
}

# Methods by which the site names its pages one by one, so that no crawler makes one up by following links.
NAMING_METHODS = ("sitemap", "feed", "wordpress", "json")


def start(source: Source) -> list[Link]:
    """Return the links that a crawl of the source starts from."""
    return _STARTS[source.crawl.discover](source)


def read(source: Source, page: FetchedPage) -> FoundLinks:
    """Read the links of an index. Raises IndexUnreadable where the page is not such an index."""
    return _READERS[page.hint.form](source, page)


def page_links(source: Source, page: FetchedPage) -> list[Link]:
    """Return the links of a page that is no index: its PDF attachments, and its language alternates."""
    return [*attachments.read_page(page), *language_alternates.read_page(source, page)]


def fallback_indexes(link: Link) -> list[Link]:
    """Return the indexes to read where this one is not available; [] for most."""
    return wordpress.fallback_indexes(link) if link.hint.form in (wordpress.POSTS, wordpress.TERMS) else []


def max_index_bytes(hint: str) -> int | None:
    """Return how large an index with this hint may be, where that is more than a page; else None."""
    return sitemap.MAX_SITEMAP_BYTES if Hint.from_json(hint).form == sitemap.FORM else None


def names_pages(hint: str) -> bool:
    """Whether an index with this hint names pages one by one, as a sitemap, a feed or an API does."""
    return Hint.from_json(hint).form in (sitemap.FORM, feed.FORM, wordpress.POSTS, json_list.FORM)
