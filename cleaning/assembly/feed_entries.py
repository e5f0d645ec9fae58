"""The texts in a site's feed and in its REST API."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from cleaning.page.labels import Label
from cleaning.page.parse import parse
from cleaning.rules import lexicon as rules
from web.decode import decode, scrub
from web.feeds import ENTRIES, entry_url, open_feed
from web.tolerant_xml import Element

_CONTENT: Final = ("encoded", "content", "description", "summary")


@dataclasses.dataclass(frozen=True, slots=True)
class FeedEntry:
    """A post in a feed or an API: its URL, title and text (a paragraph a line), and the feed's URL.

    `furniture` are the lines that the lexicon removed from the text, each with its label.
    """

    url: str
    title: str
    text: str
    where: str
    furniture: tuple[tuple[Label, str], ...] = ()


def read_entries(body: bytes, where: str) -> list[FeedEntry]:
    """Read the posts of an RSS or Atom feed or of a WordPress API's answer at the URL `where`; else []."""
    if body.lstrip()[:1] in (b"[", b"{"):
        return _wordpress(body, where)
    return _feed(body, where)


def _wordpress(body: bytes, where: str) -> list[FeedEntry]:
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError):
        return []
    found = []
    for row in rows if isinstance(rows, list) else [rows]:
        if not isinstance(row, dict) or not isinstance(row.get("link"), str):
            continue
        content = row.get("content")
        if isinstance(content, dict) and content.get("protected"):
            continue
        title = _line(_rendered(row.get("title")))
        found.append(FeedEntry(row["link"], title, *_text(_rendered(content), where)))
    return [entry for entry in found if entry.text]


def _rendered(value: Any) -> str:
    rendered = value.get("rendered") if isinstance(value, dict) else value
    return scrub(rendered)[0] if isinstance(rendered, str) else ""


def _feed(body: bytes, where: str) -> list[FeedEntry]:
    items = open_feed(decode(body).text, where).entries(ENTRIES)
    return [entry for item in items if (entry := _item(item, where)) is not None]


def _item(item: Element, where: str) -> FeedEntry | None:
    texts: dict[str, str] = {}
    for child in item.children:
        texts.setdefault(child.name, child.text)
    content = max((texts.get(name, "") for name in _CONTENT), key=len)
    entry = FeedEntry(entry_url(item) or "", _line(texts.get("title", "")), *_text(content, where))
    return entry if entry.url and entry.text else None


def _line(html: str) -> str:
    """Return the words of a title."""
    if "<" not in html and "&" not in html:
        return html.strip()
    tree = LexborHTMLParser(f"<p>{html}</p>")
    return (tree.body.text() if tree.body else "").strip()


def _text(html: str, where: str) -> tuple[str, str, tuple[tuple[Label, str], ...]]:
    """Return the text of a post, its feed's URL, and what the lexicon removed from the text."""
    if "<" not in html:
        return _line(html), where, ()
    blocks = [block for block in parse(html).blocks if "noscript" not in block.flags]
    labelled = list(zip(blocks, rules.judge(blocks), strict=True))
    text = "\n".join(block.text for block, label in labelled if label is None)
    return text, where, tuple((label, block.text) for block, label in labelled if label)
