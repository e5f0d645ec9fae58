"""Discovery by WordPress, sitemaps and feeds, each tried as a crawl reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crawlers import discovery
from crawlers.declaration.schema import Source
from crawlers.declaration.scope import Scope
from crawlers.discovery import FetchedPage, IndexUnreadable, Link
from crawlers.net.addresses import is_loopback
from crawlers.probe.fetcher import ProbeFetcher
from crawlers.probe.findings import DiscoveryMethod
from crawlers.probe.url_patterns import document_groups, pattern
from output.base.wording import counted
from web.urls import canonical, parse

# The usual paths of sitemaps and feeds, for sites that name none.
_USUAL_SITEMAPS = ("sitemap.xml", "sitemap_index.xml", "sitemap.txt")
_USUAL_FEEDS = ("feed/", "rss.xml", "atom.xml")
# How many sitemaps and feeds the probe reads.
_MAX_SITEMAPS = 5
_MAX_FEEDS = 2
# A feed with so many bytes an entry holds whole texts; summaries are shorter.
_MIN_FULL_TEXT_BYTES = 1500


def declare(method: str, home: str, start: Iterable[str], follow: str = "") -> Source:
    """Return a source that lists its pages by that method, as a draft would declare it."""
    parsed = parse(home)
    return Source.model_validate({
        "source": {"id": "probe", "name": "probe", "home": home},
        "crawl": {
            "discover": method, "start": tuple(start),
            "follow": follow or (".*" if method == "listing" else ""),
            "loopback": bool(parsed and is_loopback(parsed)),
        },
    })  # fmt: skip


async def wordpress(fetcher: ProbeFetcher, first: FetchedPage, api: str) -> DiscoveryMethod | None:
    """Return the posts that a WordPress API lists, with its own total; None where it lists none."""
    page, root = api.partition("wp-json")[0] or "", parse(first.url)
    home = page if page and not page.endswith("?") else (root.root if root else first.url)
    source = declare("wordpress", home, [home])
    found = await _read(fetcher, source, discovery.start(source)[0])
    pages = [link for link in found.links if link.kind == "page"] if found else []
    if found is None or not pages:
        return None
    terms = await fetcher.page(f"{home}wp-json/wp/v2/categories?per_page=100&_fields=slug,count")
    notes = []
    if terms and (categories := _json_list(terms)):
        total = terms.header("x-wp-total")
        notes.append(f"{total if total.isdecimal() else len(categories)} categories")
    is_whole = len(pages) == len(found.links)
    return _method("wordpress", source, pages, found.total, is_whole, home=home, notes=notes)


async def sitemap(fetcher: ProbeFetcher, first: str, named: Sequence[str]) -> DiscoveryMethod | None:
    """Return the pages in the site's sitemaps that look like documents; None where there are none."""
    starts = _on_site(first, named) or _at_root(first, _USUAL_SITEMAPS)
    source = declare("sitemap", first, starts)
    links = discovery.start(source)
    if not named:
        links = await _first_available(fetcher, links)
    sitemaps = await _read_sitemaps(fetcher, source, links)
    groups = document_groups(sitemaps.pages)
    pages = [sitemaps.pages[url] for urls in groups.values() for url in urls]
    if not pages:
        return None
    notes = [f"{counted(len(sitemaps.pages), 'URL')} in all"] if len(sitemaps.pages) > len(pages) else []
    notes += [f"{sitemaps.unread} more sitemaps that were not read"] if sitemaps.unread else []
    drafted = declare("sitemap", first, sitemaps.readable, pattern(groups))
    return _method("sitemap", drafted, pages, None, not sitemaps.unread, notes=notes)


@dataclass(slots=True)
class _Sitemaps:
    """What a few of a site's sitemaps name: their pages, the start URLs that are readable, and the rest."""

    pages: dict[str, Link] = field(default_factory=dict)
    readable: list[str] = field(default_factory=list)
    read: int = 0
    unread: int = 0


