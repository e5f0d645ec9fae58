"""WordPress, sitemaps and feeds, each tried as a crawl would read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from crawlers import discovery
from crawlers.declaration.schema import Source
from crawlers.declaration.scope import Scope
from crawlers.discovery import Answer, IndexUnreadable, Link
from crawlers.net.addresses import is_loopback
from crawlers.probe.findings import DiscoveryMethod
from crawlers.probe.url_patterns import pages_of, pattern
from web.urls import canonical, parse

if TYPE_CHECKING:
    from crawlers.probe.asker import Asker

# Where sitemaps and feeds lie when nobody says where.
_SITEMAPS = ("sitemap.xml", "sitemap_index.xml", "sitemap.txt")
_FEEDS = ("feed/", "rss.xml", "atom.xml")
# Files of one sitemap index, and feeds, that are read.
_READ_SITEMAPS = 5
_READ_FEEDS = 2
_SAMPLES = 3
# Bytes of an entry from which on it holds a text, rather than a summary.
_FULL_BYTES = 1500


def declared(way: str, home: str, start: Iterable[str], follow: str = "") -> Source:
    """A source that lists its pages by that way, as a draft would declare it."""
    urls = tuple(start)
    parsed = parse(home)
    return Source.model_validate({
        "source": {"id": "probe", "name": "probe", "home": home},
        "crawl": {
            "discover": way, "start": urls, "follow": follow or (".*" if way == "listing" else ""),
            "loopback": bool(parsed and is_loopback(parsed)),
        },
    })  # fmt: skip


async def wordpress(asker: Asker, first: Answer, api: str) -> DiscoveryMethod | None:
    """The posts that a WordPress API lists, with its own total of them."""
    page, root = api.partition("wp-json")[0] or "", parse(first.url)
    home = page if page and not page.endswith("?") else (root.root if root else first.url)
    source = declared("wordpress", home, [home])
    link = discovery.start(source)[0]
    found = await _read(asker, source, link)
    if found is None or not any(one.kind == "page" for one in found.links):
        return None
    pages = [one for one in found.links if one.kind == "page"]
    notes = []
    terms = await asker.page(f"{home}wp-json/wp/v2/categories?per_page=100&_fields=slug,count")
    if terms and (categories := _entries(terms)):
        total = terms.header("x-wp-total")
        notes.append(f"{total if total.isdecimal() else len(categories)} categories")
    return _method(
        "wordpress", source, pages, found.total, len(pages) == len(found.links), home=home, notes=notes
    )


async def sitemap(asker: Asker, first: str, named: Sequence[str]) -> DiscoveryMethod | None:
    """The pages of the site's sitemaps that look like documents."""
    starts = _on_site(first, named) or [url for name in _SITEMAPS if (url := _at_root(first, name))]
    source = declared("sitemap", first, starts)
    todo = discovery.start(source) if named else []
    good: list[str] = []
    files = unread = 0
    links: dict[str, Link] = {}
    if not named:
        # Of the usual places, the first that answers.
        for link in discovery.start(source):
            if await asker.page(link.url):
                todo = [link]
                break
    for start in [link.url for link in todo]:
        queue = [link for link in todo if link.url == start]
        while queue and files < _READ_SITEMAPS:
            # The first, the last, and what lies between: sitemaps are sorted by kind and by time.
            link = queue.pop(0 if files % 2 == 0 else -1)
            found = await _read(asker, source, link)
            files += 1
            if found is None:
                continue
            queue += [one for one in found.links if one.kind == "index" and _is_ours(source, one.url)]
            links |= {one.url: one for one in found.links if one.kind == "page" and _is_ours(source, one.url)}
            good += [start] if start not in good else []
        unread += len(queue)
    shapes = pages_of(links)
    pages = [links[url] for urls in shapes.values() for url in urls]
    if not pages:
        return None
    notes = [f"{len(links)} URLs in all"] if len(links) > len(pages) else []
    notes += [f"{unread} more sitemaps that were not read"] if unread else []
    follow = pattern(shapes)
    return _method("sitemap", declared("sitemap", first, good, follow), pages, None, not unread, notes=notes)


async def feed(asker: Asker, first: str, named: Sequence[str]) -> DiscoveryMethod | None:
    """The entries of the site's feeds."""
    ours = _on_site(first, named)[:_READ_FEEDS]
    usual = [url for name in _FEEDS if (url := _at_root(first, name))]
    source = declared("feed", first, ours or usual)
    links: dict[str, Link] = {}
    good: list[str] = []
    notes: list[str] = []
    for link in discovery.start(source):
        found = await _read(asker, source, link)
        if found is None or not found.links:
            continue
        good.append(link.url)
        links |= {one.url: one for one in found.links if _is_ours(source, one.url)}
        answer = await asker.page(link.url)
        if answer and _has_texts(answer.body, len(found.links)):
            notes = ["the entries hold whole texts"]
        if not ours:
            break
    pages = list(links.values())
    return (
        _method("feed", declared("feed", first, good), pages, None, is_whole=True, notes=notes)
        if pages
        else None
    )


def _method(
    name: Any, source: Source, pages: Sequence[Link], total: int | None, is_whole: bool,
    *, home: str = "", notes: Iterable[str] = (),
) -> DiscoveryMethod:  # fmt: skip
    """A way with the dates and the samples of its pages."""
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
    """Three of the URLs: near the beginning, in the middle, near the end."""
    last = len(urls) - 1
    return tuple(dict.fromkeys(urls[round(last * share)] for share in (0, 0.5, 1))) if urls else ()


async def _read(asker: Asker, source: Source, link: Link) -> discovery.Found | None:
    """What an index names; None where it cannot be had or read."""
    answer = await asker.page(link.url)
    if answer is None:
        return None
    try:
        return discovery.read(
            source, Answer(answer.url, answer.status, answer.headers, answer.body, link.hint)
        )
    except IndexUnreadable:
        return None


def _is_ours(source: Source, url: str) -> bool:
    return not Scope(source).refusal(url)


def _on_site(first: str, urls: Sequence[str]) -> list[str]:
    source = declared("urls", first, [first])
    return [url for url in urls if _is_ours(source, url)]


def _at_root(first: str, name: str) -> str | None:
    parsed = parse(first)
    return canonical(name, parsed.root) if parsed else None


def _entries(answer: Answer) -> list[Any]:
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        return []
    return data if isinstance(data, list) else []


def _has_texts(body: bytes, entries: int) -> bool:
    """Whether a feed's entries hold more than summaries: by their content elements, and its length."""
    contents = body.count(b"<content:encoded") + body.count(b"<content ") + body.count(b"<content>")
    return 2 * contents >= entries and len(body) >= _FULL_BYTES * entries
