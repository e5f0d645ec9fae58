"""Discovery by listings: pages that link to the source's pages, and to the next listing."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawlers.declaration.schema import Source
from crawlers.declaration.scope import Scope
from crawlers.discovery.dates import listed_date
from crawlers.discovery.links import FetchedPage, FoundLinks, Hint, IndexUnreadable, Link, digest
from crawlers.discovery.markup import Anchor, anchors_in, decoded_body

FORM = "listing"

# The texts of links to the next, older listing.
_NEXT_LINK_TEXT = re.compile(
    r"(?:[←«‹\s]*older(?: posts| entries)?|next(?: page)?|下一页|下页|下一頁|后一页|更早)[\s→»›>]*|[»›>]+",
    re.IGNORECASE,
)
_PAGE_NUMBER_PARAMETERS = frozenset(
    {"page", "paged", "pg", "pn", "pageno", "pagenum", "page_no", "pageindex"}
)
_PAGE_NUMBER_PATH = re.compile(r"/page/\d+/?$|/index_\d+(?=\.s?html?$)|/index(?=\.s?html?$)")

# The number of all entries, as lists print it: "1–20 of 312 results", "312 entries found", 共312条记录.
# A number of pages (共16页) does not count.

_ENTRY_WORDS = r"(?:results?|entries|items|records|documents|articles|posts)"
_ENTRY_COUNT = re.compile(
    rf"(?i)\b(?:of|total:?)\s+([0-9][0-9,]{{0,8}})\s+{_ENTRY_WORDS}\b"
    rf"|\b([0-9][0-9,]{{0,8}})\s+{_ENTRY_WORDS}\s+(?:found|in (?:all|total))\b"
    r"|共(?:有|计|找到|检索到)?\s*([0-9][0-9,]{0,8})\s*(?:条|篇|项|件|个结果)"
)


def start(source: Source) -> list[Link]:
    """Return the declared listings."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, page: FetchedPage) -> FoundLinks:
    """Read the pages that a listing names, with their dates, and the next listings.

    Pagination ends with a listing that names no page, or the same pages as the listing before: without this,
    it might never end.

    Raises:
        IndexUnreadable: `no_links`, where a declared listing names no page.

    """
    scope = Scope(source)
    decoded = decoded_body(page)
    tree = LexborHTMLParser(decoded.text)
    anchors = anchors_in(tree, page, decoded.encoding)
    dates: dict[str, str] = {}
    for anchor in anchors:
        if _is_page(anchor, scope):
            dates[anchor.url] = dates.get(anchor.url) or listed_date(anchor.item, anchor.text, anchor.url)
    if not dates and not page.hint.seen:
        raise IndexUnreadable(
            "no_links", f"no link of the page matches {source.crawl.follow or 'a permalink'}"
        )
    seen = digest(dates)
    following: list[str] = []
    if dates and seen != page.hint.seen:
        following = [
            anchor.url
            for anchor in anchors
            if anchor.url not in dates and not scope.refusal(anchor.url) and _leads_on(anchor, page.url)
        ]
    hint = Hint(FORM, start=page.hint.start, seen=seen)
    pages = [Link(url, hint=Hint(published=date)) for url, date in dates.items()]
    listings = [Link(url, "index", hint) for url in dict.fromkeys(following)]
    return FoundLinks([*pages, *listings], total=_total(tree))


def _total(tree: LexborHTMLParser) -> int | None:
    """Return the number of all entries that the page states; None where it states none, or several."""
    text = tree.body.text(deep=True, separator=" ") if tree.body else ""
    counts = {
        int((match[1] or match[2] or match[3]).replace(",", "")) for match in _ENTRY_COUNT.finditer(text)
    }
    return counts.pop() if len(counts) == 1 else None


def _is_page(anchor: Anchor, scope: Scope) -> bool:
    return scope.is_page(anchor.url) and (scope.has_pattern or anchor.permalink)


def _leads_on(anchor: Anchor, listing: str) -> bool:
    """Whether a link leads to another listing: by its rel, its text, or as this URL with another number."""
    if anchor.url == listing:
        return False
    return (
        "next" in anchor.rel
        or _NEXT_LINK_TEXT.fullmatch(anchor.text) is not None
        or _without_page_number(anchor.url) == _without_page_number(listing)
    )


def _without_page_number(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return the parts of a listing's URL without its page number, in path or query."""
    parts = urlsplit(url)
    query = tuple(
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not (key.lower() in _PAGE_NUMBER_PARAMETERS and value.isdecimal())
    )
    return parts.netloc, _PAGE_NUMBER_PATH.sub("", parts.path).rstrip("/"), query
