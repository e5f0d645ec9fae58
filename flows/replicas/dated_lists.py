"""What the replicas have in common: dated pages on numbered lists, some of which are no documents."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from html import escape
from pathlib import Path
from typing import Any

from flows.replicas.annexes import Annex
from flows.replicas.markup import visible_lines
from flows.replicas.site import HTML, Answer, Expected, Site

# How a page that is no document ends, by what is special about it.
OUTCOMES = {
    "refused": "refused: robots",
    "gone": "gone",
    "moved": "rejected: moved",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A page that lists name: its path from the root, and its HTML or what is `special` about it.

    A moved page names the path it moved to in `target`. A `withdrawn` page answers, but stands on no list any
    more. `beside` are the files that lists name next to it. One that is a PDF itself has that as `annex`.
    """

    path: str
    title: str
    day: date
    html: str = ""
    charset: str = "utf-8"
    documents: tuple[Expected, ...] = ()
    special: str = ""
    target: str = ""
    withdrawn: bool = False
    changed: date | None = None
    beside: tuple[Annex, ...] = ()
    annex: Annex | None = None

    @property
    def modified(self) -> datetime:
        """When the page last changed."""
        return datetime.combine(self.changed or self.day, time(9, 30), UTC)


@dataclasses.dataclass(frozen=True, slots=True)
class Lists:
    """A site's lists: entries on each, the path of a number, the HTML from entries, number and last."""

    size: int
    path: Callable[[int], str]
    html: Callable[[Sequence[Entry], int, int], str]
    charset: str = "utf-8"


def read_rows(file: Path, edition: int, key: str = "id") -> list[dict[str, Any]]:
    """The rows of a site's page file, with the changes of the second edition merged in by `key`."""
    data = tomllib.loads(file.read_text("utf-8"))
    rows: dict[Any, dict[str, Any]] = {row[key]: row for row in data["page"]}
    if edition > 1:
        for change in data["second"]:
            rows[change[key]] = {**rows.get(change[key], {}), **change}
    return list(rows.values())


def assemble(name: str, base: str, entries: Sequence[Entry], lists: Lists, robots: str) -> Site:
    """The site of these entries, the newest first on its lists; the first list is its home page too."""
    first = min(entry.modified for entry in entries)
    answers = {"/robots.txt": Answer(robots.encode(), 200, "text/plain", first)}
    outcomes = {}
    for entry in entries:
        answers[entry.path] = answer_of(base, entry)
        if entry.special:
            outcomes[base + entry.path] = OUTCOMES[entry.special]
        for annex in entry.beside:
            answers[annex.path] = annex.answer(entry.modified)
    listed = sorted(
        (entry for entry in entries if not entry.withdrawn), key=lambda e: (e.day, e.path), reverse=True
    )
    newest, last = max(entry.modified for entry in entries), math.ceil(len(listed) / lists.size)
    for number in range(1, last + 1):
        shown = listed[(number - 1) * lists.size : number * lists.size]
        html = lists.html(shown, number, last).encode(codec(lists.charset))
        answers[lists.path(number)] = Answer(html, 200, content_type(lists.charset), newest)
        outcomes[base + lists.path(number)] = "index"
    answers["/"] = answers[lists.path(1)]
    answers["/sitemap.xml"] = Answer(_sitemap(base, listed), 200, "application/xml", newest)
    documents = [document for entry in entries for document in entry.documents]
    annexes = [annex for entry in entries for annex in (*entry.beside, entry.annex) if annex]
    documents += [annex.expected(base, name) for annex in annexes]
    return Site(name, answers, tuple(documents), outcomes)


def _sitemap(base: str, entries: Sequence[Entry]) -> bytes:
    """The sitemap of what the lists name, files included."""
    urls = "".join(
        f"<url><loc>{escape(base + path)}</loc><lastmod>{entry.modified.isoformat()}</lastmod></url>"
        for entry in entries
        for path in (entry.path, *(annex.path for annex in entry.beside))
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


def with_document(
    base: str, entry: Entry, render: Callable[[str, str], str], head: str, content: str, **known: Any
) -> Entry:
    """The entry with its page and the one document in it, of which `known` gives Expected's other fields.

    `render` makes the page from the HTML of head and content; what it shows with neither is furniture.
    """
    furniture = tuple(dict.fromkeys(visible_lines(render("", ""))))
    document = Expected(url=base + entry.path, title=entry.title, furniture=furniture, **known)
    return dataclasses.replace(entry, html=render(head, content), documents=(document,))


def answer_of(base: str, entry: Entry) -> Answer:
    """What a page's path answers."""
    if entry.annex:
        return entry.annex.answer(entry.modified)
    match entry.special:
        case "gone":
            return Answer(b"<html><title>Gone</title><p>This page was withdrawn.</p></html>", 410)
        case "moved":
            return Answer(b"", 301, HTML, None, (("Location", base + entry.target),))
        case _:
            body = entry.html.encode(codec(entry.charset))
            return Answer(body, 200, content_type(entry.charset), entry.modified)


def codec(charset: str) -> str:
    """What a page that declares gb2312 is written in: browsers read the larger set, so sites write it."""
    return "gb18030" if charset == "gb2312" else charset


def content_type(charset: str) -> str:
    """The header for HTML in a charset; Chinese portals leave theirs to the page's meta element."""
    return "text/html" if charset == "gb2312" else f"text/html; charset={charset}"
