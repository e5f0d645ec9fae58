"""Discovery by feeds: the pages of their entries, and where a feed goes on (RFC 5005)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crawlers.declaration.schema import Source
from crawlers.discovery.links import FetchedPage, FoundLinks, Hint, IndexUnreadable, Link, digest
from crawlers.discovery.markup import decoded_body
from web.feeds import ENTRIES, LINK, entry_url, further_url, open_feed
from web.tolerant_xml import Element, TolerantXml

FORM = "feed"

_MODIFIED_ELEMENTS = ("updated", "modified")
_PUBLISHED_ELEMENTS = ("pubdate", "published", "issued", "date")


def start(source: Source) -> list[Link]:
    """Return the declared feeds."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, page: FetchedPage) -> FoundLinks:  # noqa: ARG001 - one interface for all readers
    """Read the pages of a feed's entries, with their dates, and the further pages of the feed.

    Raises:
        IndexUnreadable: `feed_unreadable`, where the page is not a feed.

    """
    feed = open_feed(decoded_body(page).text, page.url)
    if feed.root is None:
        raise IndexUnreadable("feed_unreadable", feed.why_unreadable)
    return read_feed(feed, page.hint)


def read_feed(feed: TolerantXml, hint: Hint) -> FoundLinks:
    """Read an open feed. Its pages end with one that names nothing, or the same as the page before."""
    links, unusable, further = [], 0, []
    for element in feed.entries((*ENTRIES, LINK)):
        if element.name == LINK:
            further += [url] if (url := further_url(element)) else []
        elif url := entry_url(element):
            published = _date(element, _PUBLISHED_ELEMENTS)
            modified = _date(element, _MODIFIED_ELEMENTS) or published
            links.append(Link(url, hint=Hint(published=published, modified=modified)))
        else:
            unusable += 1
    seen = digest(link.url for link in links)
    if links and seen != hint.seen:
        links += [Link(url, "index", Hint(hint.form, start=hint.start, seen=seen)) for url in further]
    return FoundLinks(links, unusable=unusable, is_cut=feed.is_cut)


def _date(entry: Element, names: tuple[str, ...]) -> str:
    """Return the first readable date in an entry's elements of these names, as ISO 8601 in UTC, or ""."""
    for name in names:
        for child in entry.children:
            if child.name == name and (moment := read_date(child.words)):
                return moment.isoformat()
    return ""


def read_date(text: str) -> datetime | None:
    """Parse a date of a feed or sitemap (RFC 5322 or ISO 8601) into UTC; None where it is neither."""
    for reader in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = reader(text.strip())
        except (ValueError, TypeError, IndexError):
            continue
        try:
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except OverflowError:
            return None
    return None
