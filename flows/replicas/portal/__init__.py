"""A government portal in Chinese: breadcrumb, tables of particulars, annexes, pages that call GBK gb2312.

A month later a notice has a new line, one interpretation is gone, one page has moved, one is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from pathlib import Path
from typing import Any

from flows.replicas.annexes import Annex
from flows.replicas.dated_lists import Entry, Lists, assemble, read_rows, with_document
from flows.replicas.library import Line, Work, regulation, works
from flows.replicas.library.reports import Text, interpretation, notice, questions
from flows.replicas.markup import html_of
from flows.replicas.parts import Parts
from flows.replicas.site import Site

FOLDER = Path(__file__).parent
ROBOTS = "User-agent: *\nDisallow: /login.htm\nDisallow: /zwgk/2022-12/05/c_100215.htm\n"
CHARSET = "gb2312"
CHANNELS = {"regulation": "规章", "interpretation": "政策解读", "questions": "新闻发布", "notice": "通知公告"}
THEMES = {
    "岚网": "网络、通信",
    "岚港": "港口、航运",
    "岚市": "市场、价格",
    "岚交": "交通、车辆",
    "岚档": "档案、文化",
}
# Pages about a regulation are published this many days after it.
DELAYS = {"regulation": 3, "interpretation": 4, "questions": 5, "notice": 8}


def build(base: str, edition: int) -> Site:
    """Return the portal at a base URL."""
    parts = Parts(FOLDER / "parts.html")
    rows = read_rows(FOLDER / "pages.toml", edition)
    days = {row["id"]: published(row) for row in rows}
    entries = [_entry(base, parts, row, days) for row in rows]

    def page_of(shown: Sequence[Entry], number: int, last: int) -> str:
        items = "\n".join(_item(parts, entry) for entry in shown)
        links = parts("previous", url=_list_path(number - 1)) if number > 1 else ""
        links += parts("next", url=_list_path(number + 1)) if number < last else ""
        return _page(parts, "规章文件", "规章文件", parts("list", items=items, last=last, links=links), "")

    return assemble("portal", base, entries, Lists(8, _list_path, page_of, CHARSET), ROBOTS)


def published(row: dict[str, Any]) -> date:
    """Return the day on which a page of the portal was published."""
    day: date = row["day"] if "day" in row else works()[row["work"]].issued + timedelta(DELAYS[row["kind"]])
    return day


def text_of(row: dict[str, Any], work: Work, language: str) -> Text:
    """Return title and lines of a page, in Chinese or as they would be in English."""
    match row["kind"]:
        case "interpretation":
            return interpretation(work, language)
        case "questions":
            return questions(work, language)
        case "notice":
            return notice(work, language)
    return work.titles[language], regulation(work, language, "Article {} ")


def _list_path(number: int) -> str:
    return f"/zwgk/index_{number - 1}.htm" if number > 1 else "/zwgk/index.htm"


def _path(number: int, day: date) -> str:
    return f"/zwgk/{day:%Y-%m/%d}/c_{number}.htm"


def _item(parts: Parts, entry: Entry) -> str:
    annex = "".join(parts("item_annex", url=one.path) for one in entry.files)
    return parts("item", url=entry.path, title=escape(entry.title), date=entry.day.isoformat(), annex=annex)


def _entry(base: str, parts: Parts, row: dict[str, Any], days: dict[int, date]) -> Entry:
    day, special = published(row), row.get("special", "")
    path, work = _path(row["id"], day), works().get(row.get("work", ""))
    if special or work is None:
        title = row["title"] if work is None else text_of(row, work, "zh")[0]
        target = _path(row["target"], days[row["target"]]) if "target" in row else ""
        html = _page(parts, title, "规章文件", f"<p>{title}</p>", "")
        return Entry(
            path, title, day, html, CHARSET, special=special, target=target, withdrawn=work is not None
        )
    title, lines = text_of(row, work, "zh")
    lines += [Line(row["append"])] if "append" in row else []
    annex = path.replace(".htm", ".pdf")
    files = (Annex(annex, row["annex"], row.get("scanned", False)),) if "annex" in row else ()
    entry = Entry(path, title, day, charset=CHARSET, changed=row.get("changed"), files=files)
    below = parts("annex", url=annex, name=row["annex"]) if "annex" in row else ""
    known = {name: row[name] for name in ("same_as", "contained_in", "version_of") if name in row}
    is_law = row["kind"] == "regulation"
    return with_document(
        base,
        entry,
        lambda head, content: _article(parts, row, work, entry, head, content),
        _head(parts, row, work, entry),
        f"{html_of(lines)}\n{below}",
        key=key_of(row),
        languages=("zh-Hans",),
        paragraphs=tuple(line.text for line in lines),
        date_published=day.isoformat(),
        date_issued=work.issued.isoformat() if is_law else "",
        date_effective=work.effective.isoformat() if is_law else "",
        work=work.id if is_law else "",
        **known,
    )


def key_of(row: dict[str, Any]) -> str:
    """Return the key of a page's document, which its translations name."""
    return f"portal:{row['work']}" if row["kind"] == "regulation" else f"portal:{row['kind']}-{row['work']}"


def _head(parts: Parts, row: dict[str, Any], work: Work, entry: Entry) -> str:
    if row["kind"] != "regulation":
        return parts("head", title=entry.title, published=entry.day.isoformat(), source=work.issuer["zh"])
    return parts(
        "regulation_head",
        index=f"{row['id']}/{work.issued:%Y}-{work.number:05d}",
        theme=THEMES[work.issuer["code"]],
        issuer=work.issuer["zh"],
        issued=f"{work.issued.year}年{work.issued.month}月{work.issued.day}日",
        title=entry.title,
        number=work.document_number("zh"),
        published=f"{entry.day.year}年{entry.day.month}月{entry.day.day}日",
    )


def _article(parts: Parts, row: dict[str, Any], work: Work, entry: Entry, head: str, content: str) -> str:
    meta = parts("meta", title=entry.title, published=entry.day.isoformat(), source=work.issuer["zh"])
    return _page(
        parts, entry.title, CHANNELS[row["kind"]], parts("article", head=head, content=content), meta
    )


def _page(parts: Parts, title: str, channel: str, main: str, meta: str) -> str:
    return parts("page", title=escape(title), channel=channel, main=main, meta=meta)
