"""Feeds: RSS 2.0, RSS 1.0 (RDF) and Atom, in the words of which their entries name their pages."""

from __future__ import annotations

from typing import Final

from web.tolerant_xml import Element, TolerantXml, address

FEED_ROOTS: Final = ("rss", "rdf", "feed")
ENTRIES: Final = ("item", "entry")
# What a feed holds beside its entries: links of its own.
LINK: Final = "link"

# Relations may be written as URIs (RFC 4287, 4.2.7.2).
_RELATION_URI: Final = "http://www.iana.org/assignments/relation/"
# Where a feed goes on, in pages or in an archive (RFC 5005).
_FURTHER_RELATIONS: Final = ("next", "prev-archive")
_PAGE_TYPES: Final = ("text/html", "application/xhtml+xml")


def open_feed(text: str, url: str) -> TolerantXml:
    """Open a feed for reading. Its `root` is None where the text is no feed."""
    return TolerantXml(text, url, FEED_ROOTS)


def entry_url(entry: Element) -> str | None:
    """Return the URL of an entry's page: its link, else its permanent guid; None for none."""
    links = [one for one in entry.children if one.name == LINK]
    written = [one for one in links if "href" not in one.attributes and one.prefix == entry.prefix]
    alternates = [one for one in links if "href" in one.attributes and _relation(one) == "alternate"]
    candidates = [
        *(address(one.words, one.base) for one in written),
        *(address(one.attributes["href"], one.base) for one in sorted(alternates, key=_type_rank)),
        _permalink(entry),
        address(entry.attributes.get("rdf:about", ""), entry.base),
    ]
    return next((url for url in candidates if url), None)


def further_url(link: Element) -> str | None:
    """Return where a feed goes on, by a link of its own; None for any other link."""
    if _relation(link) not in _FURTHER_RELATIONS:
        return None
    return address(link.attributes.get("href", ""), link.base)


def _relation(link: Element) -> str:
    return link.attributes.get("rel", "alternate").strip().lower().removeprefix(_RELATION_URI)


def _type_rank(link: Element) -> int:
    """Rank the alternates of an entry: a page, then what may be one, then its data."""
    media_type = link.attributes.get("type", "").partition(";")[0].strip().lower()
    return 0 if media_type in _PAGE_TYPES else 1 if not media_type else 2


def _permalink(entry: Element) -> str | None:
    """Return the guid, where it is a permalink: a whole URL, and not said to be none."""
    guid = entry.child("guid")
    if guid is None or guid.attributes.get("ispermalink", "true").strip().lower() == "false":
        return None
    words = guid.words.strip()
    return address(words, entry.base) if words.lower().startswith(("http://", "https://")) else None
