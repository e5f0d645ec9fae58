"""What a site offers to machines besides its pages: the texts in its feed and its REST API."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from cleaning.blocks import parse

_CONTENT: Final = ("encoded", "content", "description", "summary")


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A post as a feed or an API gives it: its address, its title, its text a paragraph a line, and where
    it stood.
    """

    url: str
    title: str
    text: str
    where: str


def read_entries(body: bytes, where: str) -> list[Entry]:
    """The posts of an RSS or Atom feed or of a WordPress API's answer, at the address `where`; [] for all
    else.
    """
    start = body.lstrip()[:1]
    if start in (b"[", b"{"):
        return _wordpress(body, where)
    return _feed(body, where) if start == b"<" else []


def _wordpress(body: bytes, where: str) -> list[Entry]:
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
        found.append(Entry(row["link"], _text(_rendered(row.get("title"))), _text(_rendered(content)), where))
    return [entry for entry in found if entry.text]


def _rendered(value: Any) -> str:
    rendered = value.get("rendered") if isinstance(value, dict) else value
    return rendered if isinstance(rendered, str) else ""


def _feed(body: bytes, where: str) -> list[Entry]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return []
    if root is None:
        return []
    items = [node for node in root.iter() if _name(node) in ("item", "entry")]
    return [entry for item in items if (entry := _item(item, where)) is not None]


def _item(item: Any, where: str) -> Entry | None:
    texts: dict[str, str] = {}
    link = ""
    for child in item:
        name = _name(child)
        if name == "link":
            link = link or (child.text or "").strip() or child.get("href", "")
        elif name:
            texts.setdefault(name, "".join(child.itertext()))
    content = max((texts.get(name, "") for name in _CONTENT), key=len)
    text = _text(content)
    return Entry(link, _text(texts.get("title", "")), text, where) if link and text else None


def _name(node: Any) -> str:
    return etree.QName(node).localname.lower() if isinstance(node.tag, str) else ""


def _text(html: str) -> str:
    if "<" not in html and "&" not in html:
        return html.strip()
    if "<" not in html:
        tree = LexborHTMLParser(f"<p>{html}</p>")
        return (tree.body.text() if tree.body else "").strip()
    return "\n".join(block.text for block in parse(html).blocks if "noscript" not in block.flags)
