"""The survey of a site: every discovery method is tried in turn, within a budget.

The indexes are read by discovery's own readers, as in a crawl. The function that fetches is passed in, and
with it robots.txt, the delays and the check of addresses.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crawlers.discovery import FetchedPage
from crawlers.permissions.site_files_cache import SiteFiles
from crawlers.probe.fetcher import MAX_SAMPLES, BudgetSpent, Fetch, ProbeFetcher, SurveyStopped
from crawlers.probe.findings import DiscoveryMethod, Robots, Survey
from crawlers.probe.front_page import SiteHints, read_front_page, read_robots
from crawlers.probe.listings import listing
from crawlers.probe.protocols import feed, sitemap, wordpress
from output.ledger.records import Settled
from web.urls import Url, canonical_header, parse, site_key

_SAMPLE_SECONDS = 60.0
_MAX_REDIRECTS = 5
_LOGIN_PATH = re.compile(r"/(?:log-?in|sign-?in|sso|auth|oauth2?|cas|passport)(?:[/.?]|$)", re.IGNORECASE)
_XML_START = re.compile(rb"\s*(?:\xef\xbb\xbf)?<(?:\?xml|rss|feed|urlset|sitemapindex)")
_INDEX_PATH = re.compile(r"\.(?:xml|rss|atom)(?:\.gz)?$|feed|rss|sitemap")

ReadSiteFiles = Callable[[str], SiteFiles | None]


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """The survey, and the fetched pages that are to be cleaned."""

    survey: Survey
    pages: tuple[FetchedPage, ...]


async def survey(url: str, fetch: Fetch, read_site_files: ReadSiteFiles) -> SurveyResult:
    """Survey a site from one of its URLs; never fails, as the survey says what stopped it."""
    fetcher = ProbeFetcher(fetch)
    try:
        first = await _first_page(url, fetcher)
    except SurveyStopped as error:
        return SurveyResult(_survey(url, fetcher, stopped=error.reason, detail=error.detail), ())
    first_url = _parsed(first.url)
    robots = read_robots(read_site_files(first_url.root), first_url.root)
    front, hints = read_front_page(first)
    if hints.asks_for_login or _LOGIN_PATH.search(first_url.path):
        stopped = _survey(url, fetcher, stopped="login", detail=first.url, robots=robots, front=front)
        return SurveyResult(stopped, (first,))
    methods, cut = await _find_methods(fetcher, first, hints, robots, url)
    samples = await _fetch_samples(methods, fetcher)
    found = _survey(url, fetcher, robots=robots, front=front, ways=tuple(methods), cut=cut)
    return SurveyResult(found, (first, *samples))


async def _first_page(url: str, fetcher: ProbeFetcher) -> FetchedPage:
    """Return the page that a URL leads to, through at most five redirects.

    Raises SurveyStopped where there is no HTML page to start from.
    """
    seen = [url]
    for _ in range(_MAX_REDIRECTS + 1):
        page = await fetcher(seen[-1])
        if isinstance(page, Settled):
            raise SurveyStopped(page.reason or str(page.outcome), page.detail)
        if not 300 <= page.status < 400:
            return await _html_page(page, fetcher)
        target = canonical_header(page.header("location"), page.url)
        if target is None:
            raise SurveyStopped("bad_redirect", page.header("location"))
        if target in seen:
            raise SurveyStopped("redirect_loop", " → ".join([*seen, target]))
        seen.append(target)
    raise SurveyStopped("redirect_loop", " → ".join(seen))


async def _html_page(page: FetchedPage, fetcher: ProbeFetcher) -> FetchedPage:
    """Return an HTML page as it is, and the site's front page for a feed or a sitemap.

    Raises SurveyStopped for any other response.
    """
    if page.status != 200:
        raise SurveyStopped(f"http_{page.status}", page.url)
    content_type = page.header("content-type")
    if _XML_START.match(page.body[:200]) and b"<html" not in page.body[:2000]:
        parsed = _parsed(page.url)
        if parsed.href == parsed.root:
            raise SurveyStopped("not_html", content_type)
        return await _first_page(parsed.root, fetcher)
    if "html" not in (content_type or "html") and b"<html" not in page.body[:4096].lower():
        raise SurveyStopped("not_html", content_type)
    return page


async def _find_methods(
    fetcher: ProbeFetcher, first: FetchedPage, hints: SiteHints, robots: Robots, url: str
) -> tuple[list[DiscoveryMethod], str]:
    """Return the site's discovery methods, the best first, and where the budget ended the search, or ""."""
    methods: list[DiscoveryMethod] = []
    cut = ""
    try:
        async for method in _try_methods(fetcher, first, hints, robots, url):
            methods += [method] if method else []
    except BudgetSpent as error:
        cut = error.detail
    return sorted(methods, key=_rank, reverse=True), cut


async def _try_methods(
    fetcher: ProbeFetcher, first: FetchedPage, hints: SiteHints, robots: Robots, url: str
) -> AsyncIterator[DiscoveryMethod | None]:
    """Yield each method as it is found, so that the found ones are kept when the budget ends."""
    yield await wordpress(fetcher, first, hints.api)
    yield await sitemap(fetcher, first.url, _with_given_index(url, first.url, robots.sitemaps))
    yield await feed(fetcher, first.url, _with_given_index(url, first.url, hints.feeds))
    yield await listing(fetcher, first)


def _with_given_index(url: str, first: str, found: tuple[str, ...]) -> tuple[str, ...]:
    """Return the indexes that the site names, after the user's own URL where that is a feed or a sitemap."""
    given, front = parse(url), parse(first)
    if given is None or front is None or site_key(given.site) != site_key(front.site):
        return found
    is_index = given.href not in (front.href, given.root) and _INDEX_PATH.search(given.path) is not None
    return (url, *found) if is_index else found


def _rank(method: DiscoveryMethod) -> tuple[bool, bool, int, int]:
    """Return the sort key of a method: by its pages, but WordPress first and feeds last.

    WordPress dates every change of its posts; a feed names only the newest pages.
    """
    size = max(method.pages, method.total or 0)
    return method.name == "wordpress", method.name != "feed", size, method.name == "sitemap"


async def _fetch_samples(methods: Sequence[DiscoveryMethod], fetcher: ProbeFetcher) -> list[FetchedPage]:
    fetcher.extend(MAX_SAMPLES, _SAMPLE_SECONDS)
    pages: list[FetchedPage] = []
    for url in methods[0].samples[:MAX_SAMPLES] if methods else ():
        try:
            page = await fetcher.page(url)
        except BudgetSpent:
            break
        pages += [page] if page else []
    return pages


def _survey(url: str, fetcher: ProbeFetcher, **findings: Any) -> Survey:
    return Survey(url=url, asked=tuple(fetcher.log), seconds=round(fetcher.seconds, 1), **findings)


def _parsed(url: str) -> Url:
    parsed = parse(url)
    assert parsed  # noqa: S101 - it has been requested
    return parsed
