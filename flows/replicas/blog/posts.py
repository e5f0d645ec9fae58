"""The blog's posts by edition: their texts, before any HTML."""

from __future__ import annotations

import dataclasses
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from flows.replicas.dated_lists import read_rows
from flows.replicas.library import Line, Work, choose, number_of, regulation, works
from flows.replicas.markup import fold, text_lines
from output.base.records import Access

FOLDER = Path(__file__).parent
TAGS = {"en": "en", "zh": "zh-Hans"}
# The text in the archive of posts that are no documents.
_SPECIAL = {
    "refused": "For the circle only; the page asks machines to stay away.",
    "gone": "The consultation ended with the month. Answers were taken at the ward offices.",
    "pdf": "The schedule as the Board prints it, four columns, no text.",
    "moved": "The table of fees has a new address.",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Post:
    """A post: its path from the root, its lines by language, and what is special about it.

    `special` is "" for a document, else refused, gone, moved or pdf; `former` is its path before it moved.
    """

    number: int
    path: str
    title: str
    published: datetime
    modified: datetime
    sections: tuple[tuple[str, tuple[Line, ...]], ...]
    more: int
    comments: int
    special: str = ""
    former: str = ""
    charset: str = "UTF-8"
    bare: bool = False
    new: bool = False
    access: Access = Access.FULL
    work: Work | None = None
    key: str = ""
    same_as: str = ""
    version_of: str = ""
    contained_in: str = ""

    @property
    def lines(self) -> list[Line]:
        """All lines, one language below the other."""
        return [line for _, lines in self.sections for line in lines]

    @property
    def category(self) -> str:
        """Its category besides the one of all texts."""
        return "translations" if self.work else "essays"


def load_posts(edition: int) -> list[Post]:
    """Return all posts of an edition, oldest first, also those that are no documents."""
    rows = read_rows(FOLDER / "posts.toml", edition, key="slug")
    dated = sorted(rows, key=lambda row: (_day(row), row["slug"]))
    return [_post(number, row) for number, row in enumerate(dated, 101)]


def _post(number: int, row: dict[str, Any]) -> Post:
    day, work = _day(row), works()[row["work"]] if "work" in row else None
    published = datetime.combine(day, time(9 + number % 8, number % 60), UTC)
    first = row["languages"][0]
    title = row.get("title") or (work.titles[first] if work else "")
    sections = tuple((TAGS[language], tuple(_lines(row, work, language))) for language in row["languages"])
    path = f"/{day:%Y/%m/%d}/{row['slug']}" + (".pdf" if row.get("special") == "pdf" else "/")
    return Post(
        number=number,
        path=row.get("moved_to", path),
        title=title + (" [Excerpts]" if row.get("excerpt") else ""),
        published=published,
        modified=datetime.combine(row["modified"], time(7, 30), UTC) if "modified" in row else published,
        sections=sections,
        more=row["more"],
        comments=row["comments"],
        special=row.get("special", ""),
        former=path if "moved_to" in row else "",
        charset=row.get("charset", "UTF-8"),
        bare=row.get("bare", False),
        new=row.get("new", False),
        access=Access.EXCERPT if row.get("excerpt") else Access(row.get("access", "full")),
        work=work,
        key=row["slug"] if "same_as" in row or not work else work.id,
        same_as=row.get("same_as", ""),
        version_of=row.get("version_of", ""),
        contained_in=row.get("contained_in", ""),
    )


def _lines(row: dict[str, Any], work: Work | None, language: str) -> list[Line]:
    if row.get("special"):
        return [Line(_SPECIAL[row["special"]])]
    if work:
        lines = regulation(work, language)
        if row.get("excerpt"):
            lines = [*lines[:8], Line("[…]"), *lines[11:14], Line("[…]"), lines[-1]]
        if language != row["languages"][0]:
            lines.insert(0, Line(work.titles[language], "h2"))
    else:
        lines = text_lines((FOLDER / "essays" / f"{row['essay']}.{language}.md").read_text("utf-8"))
    if "append" in row:
        lines.append(Line(row["append"]))
    for old, new in row.get("edits", ()):
        lines = [Line(fold(line.text.replace(old, new)), line.tag) for line in lines]
    return lines


def _day(row: dict[str, Any]) -> date:
    day: date = row["date"] if "date" in row else works()[row["work"]].issued
    return day


def comments_of(post: Post) -> list[tuple[str, str]]:
    """Return the comments below a post, as invented names and texts."""
    pool = tomllib.loads((FOLDER / "comments.toml").read_text("utf-8"))
    texts = sorted(pool["texts"], key=lambda text: number_of(post.path, text))
    return [(choose(pool["names"], post.path, text), text) for text in texts[: post.comments]]
