"""The survey of a site: all ways by which its pages may be listed, tried one after the other, within bounds.

Each way is read by discovery's own readers, as a crawl will read it. Whoever asks is passed in, and with it
robots.txt, the delays and the guards.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from time import monotonic

from crawlers.discovery import Answer
from crawlers.permissions.site_files_cache import SiteFiles
from crawlers.probe.asker import SAMPLES, Ask, Asker, Spent, Stopped
from crawlers.probe.findings import DiscoveryMethod, Robots, Survey
from crawlers.probe.front_page import Signs, read_front, read_robots
from crawlers.probe.listings import listing
from crawlers.probe.protocols import feed, sitemap, wordpress
from output.ledger.records import Settled
from web.urls import canonical, parse, same_site

_SAMPLE_SECONDS = 60.0
_MAX_REDIRECTS = 5
_LOGIN = re.compile(r"/(?:log-?in|sign-?in|sso|auth|oauth2?|cas|passport)(?:[/.?]|$)", re.IGNORECASE)
_XML = re.compile(rb"\s*(?:\xef\xbb\xbf)?<(?:\?xml|rss|feed|urlset|sitemapindex)")

Rules = Callable[[str], SiteFiles | None]


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """What a survey found, and the answers of the pages that are to be cleaned."""

    found: Survey
    pages: tuple[Answer, ...]


async def survey(url: str, ask: Ask, rules: Rules) -> SurveyResult:
    """Look at a site from one URL of it; never fails: what stopped it stands in what it found."""
    asker = Asker(ask)
    try:
        first = await _first_page(url, asker)
    except (Stopped, Spent) as error:
        reason, detail = (error.reason, error.detail) if isinstance(error, Stopped) else ("spent", str(error))
        return SurveyResult(_found(url, asker, stopped=reason, detail=detail), ())
    root = parse(first.url).root  # type: ignore[union-attr]  # it was asked
    robots = read_robots(rules(root), root)
    front, signs = read_front(first)
    if signs.asks_for_login or _LOGIN.search(parse(first.url).path):  # type: ignore[union-attr]
        found = _found(url, asker, stopped="login", detail=first.url, robots=robots, front=front)
        return SurveyResult(found, (first,))
    ways: list[DiscoveryMethod] = []
    cut = ""
    try:
        async for way in _ways(asker, first, signs, robots, url):
            ways += [way] if way else []
    except Spent as error:
        cut = str(error)
    ways.sort(key=_rank, reverse=True)
    pages = await _samples(ways, asker)
    found = _found(url, asker, robots=robots, front=front, ways=tuple(ways), cut=cut)
    return SurveyResult(found, (first, *pages))


async def _ways(
    asker: Asker, first: Answer, signs: Signs, robots: Robots, url: str
) -> AsyncIterator[DiscoveryMethod | None]:
    """Each way in its turn, so that what was found stands when the bounds are reached."""
    yield await wordpress(asker, first, signs.api)
    yield await sitemap(asker, first.url, _given(url, first.url, robots.sitemaps))
    yield await feed(asker, first.url, _given(url, first.url, signs.feeds))
    yield await listing(asker, first)


async def _first_page(url: str, asker: Asker) -> Answer:
    """The page that a URL leads to, over at most five redirects; the front page for a feed or a sitemap.

    Raises Stopped where there is none to go on from.
    """
    seen = [url]
    for _ in range(_MAX_REDIRECTS + 1):
        answer = await asker(seen[-1])
        if isinstance(answer, Settled):
            raise Stopped(answer.reason or str(answer.outcome), answer.detail)
        if 300 <= answer.status < 400:
            target = canonical(answer.header("location"), answer.url)
            if target is None:
                raise Stopped("bad_redirect", answer.header("location"))
            if target in seen:
                raise Stopped("redirect_loop", " → ".join([*seen, target]))
            seen.append(target)
            continue
        if answer.status != 200:
            raise Stopped(f"http_{answer.status}", seen[-1])
        parsed = parse(seen[-1])
        if _XML.match(answer.body[:200]) and b"<html" not in answer.body[:2000] and parsed:
            if parsed.href == parsed.root:
                raise Stopped("not_html", answer.header("content-type"))
            return await _first_page(parsed.root, asker)
        if (
            "html" not in (answer.header("content-type") or "html")
            and b"<html" not in answer.body[:4096].lower()
        ):
            raise Stopped("not_html", answer.header("content-type"))
        return answer
    raise Stopped("redirect_loop", " → ".join(seen))


def _given(url: str, first: str, found: tuple[str, ...]) -> tuple[str, ...]:
    """What a page names, and before it what the user gave, where that was a feed or a sitemap itself."""
    a, b = parse(url), parse(first)
    is_other = a and b and same_site(a.site) == same_site(b.site) and a.href not in (b.href, a.root)
    is_file = bool(a and re.search(r"\.(?:xml|rss|atom)(?:\.gz)?$|feed|rss|sitemap", a.path))
    return (url, *found) if is_other and is_file else found


def _rank(way: DiscoveryMethod) -> tuple[bool, bool, int, int]:
    """What lists most; but WordPress dates every change of its posts, and a feed names the last few pages."""
    size = max(way.pages, way.total or 0)
    return way.name == "wordpress", way.name != "feed", size, way.name == "sitemap"


async def _samples(ways: list[DiscoveryMethod], asker: Asker) -> list[Answer]:
    asker.allow(SAMPLES, _SAMPLE_SECONDS)
    pages: list[Answer] = []
    for url in ways[0].samples[:SAMPLES] if ways else ():
        try:
            answer = await asker.page(url)
        except Spent:
            break
        pages += [answer] if answer else []
    return pages


def _found(url: str, asker: Asker, *, robots: Robots | None = None, **found: object) -> Survey:
    values = {
        "url": url,
        "asked": tuple(asker.asked),
        "seconds": round(monotonic() - asker.began, 1),
        **found,
    }
    return Survey.model_validate({**values, "robots": robots or Robots()})
