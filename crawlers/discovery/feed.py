"""Feeds: RSS 2.0, RSS 1.0 (RDF) and Atom."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from crawlers.declaration.schema import Source
from crawlers.discovery.links import Answer, Found, Hint, IndexUnreadable, Link
from crawlers.discovery.markup import child_text, name_of, xml_root
from web.urls import canonical

FORM = "feed"

_CHANGED = ("updated", "modified")
_PUBLISHED = ("pubdate", "published", "issued", "date")


def start(source: Source) -> list[Link]:
    """The declared feeds."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, answer: Answer) -> Found:  # noqa: ARG001 - one interface for all readers
    """The pages of a feed's entries, each with the dates that it tells.

    Raises:
        Unreadable: `feed_unreadable`, where the answer is no feed.

    """
    root = xml_root(answer, "feed_unreadable")
    if name_of(root) not in ("rss", "rdf", "feed"):
        raise IndexUnreadable("feed_unreadable", f"the root element is {name_of(root)!r}")
    entries = [element for element in root.iter() if name_of(element) in ("item", "entry")]
    links = []
    for entry in entries:
        target = _target(entry)
        url = canonical(target, answer.url) if target else None
        if url:
            published = _date(entry, _PUBLISHED)
            links.append(
                Link(url, hint=Hint(published=published, modified=_date(entry, _CHANGED) or published))
            )
    return Found(links, unusable=len(entries) - len(links))


def _target(entry: etree._Element) -> str:
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
    """The first of an entry's dates of these names, as ISO 8601 in UTC; "" where none can be read."""
    for name in names:
        text = child_text(entry, name)
        if text and (moment := read_date(text)):
            return moment.isoformat()
    return ""


def read_date(text: str) -> datetime | None:
    """A date as feeds and sitemaps write it (RFC 5322 or ISO 8601), in UTC; None where it is neither."""
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
