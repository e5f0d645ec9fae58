"""Twenty sites that make up pages without end, each beside forty honest pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.faults.rows import row
from tests.unit.crawlers.forked import Forks
from tests.unit.crawlers.rig import Crawls, Page, Site

MOST_FETCHES = 200
HONEST = [f"/laws/{number}" for number in range(1, 41)]

Answer = tuple[str, list[str], list[str]]  # what a page says, the pages that it names, the listings


def number(path: str, default: int = 0) -> int:
    found = re.findall(r"\d+", path)
    return int(found[-1]) if found else default


def month(path: str) -> Answer:
    """A calendar: each month names its days, and the month after it."""
    year, this = divmod(number(path.replace("-", "")) if "-" in path else 202601, 100)
    following = f"/calendar/{year + this // 12}-{this % 12 + 1:02}/"
    days = [f"/event/{year}-{this:02}-{day:02}" for day in range(1, 29)]
    return f"Month {this} of {year}", days, [following]


def day(path: str) -> Answer:
    year, this, day = path.rsplit("/", 1)[1].split("-")
    return f"No events on {int(day)}.{int(this)}.{year}", [], []


def pages(folder: str, count: int = 10) -> Callable[[str], Answer]:
    """Pagination without an end, whose every page names others."""
    return lambda path: (
        path,
        [f"/{folder}/{number(path, 1) * count + n}" for n in range(count)],
        [f"/list/?page={number(path, 1) + 1}"],
    )


def _next(path: str) -> str:
    return on(path, 1)


def same(_: str) -> Answer:
    return "There is nothing here.", [], []


def unlike(path: str) -> Answer:
    return f"Page {path} is unlike any other: {hash(path)}", [], []


def session(key: str, pattern: str) -> Callable[[str], Answer]:
    """Every page is named anew at each visit, under another session."""
    count = iter(range(1, 10**9))
    return lambda _: (
        "a listing",
        [pattern.format(link=link, key=key, id=f"{next(count):032x}") for link in HONEST],
        [pattern.format(link="/list/", key=key, id=f"{next(count):032x}")],
    )


# A trap: what it answers by the start of a path.
QUERY, PATH = "{link}?{key}={id}", "{link};{key}={id}"


def listing(
    named: Callable[[str], list[str]], following: Callable[[str], str] = _next
) -> dict[str, Callable[[str], Answer]]:
    """Listings below /list/, by the pages and the listing that each names."""
    return {"/list": lambda path: ("", named(path), [following(path)])}


def on(path: str, pages: int) -> str:
    return f"/list/?page={number(path, 1) + pages}"


def honest(_: str) -> list[str]:
    return HONEST


TRAPS: dict[str, dict[str, Callable[[str], Answer]]] = {
    "calendar by month": {"/calendar": month, "/event": day},
    "endless pagination, same pages": listing(honest),
    "endless pagination, empty pages": {"/list": pages("empty"), "/empty": same},
    "endless pagination, no pages": listing(lambda path: HONEST if path == "/list/" else []),
    "endless pagination, unlike pages": {"/list": pages("unlike"), "/unlike": unlike},
    "session in the query": {"/list": session("PHPSESSID", QUERY)},
    "session in the path": {"/list": session("jsessionid", PATH)},
    "session by another name": {"/list": session("visit", QUERY)},
    "ASP.NET session": {"/list": session("S", "/({key}({id})){link}")},
    "relative pages": listing(lambda path: [f"{path}more/1", f"{path}more/2"], lambda path: f"{path}more/"),
    "relative listing": listing(lambda path: [f"{path}page"], lambda path: f"{path}list/"),
    "repeated pair of folders": listing(lambda path: [f"{path}x"], lambda path: f"{path}a/b/"),
    "ever deeper": listing(lambda path: [f"{path}x"], lambda path: f"{path}{path.count('/')}/"),
    "filters in every order": listing(lambda path: [f"/item/?f={n}&g={number(path) + n}" for n in range(20)])
    | {"/item": same},
    "soft 404s": {"/list": pages("lost"), "/lost": same},
    "longer and longer query": listing(honest, lambda path: f"{path}{'&' if '?' in path else '?'}page=1"),
    "sort orders": listing(lambda path: [f"{law}?sort={number(path) + n}" for n, law in enumerate(HONEST)]),
    "redirect to another, endlessly": listing(lambda _: [*HONEST, "/away/1"]),
    "listings that skip each other": listing(honest, lambda path: on(path, 2)),
    "page numbers that jump": listing(honest, lambda path: on(path, 6 * number(path, 1))),
}


class Maze(Site):
    """Forty honest pages and one trap."""

    def __init__(self, trap: dict[str, Callable[[str], Answer]]) -> None:
        super().__init__()
        self.trap = trap
        for path in HONEST:
            self.html(path, f"<p>The text of {path}, which is a law.")
        self.listing("/laws/", HONEST)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        made = next((answer for start, answer in self.trap.items() if _starts(path, start)), None)
        plain = path.partition("?")[0].partition(";")[0]
        if path.startswith("/away/"):
            self.pages[path] = Page(b"", 302, {"Location": f"/away/{number(path) + 1}"})
        elif made:
            said, named, following = made(path)
            links = "".join(f'<a href="{link}">{link}</a>' for link in named)
            older = "".join(f'<a rel="next" href="{link}">next</a>' for link in following)
            body = f"<!doctype html><title>A page</title><p>{said}</p>{links}{older}"
            self.pages[path] = Page(body.encode(), headers={"Content-Type": "text/html"})
        elif path not in self.pages and plain in self.pages:
            self.pages[path] = self.pages[plain]
        super().answer(handler)


def _starts(path: str, start: str) -> bool:
    return path.startswith((f"{start}/", f"{start};")) or (path.startswith("/(") and f"){start}/" in path)


def trapped(folder: Path, forks: Forks, name: str) -> str:
    """What is wrong with the crawl of a trap; "" where nothing is."""
    answers = TRAPS[name]
    start = "/calendar/" if "calendar" in name else "/list/"
    # Nothing tells pages that differ from honest ones but the bound that the source declares.
    most = 150 if "unlike" in name else 100_000
    site = Maze(answers)
    folder.mkdir()
    crawls = Crawls(folder, site, forks)
    try:
        crawls.declare(
            start=[f"{site.url}/laws/", site.url + start],
            follow=r"/(laws|event|empty|unlike|item|lost|away)/.|/list/.*(page|more/\d|x)$",
            max_pages=most,
        )
        crawls.crawl()
        crawls.check()
        visits = crawls.visits()
        fetched = [visit for visit in visits.values() if visit.status == 200 and visit.kind == "page"]
        bodies = {visit.sha256 for visit in fetched}
        missing = [path for path in HONEST if not any(v.startswith(path) for v in visits)]
        named = {visit.reason for visit in visits.values() if visit.reason} - {"moved"}
        total = sum(site.asked.values())
    finally:
        crawls.close()
        site.close()
    wrong = []
    if total > MOST_FETCHES:
        wrong.append(f"{total} fetches")
    if len(bodies) < 0.9 * len(fetched):
        wrong.append(f"{len(bodies)} of {len(fetched)} pages distinct")
    if missing:
        wrong.append(f"{missing} never scheduled")
    row(f"  {name} in {total} fetches, told as {sorted(named)}; distinct pages", len(bodies), len(fetched))
    return f"{name}: {', '.join(wrong)}" if wrong else ""


def escape_all(folder: Path, forks: Forks, names: list[str]) -> None:
    wrong = [end for n, name in enumerate(names) if (end := trapped(folder / str(n), forks, name))]
    row("traps", len(names) - len(wrong), len(names))
    assert wrong == []


def test_three_traps_end(tmp_path: Path, forks: Forks) -> None:
    escape_all(tmp_path, forks, ["calendar by month", "session by another name", "relative pages"])


@pytest.mark.slow
def test_twenty_traps_end(tmp_path: Path, forks: Forks) -> None:
    assert len(TRAPS) == 20
    escape_all(tmp_path, forks, list(TRAPS))
