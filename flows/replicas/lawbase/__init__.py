"""A bilingual law database on ASP.NET: English and Chinese in one row, some texts cut for subscribers.

A month later one record has a note and another status, one is gone, one has moved, one is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

from flows.replicas.annexes import Annex
from flows.replicas.dated_lists import Entry, Lists, assemble, read_rows, with_document
from flows.replicas.library import Line, Work, long_date, regulation, works
from flows.replicas.parts import Parts
from flows.replicas.site import Site
from output.base.records import Access

FOLDER = Path(__file__).parent
ROBOTS = "User-agent: *\nDisallow: /Account/\nDisallow: /display.aspx?id=1533&lib=law\n"


def build(base: str, edition: int) -> Site:
    """Return the database at a base URL."""
    parts = Parts(FOLDER / "parts.html")
    entries = [_entry(base, parts, row) for row in read_rows(FOLDER / "pages.toml", edition)]

    def page_of(shown: Sequence[Entry], number: int, last: int) -> str:
        items = (
            parts("item", url=e.path.replace("&", "&amp;"), title=escape(e.title), date=f"{e.day:%Y.%m.%d}")
            for e in shown
        )
        links = parts("previous", url=_list_path(number - 1).replace("&", "&amp;")) if number > 1 else ""
        links += parts("next", url=_list_path(number + 1).replace("&", "&amp;")) if number < last else ""
        main = parts("list", items="\n".join(items), number=number, last=last, links=links)
        return _page(parts, "Laws and Regulations", main, shown[0])

    return assemble("lawbase", base, entries, Lists(10, _list_path, page_of), ROBOTS)


def _list_path(number: int) -> str:
    return f"/list.aspx?lib=law&page={number}"


def _path(number: int) -> str:
    return f"/display.aspx?id={number}&lib=law"


def _entry(base: str, parts: Parts, row: dict[str, Any]) -> Entry:
    special = row.get("special", "")
    work = works()[row["work"]] if "work" in row else None
    if special == "pdf":
        path = _path(row["id"])
        return Entry(path, row["title"], row["day"], annex=Annex(path, row["title"]))
    if work is None or special:
        title, day = (work.titles["en"], work.issued) if work else (row["title"], row["day"])
        target = _path(row["target"]) if "target" in row else ""
        html = _page(parts, title, f"<p>{escape(title)}</p>", Entry("", title, day))
        withdrawn = work is not None
        return Entry(_path(row["id"]), title, day, html, special=special, target=target, withdrawn=withdrawn)
    pairs = list(zip(regulation(work, "en", "Article {} "), regulation(work, "zh"), strict=True))
    pairs = [(Line(work.titles["en"], "h3"), Line(work.titles["zh"], "h3")), *pairs][: row.get("rows", 999)]
    if "append" in row:
        pairs.append((Line(row["append"][0]), Line(row["append"][1])))
    entry = Entry(_path(row["id"]), work.titles["en"], work.issued, changed=row.get("changed"))
    blog_relation = row.get("twin", "")
    return with_document(
        base,
        entry,
        lambda head, content: _record(parts, row, entry, head, content),
        _head(parts, row, work),
        _content(parts, row, pairs),
        key=f"lawbase:{work.id}",
        languages=("en", "zh-Hans"),
        paragraphs=tuple(line.text for pair in pairs[1:] for line in pair),
        access=Access.PAYWALLED if "rows" in row else Access.FULL,
        date_published=work.issued.isoformat(),
        date_issued=work.issued.isoformat(),
        date_effective=work.effective.isoformat(),
        work=work.id,
        same_as=f"blog:{work.id}" if blog_relation == "same" else "",
        contained_in=f"blog:{work.id}" if blog_relation == "cut" else "",
        version_of=f"lawbase:{row['version_of']}" if "version_of" in row else "",
    )


def _head(parts: Parts, row: dict[str, Any], work: Work) -> str:
    status_en, status_zh = row.get("status", ("Effective", "现行有效"))
    return parts(
        "head",
        title_en=work.titles["en"],
        title_zh=work.titles["zh"],
        status_en=status_en,
        status_zh=status_zh,
        number=f"{work.document_number('en')} {work.document_number('zh')}",
        issuer=f"{work.issuer['en']} {work.issuer['zh']}",
        issued=f"{work.issued:%Y.%m.%d}",
        effective=f"{work.effective:%Y.%m.%d}",
    )


def _content(parts: Parts, row: dict[str, Any], pairs: Sequence[tuple[Line, Line]]) -> str:
    rows = [
        parts("row", kind="heading" if en.tag == "h3" else "line", en=escape(en.text), zh=escape(zh.text))
        for en, zh in pairs
    ]
    return "\n".join([*rows, *([parts("cut")] if "rows" in row else [])])


def _record(parts: Parts, row: dict[str, Any], entry: Entry, head: str, content: str) -> str:
    notice = parts("notice") if "rows" in row else ""
    main = parts("record", head=head, content=content, notice=notice, id=row["id"])
    return _page(parts, entry.title, main, entry)


def _page(parts: Parts, title: str, main: str, entry: Entry) -> str:
    # The page shows the time at which it was last generated: long after the law, and none of its dates.
    made = entry.modified + timedelta(days=211)
    return parts("page", title=escape(title), main=main, clock=long_date(made), weekday=f"{made:%A}")