async def _read_sitemaps(fetcher: ProbeFetcher, source: Source, starts: Iterable[Link]) -> _Sitemaps:
    """Read a few sitemaps: of an index the first, the last and so on, as they are sorted by kind or time."""
    sitemaps = _Sitemaps()
    for start in starts:
        queue = [start]
        while queue and sitemaps.read < _MAX_SITEMAPS:
            link = queue.pop(0 if sitemaps.read % 2 == 0 else -1)
            found = await _read(fetcher, source, link)
            sitemaps.read += 1
            if found is None:
                continue
            own = [one for one in found.links if _is_in_scope(source, one.url)]
            queue += [one for one in own if one.kind == "index"]
            sitemaps.pages |= {one.url: one for one in own if one.kind == "page"}
            sitemaps.readable += [start.url] if start.url not in sitemaps.readable else []
        sitemaps.unread += len(queue)
    return sitemaps


async def _first_available(fetcher: ProbeFetcher, links: Iterable[Link]) -> list[Link]:
    """Return the first of the links that the site answers with 200, alone in a list."""
    for link in links:
        if await fetcher.page(link.url):
            return [link]
    return []


async def feed(fetcher: ProbeFetcher, first: str, named: Sequence[str]) -> DiscoveryMethod | None:
    """Return the entries of the site's feeds; None where there are none."""
    own = _on_site(first, named)[:_MAX_FEEDS]
    source = declare("feed", first, own or _at_root(first, _USUAL_FEEDS))
    links: dict[str, Link] = {}
    readable: list[str] = []
    notes: list[str] = []
    for link in discovery.start(source):
        found = await _read(fetcher, source, link)
        if found is None or not found.links:
            continue
        readable.append(link.url)
        links |= {one.url: one for one in found.links if _is_in_scope(source, one.url)}
        page = await fetcher.page(link.url)
        if page and _has_full_texts(page.body, len(found.links)):
            notes = ["the entries hold whole texts"]
        if not own:
            break
    if not links:
        return None
    drafted = declare("feed", first, readable)
    return _method("feed", drafted, list(links.values()), None, is_whole=True, notes=notes)


def _method(
    name: Any, source: Source, pages: Sequence[Link], total: int | None, is_whole: bool,
    *, home: str = "", notes: Iterable[str] = (),
) -> DiscoveryMethod:  # fmt: skip
    """Return a discovery method with the dates and the samples of its pages."""
    dates = sorted(filter(None, (link.hint.published or link.hint.modified for link in pages)))
    return DiscoveryMethod(
        name=name,
        start=source.crawl.start,
        pages=len(pages),
        home=home,
        total=total,
        is_whole=is_whole,
        follow=source.crawl.follow,
        newest=dates[-1][:10] if dates else "",
        oldest=dates[0][:10] if dates else "",
        notes=(*notes, *([] if len(dates) == len(pages) else [f"{len(pages) - len(dates)} without a date"])),
        samples=spread([link.url for link in pages]),
    )


def spread(urls: Sequence[str]) -> tuple[str, ...]:
    """Return three of the URLs: the first, the middle and the last."""
    last = len(urls) - 1
    return tuple(dict.fromkeys(urls[round(last * share)] for share in (0, 0.5, 1))) if urls else ()


async def _read(fetcher: ProbeFetcher, source: Source, link: Link) -> discovery.FoundLinks | None:
    """Read an index; None where it is not available or not readable."""
    page = await fetcher.page(link.url)
    if page is None:
        return None
    try:
        return discovery.read(source, replace(page, hint=link.hint))
    except IndexUnreadable:
        return None


def _is_in_scope(source: Source, url: str) -> bool:
    return not Scope(source).refusal(url)


def _on_site(first: str, urls: Sequence[str]) -> list[str]:
    source = declare("urls", first, [first])
    return [url for url in urls if _is_in_scope(source, url)]


def _at_root(first: str, paths: Iterable[str]) -> list[str]:
    parsed = parse(first)
    return [url for path in paths if parsed and (url := canonical(path, parsed.root))]


def _json_list(page: FetchedPage) -> list[Any]:
    try:
        data = json.loads(page.body)
    except (ValueError, RecursionError):
        return []
    return data if isinstance(data, list) else []


def _has_full_texts(body: bytes, entries: int) -> bool:
    """Whether a feed holds whole texts: half of its entries have a content element, and it is long enough."""
    contents = body.count(b"<content:encoded") + body.count(b"<content ") + body.count(b"<content>")
    return 2 * contents >= entries and len(body) >= _MIN_FULL_TEXT_BYTES * entries
