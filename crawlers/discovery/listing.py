"""Listings: pages that link to the source's pages, and to the next listing."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawlers.declaration.schema import Source
from crawlers.declaration.scope import Scope
from crawlers.discovery.dates import day_of
from crawlers.discovery.links import Answer, Found, Hint, IndexUnreadable, Link, digest
from crawlers.discovery.markup import Anchor, anchors_in, text_of

FORM = "listing"

# What themes and ministries write on the link to the following, older listing.
_OLDER = re.compile(
    r"(?:[←«‹\s]*older(?: posts| entries)?|next(?: page)?|下一页|下页|下一頁|后一页|更早)[\s→»›>]*|[»›>]+",
    re.IGNORECASE,
)
_PAGE_PARAMETERS = frozenset({"page", "paged", "pg", "pn", "pageno", "pagenum", "page_no", "pageindex"})
_PAGE_PATH = re.compile(r"/page/\d+/?$|/index_\d+(?=\.s?html?$)|/index(?=\.s?html?$)")


# A counter of entries, as lists print it: "1–20 of 312 results", "312 entries found", 共312条记录. A number
# of sheets (共16页) is none.
_THINGS = r"(?:results?|entries|items|records|documents|articles|posts)"
_COUNTER = re.compile(
    rf"(?i)\b(?:of|total:?)\s+([0-9][0-9,]{{0,8}})\s+{_THINGS}\b"
    rf"|\b([0-9][0-9,]{{0,8}})\s+{_THINGS}\s+(?:found|in (?:all|total))\b"
    r"|共(?:有|计|找到|检索到)?\s*([0-9][0-9,]{0,8})\s*(?:条|篇|项|件|个结果)"
)


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
    tree = LexborHTMLParser(text_of(answer))
    found = anchors_in(tree, answer)
    pages: dict[str, str] = {}
    for anchor in found:
        if _is_page(anchor, scope):
            pages[anchor.url] = pages.get(anchor.url) or day_of(anchor.item, anchor.text, anchor.url)
    if not pages and not answer.hint.seen:
        raise IndexUnreadable(
            "no_links", f"no link of the page matches {source.crawl.follow or 'a permalink'}"
        )
    seen = digest(pages)
    following: list[str] = []
    if pages and seen != answer.hint.seen:
        following = [
            anchor.url
            for anchor in found
            if anchor.url not in pages and not scope.refusal(anchor.url) and _follows(anchor, answer.url)
        ]
    hint = Hint(FORM, start=answer.hint.start, seen=seen)
    links = [Link(url, hint=Hint(published=day)) for url, day in pages.items()]
    lists = [Link(url, "index", hint) for url in dict.fromkeys(following)]
    return Found([*links, *lists], total=_total(tree))


def _total(tree: LexborHTMLParser) -> int | None:
    """How many pages the list says that it has; None where it does not say, or says two things."""
    text = tree.body.text(deep=True, separator=" ") if tree.body else ""
    said = {int((found[1] or found[2] or found[3]).replace(",", "")) for found in _COUNTER.finditer(text)}
    return said.pop() if len(said) == 1 else None


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
