"""What the replicas share: dated pages on numbered lists, of which some are no documents."""

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

# The outcome of a page that is no document, by what is special about it.
OUTCOMES = {
    "refused": "refused: robots",
    "gone": "gone",
    "moved": "rejected: moved",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A page on the lists: its path from the root, and its HTML or what is `special` about it.

    A moved page has its new path as `target`. A `withdrawn` page still answers, but is on no list. `files`
    are the files that lists name next to it. A page that is a PDF itself has it as `annex`.
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
    files: tuple[Annex, ...] = ()
    annex: Annex | None = None

    @property
    def modified(self) -> datetime:
        """The time of the page's last change."""
        return datetime.combine(self.changed or self.day, time(9, 30), UTC)


@dataclasses.dataclass(frozen=True, slots=True)
class Lists:
    """A site's lists: entries on each, the path of list n, the HTML from entries, number and last number."""

    size: int
    path: Callable[[int], str]
    html: Callable[[Sequence[Entry], int, int], str]
    charset: str = "utf-8"


def read_rows(file: Path, edition: int, key: str = "id") -> list[dict[str, Any]]:
    """Read the rows of a site's page file, with the changes of the second edition merged by `key`."""
    data = tomllib.loads(file.read_text("utf-8"))
    rows: dict[Any, dict[str, Any]] = {row[key]: row for row in data["page"]}
    if edition > 1:
        for change in data["second"]:
            rows[change[key]] = {**rows.get(change[key], {}), **change}
    return list(rows.values())


def assemble(name: str, base: str, entries: Sequence[Entry], lists: Lists, robots: str) -> Site:
    """Return the site of these entries, newest first on its lists; the first list is also its home page."""
    first = min(entry.modified for entry in entries)
    answers = {"/robots.txt": Answer(robots.encode(), 200, "text/plain", first)}
    outcomes = {}
    for entry in entries:
        answers[entry.path] = answer_of(base, entry)
        if entry.special:
            outcomes[base + entry.path] = OUTCOMES[entry.special]
        for annex in entry.files:
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
    annexes = [annex for entry in entries for annex in (*entry.files, entry.annex) if annex]
    documents += [annex.expected(base, name) for annex in annexes]
    return Site(name, answers, tuple(documents), outcomes)


def _sitemap(base: str, entries: Sequence[Entry]) -> bytes:
    """Return the sitemap of all pages and files on the lists."""
    urls = "".join(
        f"<url><loc>{escape(base + path)}</loc><lastmod>{entry.modified.isoformat()}</lastmod></url>"
        for entry in entries
        for path in (entry.path, *(annex.path for annex in entry.files))
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


def with_document(
    base: str, entry: Entry, render: Callable[[str, str], str], head: str, content: str, **known: Any
) -> Entry:
    """Return the entry with its page and the one document in it; `known` are other fields of `Expected`.

    `render` makes the page from the HTML of head and content. The lines that it shows without both are
    furniture.
    """
    furniture = tuple(dict.fromkeys(visible_lines(render("", ""))))
    document = Expected(url=base + entry.path, title=entry.title, furniture=furniture, **known)
    return dataclasses.replace(entry, html=render(head, content), documents=(document,))


def answer_of(base: str, entry: Entry) -> Answer:
    """Return the answer to a page's path."""
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
    """Return the codec of a charset; pages that declare gb2312 use its superset, as browsers expect."""
    return "gb18030" if charset == "gb2312" else charset


def content_type(charset: str) -> str:
    """Return the header for HTML in a charset; Chinese portals declare theirs only in the page."""
    return "text/html" if charset == "gb2312" else f"text/html; charset={charset}"
