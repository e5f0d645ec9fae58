"""Discovery by feeds: RSS 2.0, RSS 1.0 (RDF) and Atom."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from crawlers.declaration.schema import Source
from crawlers.discovery.links import FetchedPage, FoundLinks, Hint, IndexUnreadable, Link
from crawlers.discovery.markup import child_text, name_of, xml_root
from web.urls import canonical

FORM = "feed"

_MODIFIED_ELEMENTS = ("updated", "modified")
_PUBLISHED_ELEMENTS = ("pubdate", "published", "issued", "date")


def start(source: Source) -> list[Link]:
    """Return the declared feeds."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, page: FetchedPage) -> FoundLinks:  # noqa: ARG001 - one interface for all readers
    """Read the pages of a feed's entries, with their dates.

    Raises:
        IndexUnreadable: `feed_unreadable`, where the page is not a feed.

    """
    root = xml_root(page, "feed_unreadable")
    if name_of(root) not in ("rss", "rdf", "feed"):
        raise IndexUnreadable("feed_unreadable", f"the root element is {name_of(root)!r}")
    entries = [element for element in root.iter() if name_of(element) in ("item", "entry")]
    links = []
    for entry in entries:
        target = _entry_url(entry)
        url = canonical(target, page.url) if target else None
        if url:
            published = _date(entry, _PUBLISHED_ELEMENTS)
            modified = _date(entry, _MODIFIED_ELEMENTS) or published
            links.append(Link(url, hint=Hint(published=published, modified=modified)))
    return FoundLinks(links, unusable=len(entries) - len(links))


def _entry_url(entry: etree._Element) -> str:
    """Return the URL of an entry's page, as written: its link, else its permanent guid; "" for none."""
    for child in entry:
        if name_of(child) == "link":
            href = child.get("href")
            if href is None:
                return (child.text or "").strip()
            if child.get("rel", "alternate") == "alternate":
                return str(href).strip()
    guid = next((child for child in entry if name_of(child) == "guid"), None)
    if guid is not None and guid.get("isPermaLink", "true").lower() != "false":
        return (guid.text or "").strip()
    return ""


def _date(entry: etree._Element, names: tuple[str, ...]) -> str:
    """Return the first readable date in an entry's elements of these names, as ISO 8601 in UTC, or ""."""
    for name in names:
        text = child_text(entry, name)
        if text and (moment := read_date(text)):
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
