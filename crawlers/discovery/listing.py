"""Listings: pages that link to the source's pages, and to the next listing."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qsl, urlsplit

from crawlers.declaration import Source
from crawlers.discovery.links import Answer, Found, Hint, Link, Unreadable
from crawlers.discovery.markup import Anchor, anchors
from crawlers.scope import Scope

FORM = "listing"

# What themes and ministries write on the link to the following, older listing.
_OLDER = re.compile(
    r"(?:[←«‹\s]*older(?: posts| entries)?|next(?: page)?|下一页|下页|下一頁|后一页|更早)[\s→»›>]*|[»›>]+",
    re.IGNORECASE,
)
_PAGE_PARAMETERS = frozenset({"page", "paged", "pg", "pn", "pageno", "pagenum", "page_no", "pageindex"})
_PAGE_PATH = re.compile(r"/page/\d+/?$|/index_\d+(?=\.s?html?$)|/index(?=\.s?html?$)")


def start(source: Source) -> list[Link]:
    """The declared listings."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, answer: Answer) -> Found:
    """The pages that a listing names, and the listings that follow it.

    A listing that names no page, or the very pages that the one before it named, is where pagination
    ends, or a trap that never does: no listing is followed from there.

    Raises:
        Unreadable: `no_links`, where a declared listing names no page at all.

    """
    scope = Scope(source)
    found = anchors(answer)
    pages = list(dict.fromkeys(anchor.url for anchor in found if _is_page(anchor, scope)))
    if not pages and not answer.hint.seen:
        raise Unreadable("no_links", f"no link of the page matches {source.crawl.follow or 'a permalink'}")
    seen = hashlib.sha256("\n".join(sorted(pages)).encode()).hexdigest()[:16]
    following: list[str] = []
    if pages and seen != answer.hint.seen:
        named = set(pages)
        following = [
            anchor.url
            for anchor in found
            if anchor.url not in named and not scope.refusal(anchor.url) and _follows(anchor, answer.url)
        ]
    hint = Hint(FORM, start=answer.hint.start, seen=seen)
    return Found([*map(Link, pages), *(Link(url, "index", hint) for url in dict.fromkeys(following))])


def _is_page(anchor: Anchor, scope: Scope) -> bool:
    return scope.is_page(anchor.url) and (scope.has_pattern or anchor.permalink)


def _follows(anchor: Anchor, listing: str) -> bool:
    """Whether a link leads on: by its rel, its words, or as this listing with another number."""
    if anchor.url == listing:
        return False
    return (
        "next" in anchor.rel
        or _OLDER.fullmatch(anchor.text) is not None
        or _without_number(anchor.url) == _without_number(listing)
    )


def _without_number(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """A listing's URL with its page number taken out, wherever sites put it."""
    parts = urlsplit(url)
    query = tuple(
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not (key.lower() in _PAGE_PARAMETERS and value.isdecimal())
    )
    return parts.netloc, _PAGE_PATH.sub("", parts.path).rstrip("/"), query
