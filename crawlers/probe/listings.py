"""Discovery by listings: pages that list the site's documents, found by links that few pages have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from crawlers.discovery import FetchedPage, FoundLinks, Hint, IndexUnreadable
from crawlers.discovery.listing import FORM, read
from crawlers.discovery.markup import Anchor, anchors
from crawlers.probe.fetcher import ProbeFetcher
from crawlers.probe.findings import DiscoveryMethod
from crawlers.probe.protocols import declare, spread
from crawlers.probe.url_patterns import Shape, group_by_shape, pattern
from web.urls import parse, site_key

# Sections of the site that are fetched besides the given page.
_MAX_SECTIONS = 6
# A page with fewer links of one shape is no listing.
_MIN_LISTED = 3
# A group with a lower share of the best score holds no documents, unless its URLs have the same form.
_MIN_SCORE_SHARE = 0.3
# A title has at least so many letters; a menu's entries have fewer.
_MIN_TITLE_LETTERS = 9
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
class ListingPage:
    """A page that may be a listing, and its links on the site."""

    page: FetchedPage
    links: tuple[Anchor, ...]

    @property
    def urls(self) -> frozenset[str]:
        """The URLs of its links."""
        return frozenset(link.url for link in self.links)


async def listing(fetcher: ProbeFetcher, first: FetchedPage) -> DiscoveryMethod | None:
    """Return the site's listings, and the pattern of the pages in them; None where there are none.

    One further listing is fetched, to see whether they go on.
    """
    front = _listing_page(first, first.url)
    listings = [front, *await _fetch_sections(fetcher, front, first.url)]
    shapes = _document_shapes(listings)
    if not shapes:
        return None
    follow = pattern(shapes)
    found = {one.page.url: _read(one.page, first.url, follow) for one in listings}
    starts = _start_urls(found, first.url)
    pages = list(dict.fromkeys(page for url in starts for page in _page_urls(found[url])))
    notes = [f"{len(starts)} lists"] if len(starts) > 1 else []
    total = sum(links.total for url, links in found.items() if url in starts and links.total) or None
    following = next((link for url in starts for link in found[url].links if link.kind == "index"), None)
    if following is not None:
        page = await fetcher.page(following.url)
        further = _page_urls(_read(page, first.url, follow)) if page else []
        new = [url for url in further if url not in pages]
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


async def _fetch_sections(fetcher: ProbeFetcher, front: ListingPage, home: str) -> list[ListingPage]:
    pages = [await fetcher.page(url) for url in _section_urls(front)]
    return [_listing_page(page, home) for page in pages if page]


def _listing_page(page: FetchedPage, home: str) -> ListingPage:
    parsed = parse(home)
    site = site_key(parsed.site) if parsed else ""
    links = (link for link in anchors(page) if (url := parse(link.url)) and site_key(url.site) == site)
    return ListingPage(page, tuple(links))


def _section_urls(front: ListingPage) -> list[str]:
    """Return the links of a page that look like sections: by their words first, then by their paths."""
    ranks: dict[str, int] = {}
    groups = group_by_shape(link.url for link in front.links).values()
    listed = {url for urls in groups if len(urls) >= _MIN_LISTED for url in urls}
    for link in front.links:
        if link.url in listed or link.url == front.page.url or link.permalink:
            continue
        if rank := _section_rank(link):
            ranks[link.url] = max(rank, ranks.get(link.url, 0))
    return sorted(ranks, key=lambda url: -ranks[url])[:_MAX_SECTIONS]


def _section_rank(link: Anchor) -> int:
    """Return how much a link looks like a section: 2 for its words, and 1 for its path."""
    parsed = parse(link.url)
    if parsed is None or parsed.path == "/":
        return 0
    is_short = 0 < _letters(link.text) <= 2 * _MIN_TITLE_LETTERS
    words = f"{link.text} {parsed.path.replace('_', ' ')}"
    by_words = is_short and _SECTION_WORDS.search(words) is not None
    by_path = _SECTION_PATH.search(parsed.path) is not None and parsed.path.count("/") <= 3
    return 2 * by_words + by_path


def _document_shapes(listings: list[ListingPage]) -> list[Shape]:
    """Return the shapes of the links in lists, without those on every page and those in menus."""
    times = Counter(url for one in listings for url in one.urls)
    everywhere = {url for url, count in times.items() if count > max(2, len(listings) // 2)}
    own = {one.page.url for one in listings}
    letters: dict[str, int] = {}
    for link in (link for one in listings for link in one.links):
        letters[link.url] = max(_letters(link.text), letters.get(link.url, 0))
    groups = group_by_shape(url for url in times if url not in everywhere | own)
    scores = {shape: _score(urls, letters) for shape, urls in groups.items()}
    best = max(scores.values(), default=0.0)
    best_kinds = {shape.kind for shape, score in scores.items() if score == best}
    return [
        shape
        for shape, score in scores.items()
        if score and (score >= _MIN_SCORE_SHARE * best or shape.kind in best_kinds)
    ]


def _score(urls: list[str], letters: Mapping[str, int]) -> float:
    """Return how much a group of links looks like a list of documents; 0 where it does not."""
    titles = sum(letters.get(url, 0) >= _MIN_TITLE_LETTERS for url in urls)
    if len(urls) < _MIN_LISTED or 2 * titles < len(urls):
        return 0.0
    numbered = sum(bool(re.search(r"\d{2}", url)) for url in urls)
    return titles * (1 + numbered / len(urls))


def _letters(text: str) -> int:
    """Count the letters of a text, a Chinese one as two: five of them say as much as ten Latin ones."""
    return sum(2 if "\u3400" <= c <= "\u9fff" else c.isalnum() for c in text)


def _read(page: FetchedPage, home: str, follow: str) -> FoundLinks:
    """Read a listing as the crawl will read it; without links where it is not readable."""
    source = declare("listing", home, [page.url], follow)
    try:
        return read(source, replace(page, hint=Hint(FORM)))
    except IndexUnreadable:
        return FoundLinks([])


def _page_urls(found: FoundLinks) -> list[str]:
    return [link.url for link in found.links if link.kind == "page"]


def _start_urls(found: Mapping[str, FoundLinks], first: str) -> list[str]:
    """Return the listings to start from: the first of each list, as it leads to the others.

    A page whose links are on most other pages too is no listing, but has a column of news. The first page is
    left out where the others name all its pages.
    """
    pages = {url: set(_page_urls(links)) for url, links in found.items()}
    times = Counter(page for named in pages.values() for page in named)
    often = max(2, len(pages) // 2)
    listings = {url: named for url, named in pages.items() if len(named) >= _MIN_LISTED}
    own = {url: {page for page in named if times[page] <= often} for url, named in listings.items()}
    listings = {url: named for url, named in listings.items() if len(own[url]) >= _MIN_LISTED} or listings
    others = set().union(*(named for url, named in listings.items() if url != first))
    starts: list[str] = []
    for url, named in listings.items():
        is_reached = any(link.url == url for start in starts for link in found[start].links)
        if not is_reached and not (url == first and named <= others):
            starts.append(url)
    return starts or [first]
