"""A news portal in Chinese: app banner, login menu, comments, recommended videos, once two items on a page.

A month later one item has a new line, one is gone, one has moved, one is new.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from pathlib import Path
from typing import Any

from flows.replicas.annexes import Annex
from flows.replicas.dated_lists import Entry, Lists, assemble, read_rows, with_document
from flows.replicas.library import Line, choose, works
from flows.replicas.library.reports import Text, interpretation, news
from flows.replicas.markup import html_of, text_lines
from flows.replicas.parts import Parts
from flows.replicas.site import Site
from output.base.records import Access

FOLDER = Path(__file__).parent
ROBOTS = "User-agent: *\nDisallow: /login\nDisallow: /news/2022/1220/3014.html\n"
RECOMMENDED_VIDEOS = 6


def build(base: str, edition: int) -> Site:
    """Return the news portal at a base URL."""
    pages = _Pages()
    rows = read_rows(FOLDER / "pages.toml", edition)
    days = {row["id"]: _day(row) for row in rows}
    entries = [_entry(base, pages, row, days) for row in rows]
    return assemble("news", base, entries, Lists(12, _list_path, pages.listing), ROBOTS)


def _list_path(number: int) -> str:
    return f"/news/index_{number}.html" if number > 1 else "/news/index.html"


def _path(number: int, day: date) -> str:
    return f"/news/{day:%Y/%m%d}/{number}.html"


def _day(row: dict[str, Any]) -> date:
    if "day" in row:
        day: date = row["day"]
        return day
    return works()[row.get("taken") or row["works"][0]].issued + timedelta(5 if "taken" in row else 0)


def _texts(row: dict[str, Any]) -> list[Text]:
    """Return title and lines of each item on a page."""
    if "story" in row:
        return [(row["title"], text_lines((FOLDER / "stories" / f"{row['story']}.md").read_text("utf-8")))]
    if "taken" in row:
        return [interpretation(works()[row["taken"]], "zh")]
    return [news(works()[name]) for name in row["works"]]


def _entry(base: str, pages: _Pages, row: dict[str, Any], days: dict[int, date]) -> Entry:
    day, special = days[row["id"]], row.get("special", "")
    path = _path(row["id"], day)
    if special == "pdf":
        return Entry(path, row["title"], day, annex=Annex(path, row["title"]))
    if special:
        title = row["title"] if "title" in row else _texts(row)[0][0]
        target = _path(row["target"], days[row["target"]]) if "target" in row else ""
        html = pages.page(row["id"], title, f"<p>{title}</p>", day)
        return Entry(path, title, day, html, special=special, target=target, withdrawn="works" in row)
    (title, lines), *second = _texts(row)
    lines = [*lines[: row.get("cut", 99)], *([Line(row["append"])] if "append" in row else [])]
    entry = Entry(path, title, day, changed=row.get("changed"))
    entry = with_document(
        base,
        entry,
        lambda head, content: pages.article(row, entry, head, content),
        pages.head(row, entry),
        pages.content(lines, second, cut="cut" in row),
        key=f"news:{row['id']}",
        languages=("zh-Hans",),
        paragraphs=tuple(line.text for line in lines),
        access=Access.TEASER if "cut" in row else Access.FULL,
        date_published=day.isoformat(),
        same_as=f"portal:interpretation-{row['taken']}" if "taken" in row else row.get("same_as", ""),
    )
    for part, (other, its_lines) in enumerate(second, 1):
        texts = tuple(line.text for line in its_lines)
        key = f"news:{row['id']}-{part + 1}"
        document = dataclasses.replace(entry.documents[0], key=key, title=other, paragraphs=texts, part=part)
        entry = dataclasses.replace(entry, documents=(*entry.documents, document))
    return entry


class _Pages:
    """The portal's HTML."""

    def __init__(self) -> None:
        self._parts = Parts(FOLDER / "parts.html")
        self._data = tomllib.loads((FOLDER / "furniture.toml").read_text("utf-8"))

    def head(self, row: dict[str, Any], entry: Entry) -> str:
        source = "岚湾政务公开网" if "taken" in row else "岚视新闻"
        published = f"{entry.day} {8 + row['id'] % 12:02}:{row['id'] % 60:02}:55"
        return self._parts("head", title=entry.title, published=published, source=source)

    def content(self, lines: Sequence[Line], second: Sequence[Text], *, cut: bool) -> str:
        pieces = [html_of(lines)]
        for title, its_lines in second:
            pieces += [self._parts("second", title=title), html_of(its_lines)]
        return "\n".join([*pieces, *([self._parts("cut")] if cut else [])])

    def article(self, row: dict[str, Any], entry: Entry, head: str, content: str) -> str:
        pool, count = self._data, row["comments"]
        comments = [
            self._parts(
                "comment",
                name=choose(pool["names"], row["id"], position),
                text=pool["comments"][(row["id"] + position) % len(pool["comments"])],
                date=f"{entry.day:%m-%d}",
            )
            for position in range(count)
        ]
        below = "\n".join(comments) or self._parts("no_comment")
        main = self._parts("article", head=head, content=content, comments=below)
        return self.page(row["id"], entry.title, main, entry.day)

    def listing(self, shown: Sequence[Entry], number: int, last: int) -> str:
        items = (
            self._parts("item", url=e.path, title=escape(e.title), date=e.day.isoformat()) for e in shown
        )
        links = self._parts("previous", url=_list_path(number - 1)) if number > 1 else ""
        links += self._parts("next", url=_list_path(number + 1)) if number < last else ""
        main = self._parts("list", items="\n".join(items), links=links)
        return self.page(number, "时讯", main, shown[0].day)

    def page(self, number: int, title: str, main: str, day: date) -> str:
        """Return a whole page; its recommended videos are chosen by its number."""
        pool = self._data["videos"]
        chosen = [pool[(number * 3 + position) % len(pool)] for position in range(RECOMMENDED_VIDEOS)]
        videos = (
            self._parts(
                "video",
                duration=duration,
                title=video,
                channel=channel,
                date=f"{day - timedelta(position):%Y/%m/%d}",
            )
            for position, (duration, video, channel) in enumerate(chosen)
        )
        return self._parts("page", title=escape(title), main=main, videos="\n".join(videos))
