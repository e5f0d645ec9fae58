"""The government portal in machine English, on a site of its own.

A month later a notice has a new line, one page is gone, one has moved, one is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from pathlib import Path
from typing import Any

from flows.replicas import portal
from flows.replicas.dated_lists import Entry, Lists, assemble, read_rows, with_document
from flows.replicas.library import Line, Work, works
from flows.replicas.library.reports import machine
from flows.replicas.markup import html_of
from flows.replicas.parts import Parts
from flows.replicas.site import Site

FOLDER = Path(__file__).parent
ROBOTS = "User-agent: *\nDisallow: /english/2023-01/09/content_2018.html\n"
CHANNELS = {
    "regulation": "Rules and regulations",
    "interpretation": "Policy reading",
    "questions": "News release",
    "notice": "Announcement of notice",
}


def build(base: str, edition: int) -> Site:
    """Return the mirror at a base URL."""
    parts = Parts(FOLDER / "parts.html")
    rows = read_rows(FOLDER / "pages.toml", edition)
    days = {row["id"]: _day(row) for row in rows}
    entries = [_entry(base, parts, row, days) for row in rows]

    def page_of(shown: Sequence[Entry], number: int, last: int) -> str:
        items = (parts("item", url=e.path, title=escape(e.title), date=e.day.isoformat()) for e in shown)
        links = parts("previous", url=_list_path(number - 1)) if number > 1 else ""
        links += parts("next", url=_list_path(number + 1)) if number < last else ""
        title = "Political affairs announcement"
        main = parts("list", title=title, items="\n".join(items), links=links)
        return parts("page", title=title, channel=title, main=main)

    return assemble("mirror", base, entries, Lists(10, _list_path, page_of), ROBOTS)


def _list_path(number: int) -> str:
    return f"/english/index_{number}.html" if number > 1 else "/english/index.html"


def _day(row: dict[str, Any]) -> date:
    return portal.published(row) + timedelta(0 if "day" in row else 6)


def _path(number: int, day: date) -> str:
    return f"/english/{day:%Y-%m/%d}/content_{number}.html"


def _entry(base: str, parts: Parts, row: dict[str, Any], days: dict[int, date]) -> Entry:
    day, special = days[row["id"]], row.get("special", "")
    path, work = _path(row["id"], day), works().get(row.get("work", ""))
    if special or work is None:
        title = row["title"] if work is None else machine(portal.text_of(row, work, "en"))[0]
        target = _path(row["target"], days[row["target"]]) if "target" in row else ""
        html = parts("page", title=title, channel="text", main=f"<p>{title}</p>")
        return Entry(path, title, day, html, special=special, target=target, withdrawn=work is not None)
    title, lines = machine(portal.text_of(row, work, "en"))
    lines += [Line(row["append"])] if "append" in row else []
    entry = Entry(path, title, day, changed=row.get("changed"))
    source = portal.key_of(row)
    own = source.replace("portal:", "mirror:")
    return with_document(
        base,
        entry,
        lambda head, content: _article(parts, row, title, head, content),
        _head(parts, work, entry),
        html_of(lines),
        key=f"{own}-again" if "again" in row else own,
        languages=("en",),
        paragraphs=tuple(line.text for line in lines),
        date_published=day.isoformat(),
        date_issued=work.issued.isoformat() if row["kind"] == "regulation" else "",
        date_effective=work.effective.isoformat() if row["kind"] == "regulation" else "",
        work=work.id if row["kind"] == "regulation" else "",
        translation_of=source,
        same_as=own if "again" in row else "",
    )


def _head(parts: Parts, work: Work, entry: Entry) -> str:
    return parts(
        "head", title=escape(entry.title), published=f"{entry.day} 15:20:00", source=work.issuer["en"]
    )


def _article(parts: Parts, row: dict[str, Any], title: str, head: str, content: str) -> str:
    main = parts("article", head=head, content=content)
    return parts("page", title=escape(title), channel=CHANNELS[row["kind"]], main=main)
