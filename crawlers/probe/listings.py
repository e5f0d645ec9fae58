"""Listings: the pages of a site that list its documents, told by what stands on few of its pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawlers.discovery import Answer, Found, Hint, IndexUnreadable
from crawlers.discovery.listing import FORM, read
from crawlers.discovery.markup import Anchor, anchors
from crawlers.probe.findings import DiscoveryMethod
from crawlers.probe.protocols import declared, spread
from crawlers.probe.url_patterns import Shape, groups, pattern
from web.urls import parse, same_site

if TYPE_CHECKING:
    from crawlers.probe.asker import Asker

# Sections of the site that are looked at beside the page that was given.
_SECTIONS = 6
# Links of one shape below which a page lists nothing.
_LEAST = 3
# A group this much smaller than the best is of another kind, unless its URLs have the same form.
_LESSER = 0.3
# Words of a title; a menu's entries have fewer letters.
_TITLE_LETTERS = 9
_SECTION_WORDS = re.compile(
    r"\b(?:laws?|legislation|regulations?|rules|acts|bills|statutes|decisions?|judgments?|cases|polic(?:y|ies)|news"
    r"|notices?|announcements?|archives?|blog|articles?|publications?|press|documents?|database|translations?|all)\b"
    r"|法律|法规|法規|规章|政策|文件|解读|公告|公示|通知|新闻|要闻|动态|资讯|发布|更多|公开|案例|判例|全部",
    re.IGNORECASE,
)
_SECTION_PATH = re.compile(
    r"/(?:index|list|default)?(?:[_-]?1)?(?:\.(?:s?html?|aspx?|php|jsp))?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that may be a listing, and its links on the site."""

    answer: Answer
    links: tuple[Anchor, ...]

    @property
    def urls(self) -> frozenset[str]:
        """The targets of its links."""
        return frozenset(link.url for link in self.links)


async def listing(asker: Asker, first: Answer) -> DiscoveryMethod | None:
    """The listings of a site, and the pattern of the pages that they name; one further sheet is tried."""
    front = _sheet(first, first.url)
    sheets = [front]
    for url in _sections(front):
        answer = await asker.page(url)
        sheets += [_sheet(answer, first.url)] if answer else []
    shapes = _shapes(sheets)
    if not shapes:
        return None
    follow = pattern(shapes)
    found = {sheet.answer.url: _read(sheet.answer, first.url, follow) for sheet in sheets}
    named = {url: _pages(one) for url, one in found.items()}
    starts = _starts(named, found, first.url)
    pages = list(dict.fromkeys(page for url in starts for page in named[url]))
    notes = [f"{len(starts)} lists"] if len(starts) > 1 else []
    total = sum(one.total for url, one in found.items() if url in starts and one.total) or None
    following = next((link for url in starts for link in found[url].links if link.kind == "index"), None)
    if following is not None:
        more = _pages(_read(answer, first.url, follow)) if (answer := await asker.page(following.url)) else []
        new = [page for page in more if page not in pages]
        notes.append(f"further sheets like {following.url}: {len(new)} other pages on that one")
        pages += new
    return DiscoveryMethod(
        name="listing",
        start=tuple(starts),
        pages=len(pages),
        total=total,
        is_whole=following is None,
        follow=follow,
        notes=tuple(notes),
        samples=spread(pages),
    )


def _sheet(answer: Answer, first: str) -> Sheet:
    parsed = parse(first)
    site = same_site(parsed.site) if parsed else ""
    links = (link for link in anchors(answer) if (url := parse(link.url)) and same_site(url.site) == site)
    return Sheet(answer, tuple(links))


def _sections(front: Sheet) -> list[str]:
    """The links of a page that look like sections: by their words first, then by their paths."""
    ranks: dict[str, int] = {}
    listed = {
        url
        for urls in groups(link.url for link in front.links).values()
        if len(urls) >= _LEAST
        for url in urls
    }
    for link in front.links:
        parsed = parse(link.url)
        if parsed is None or parsed.path == "/" or link.url in listed | {front.answer.url}:
            continue
        is_short = 0 < _letters(link.text) <= 2 * _TITLE_LETTERS
        by_words = (
            is_short and _SECTION_WORDS.search(f"{link.text} {parsed.path.replace('_', ' ')}") is not None
        )
        by_path = _SECTION_PATH.search(parsed.path) is not None and parsed.path.count("/") <= 3
        rank = 2 * by_words + by_path
        if rank and not link.permalink:
            ranks[link.url] = max(rank, ranks.get(link.url, 0))
    return sorted(ranks, key=lambda url: -ranks[url])[:_SECTIONS]


def _shapes(sheets: list[Sheet]) -> list[Shape]:
    """The shapes of the links that stand in lists, rather than on every page or in a menu."""
    seen = Counter(url for sheet in sheets for url in sheet.urls)
    everywhere = {url for url, n in seen.items() if n > max(2, len(sheets) // 2)}
    lists = {sheet.answer.url for sheet in sheets}
    words: dict[str, int] = {}
    for link in (link for sheet in sheets for link in sheet.links):
        words[link.url] = max(_letters(link.text), words.get(link.url, 0))
    found = groups(url for url in seen if url not in everywhere | lists)
    scores = {shape: _score(urls, words) for shape, urls in found.items()}
    best = max(scores.values(), default=0.0)
    top = {shape.kind for shape, score in scores.items() if score == best}
    return [
        shape for shape, score in scores.items() if score and (score >= _LESSER * best or shape.kind in top)
    ]


def _score(urls: list[str], words: Mapping[str, int]) -> float:
    """How much a group of links looks like a list of documents; 0 for what is none."""
    titles = sum(words.get(url, 0) >= _TITLE_LETTERS for url in urls)
    if len(urls) < _LEAST or 2 * titles < len(urls):
        return 0.0
    numbered = sum(bool(re.search(r"\d{2}", url)) for url in urls)
    return titles * (1 + numbered / len(urls))


def _letters(text: str) -> int:
    """The letters of a text, a Chinese one counted as two: a title of five says as much as one of ten."""
    return sum(2 if "\u3400" <= c <= "\u9fff" else c.isalnum() for c in text)


def _read(answer: Answer, home: str, follow: str) -> Found:
    """What a listing names, read as the crawl will read it."""
    source = declared("listing", home, [answer.url], follow)
    try:
        return read(source, Answer(answer.url, answer.status, answer.headers, answer.body, Hint(FORM)))
    except IndexUnreadable:
        return Found([])


def _pages(found: Found) -> list[str]:
    return [link.url for link in found.links if link.kind == "page"]


def _starts(named: Mapping[str, list[str]], found: Mapping[str, Found], first: str) -> list[str]:
    """The sheets that name pages, each list's first: those that another leads to come with it.

    A sheet whose pages stand on most others too, as a column of news does, is no list; and the first page
    goes where all that it names stands on others.
    """
    times = Counter(page for pages in named.values() for page in set(pages))
    often = max(2, len(named) // 2)
    lists = {url: set(pages) for url, pages in named.items() if len(set(pages)) >= _LEAST}
    own = {url: {page for page in pages if times[page] <= often} for url, pages in lists.items()}
    lists = {url: pages for url, pages in lists.items() if len(own[url]) >= _LEAST} or lists
    others = set().union(*(pages for url, pages in lists.items() if url != first))
    starts: list[str] = []
    for url, pages in lists.items():
        led_to = any(link.url == url for start in starts for link in found[start].links)
        if not led_to and not (url == first and pages <= others):
            starts.append(url)
    return starts or [first]
