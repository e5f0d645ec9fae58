"""The texts in a site's feed and in its REST API."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, Final

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from cleaning.page.labels import Label
from cleaning.page.parse import parse
from cleaning.rules import lexicon as rules

_ROOT: Final = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_ROOT_WITHIN_BYTES: Final = 4096  # at the start of a feed
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
    return _feed(body, where) if _ROOT.search(body[:_ROOT_WITHIN_BYTES]) else []


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
    return rendered if isinstance(rendered, str) else ""


def _feed(body: bytes, where: str) -> list[FeedEntry]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return []
    if root is None:
        return []
    items = [node for node in root.iter() if _name(node) in ("item", "entry")]
    return [entry for item in items if (entry := _item(item, where)) is not None]


def _item(item: Any, where: str) -> FeedEntry | None:
    texts: dict[str, str] = {}
    link = ""
    for child in item:
        name = _name(child)
        if name == "link":
            link = link or (child.text or "").strip() or child.get("href", "")
        elif name:
            texts.setdefault(name, "".join(child.itertext()))
    content = max((texts.get(name, "") for name in _CONTENT), key=len)
    entry = FeedEntry(link, _line(texts.get("title", "")), *_text(content, where))
    return entry if link and entry.text else None


def _name(node: Any) -> str:
    return etree.QName(node).localname.lower() if isinstance(node.tag, str) else ""


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
