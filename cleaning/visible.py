"""The lines that a reader of a parsed page sees, and its head, in one walk without recursion."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cleaning.layout import (
    BARE,
    BIT,
    BLOCK,
    BREAK,
    CELL,
    DRAWN,
    HEAD,
    HIDDEN_CLASS,
    HIDDEN_STYLE,
    INLINE,
    ITEM,
    LEAF,
    MUTED,
    ROLES,
    ROW,
    TAG_FLAGS,
)
from cleaning.lines import HAN


class Block(NamedTuple):
    """A line of the page's visible text, and where it stands.

    `path` is the chain of block elements from the root, each its tag with id and first two classes, digits
    folded to `#` (`html/body/div#main.post-#/p`); `inline` names the inline element that holds the whole
    line, or "" (`a.more`). `tag` is the nearest block element, `links` the share of characters inside
    links (0 to 1), `offset` the place in the page's visible text in characters, `level` the heading's
    level or 0, `depth` the number of ancestors; lines of one element share `element`.

    `flags` are of: article, aside, caption, cell, control (buttons and form fields), footer, form, header,
    heading, hidden, jsonld, list, main, nav, noscript, pre, quote, row (tabs between its cells), table.
    """

    text: str
    path: str
    tag: str
    links: float = 0.0
    offset: int = 0
    flags: frozenset[str] = frozenset()
    level: int = 0
    inline: str = ""
    depth: int = 0
    element: int = 0


# CSS Text 3: white space collapses, and a line break between two wide characters is no space.
_SPACE: Final = " \t\n\r\f\u00a0"
_RUN: Final = re.compile(rf"[{_SPACE}]{{2,}}|[{_SPACE[1:]}]")
_WIDE: Final = rf"[{HAN}\u3000-\u303f\uff00-\uffef]"
_WRAPPED: Final = re.compile(rf"(?<={_WIDE})[ \t\f]*[\n\r][ \t\n\r\f]*(?={_WIDE})")
_OWN_MARKER: Final = re.compile(
    r"[-*•·●○■□◆–—‣▪]|[(（\[【]?(?:\d+|[a-zA-Z]|[ivxIVX]+|[一二三四五六七八九十百零〇]+)[.)）\]】、．:：]"
)
_TAG_NAME: Final = re.compile("[^.#]*")
_DIGITS: Final = re.compile(r"\d+")
# Preformatted text of more paragraphs is a listing, and its rest one block.
_PARAGRAPHS: Final = 2_000
# A cell longer than this is a column of the layout, and its table no table.
_CELL_CHARACTERS: Final = 600
# Paths and common ancestors are followed this far; what is nested deeper shares its ancestor's path.
_PATH_DEPTH: Final = 80


class _Element:
    """An open element: what its text needs to know of it and of those around it."""

    __slots__ = (
        "block",
        "cells",
        "count",
        "depth",
        "flags",
        "id",
        "item",
        "level",
        "linked",
        "marker",
        "muted",
        "name",
        "parent",
        "path",
        "role",
        "row",
        "start",
        "tag",
    )

    def __init__(self, node_id: int, tag: str, role: int, parent: _Element | None) -> None:
        self.id, self.tag, self.role, self.parent = node_id, tag, role, parent
        self.name, self.path, self.marker = tag, "", ""
        self.count = self.start = 0
        self.cells: list[int] | None = None  # of a row of data: where each cell's lines begin
        self.block: _Element = self
        self.item: _Element | None = None
        self.row: _Element | None = None
        self.flags = self.level = self.depth = 0
        self.linked = self.muted = False
        if parent is not None:
            self.block = parent.block if role == INLINE else self
            self.item, self.row, self.depth = parent.item, parent.row, parent.depth + 1
            self.flags, self.level, self.linked, self.muted = (
                parent.flags,
                parent.level,
                parent.linked,
                parent.muted,
            )


class Page:
    """What one walk collects: the lines, and of the head what metadata needs."""

    def __init__(self) -> None:
        self.lines: list[Block] = []
        self.title = ""
        self.language = ""
        self.meta: defaultdict[str, list[str]] = defaultdict(list)
        self.links: list[dict[str, str]] = []
        self.jsonld: list[str] = []
        self._pieces: list[str] = []
        self._within: _Element | None = None  # the nearest element that holds all pieces of the line
        self._linked = self._length = 0

    def walk(self, root: LexborNode) -> None:
        """Read the tree below `root`, once."""
        top = _Element(0, "", BLOCK, None)
        silent = _Element(0, "", INLINE, top)
        silent.muted = True
        ids, around = (
            [0],
            [top],
        )  # the open nodes, and the element that speaks for each: its own, or the one around
        for node in root.traverse(include_text=True):
            parent = node.parent
            parent_id = parent.mem_id if parent is not None else 0
            while ids[-1] != parent_id and len(ids) > 1:
                if around.pop().id == ids.pop() and top.role != INLINE:
                    self._close(top)
                top = around[-1]
            tag = node.tag
            if tag == "-text":
                if not top.muted:
                    self._text(node.text_content or "", top)
                continue
            if not tag or tag[0] in "-!":  # a comment, a doctype, a processing instruction
                continue
            role = ROLES.get(tag, BLOCK if "-" in tag else INLINE)  # a custom element is laid out as a block
            if role == BREAK:
                self._flush(top)
                continue
            if role == LEAF:
                continue
            if role == HEAD:
                self._head(node, tag)
                element = silent
            elif role == MUTED:
                element = silent
            elif role == BARE or (top.muted and role != DRAWN):
                element = top
            else:
                if role != INLINE:
                    self._flush(top)
                element = _Element(node.mem_id, tag, role, top)
                self._attributes(element, node.attributes, top)
            ids.append(node.mem_id)
            around.append(element)
            top = element
        while len(ids) > 1:
            if around.pop().id == ids.pop():
                self._close(top)
            top = around[-1]

    def _attributes(self, element: _Element, attributes: dict[str, str | None], parent: _Element) -> None:
        tag, role = element.tag, element.role
        element.flags |= TAG_FLAGS.get(tag, 0)
        if attributes:
            classes = attributes.get("class") or ""
            if identifier := attributes.get("id"):
                element.name += "#" + identifier
            if classes:
                element.name += "." + ".".join(classes.split(None, 2)[:2])
            style = attributes.get("style")
            if (
                (style and HIDDEN_STYLE.search(style))
                or (classes and _hides(classes))
                or "hidden" in attributes
                or attributes.get("aria-hidden") == "true"
            ):
                element.flags |= BIT["hidden"]
        if tag == "a":
            element.linked = True
        elif role == ITEM:
            element.item = element
            element.marker = _marker(parent, attributes)
        elif role == ROW:
            if element.row is not None:
                element.row.cells = None  # a table inside a cell
            element.row, element.cells, element.start = element, [], len(self.lines)
        elif role == CELL:
            if element.row is not None and element.row.cells is not None:
                element.row.cells.append(len(self.lines))
        elif element.flags & BIT["heading"] and tag[1:].isdigit():
            element.level = int(tag[1])
        elif tag == "ol":
            start = attributes.get("start") or ""
            element.count = int(start) - 1 if start.isdecimal() and len(start) < 9 else 0
        elif tag == "html":
            self.language = attributes.get("lang") or attributes.get("xml:lang") or ""
        elif role == DRAWN:
            element.muted = False

    def _head(self, node: LexborNode, tag: str) -> None:
        if tag == "title":
            self.title = self.title or _collapsed(node.text())
            return
        attributes = {name: value or "" for name, value in node.attributes.items()}
        if tag == "link":
            self.links.append(attributes)
        elif tag == "meta":
            if name := attributes.get("property") or attributes.get("name") or attributes.get("itemprop"):
                self.meta[name.strip().lower()].append(attributes.get("content", "").strip())
        elif "ld+json" in attributes.get("type", "").lower():
            self.jsonld.append(node.text())

    def _text(self, text: str, within: _Element) -> None:
        length = len(text.strip())
        if length or self._pieces or within.flags & BIT["pre"]:
            self._pieces.append(text)
        if length:
            self._length += length
            if within.linked:
                self._linked += length
            self._within = within if self._within is None else _common(self._within, within)

    def _flush(self, element: _Element) -> None:
        """End the line: what has come since the last one belongs to the block around `element`."""
        if not self._pieces:
            return
        raw, pieces, within = "".join(self._pieces), self._pieces, self._within
        links = self._linked / self._length if self._length else 0.0
        pieces.clear()
        self._within, self._linked, self._length = None, 0, 0
        if within is None:
            return
        block = element.block
        for text in _paragraphs(raw) if block.flags & BIT["pre"] else (_collapsed(raw),):
            if not text:
                continue
            item, marker = block.item, ""
            if item is not None and item.marker and not block.level:
                marker, item.marker = item.marker, ""
            self.lines.append(
                Block(
                    text if _OWN_MARKER.match(text) else marker + text,
                    _path(block),
                    block.tag,
                    links,
                    0,
                    _names(block.flags),
                    block.level,
                    _folded(within.name) if within.role == INLINE else "",
                    block.depth,
                    within.id if within.role == INLINE else block.id,
                )
            )

    def _close(self, element: _Element) -> None:
        if element.role == INLINE:
            return
        self._flush(element)
        if element.cells and element.start == element.cells[0]:
            self._join_row(element, element.cells)

    def _join_row(self, row: _Element, starts: list[int]) -> None:
        """Make one line of a row of data: cells of one short line each, or of a few under `<br>`."""
        cells = [self.lines[a:b] for a, b in zip(starts, [*starts[1:], len(self.lines)], strict=True)]
        if sum(map(bool, cells)) < 2 or not all(map(_is_data, cells)):
            return
        lines = self.lines[row.start :]
        length = sum(len(line.text) for line in lines)
        text = "\t".join(" ".join(line.text for line in cell) for cell in cells).rstrip("\t")
        links = sum(line.links * len(line.text) for line in lines) / length
        flags = _names(row.flags | BIT["row"])
        self.lines[row.start :] = [Block(text, _path(row), "tr", links, 0, flags, 0, "", row.depth, row.id)]


def read(tree: LexborHTMLParser) -> Page:
    """The lines and the head of a parsed page."""
    page = Page()
    if tree.root is not None:
        page.walk(tree.root)
    return page


def _is_data(cell: list[Block]) -> bool:
    """Whether a cell holds data: one short element, and no heading."""
    short = sum(len(line.text) for line in cell) <= _CELL_CHARACTERS
    return short and len({line.element for line in cell}) < 2 and not any(line.level for line in cell)


def _collapsed(text: str) -> str:
    text = text.strip(_SPACE)
    if _RUN.search(text) is None:
        return text
    if ("\n" in text or "\r" in text) and not text.isascii():
        text = _WRAPPED.sub("", text)
    return _RUN.sub(" ", text).strip()


def _paragraphs(text: str) -> list[str]:
    """Preformatted text: its paragraphs, each with its lines and their indents."""
    lines = [line.rstrip() for line in text.expandtabs().splitlines()]
    return [part.strip("\n") for part in re.split(r"\n{2,}", "\n".join(lines), maxsplit=_PARAGRAPHS)]


def _marker(parent: _Element, attributes: Mapping[str, str | None]) -> str:
    if parent.tag != "ol":
        return "- "
    value = attributes.get("value") or ""
    parent.count = int(value) if value.isdecimal() and len(value) < 9 else parent.count + 1
    return f"{parent.count}. "


def _common(a: _Element, b: _Element) -> _Element:
    """The nearest element around both, or their block when they stand deep."""
    for _ in range(_PATH_DEPTH):
        if a is b:
            return a
        if a.depth >= b.depth:
            a = a.parent or a
        if a is not b and b.depth > a.depth:
            b = b.parent or b
    return b.block


def _path(block: _Element) -> str:
    waiting = []
    while not block.path and block.parent is not None:
        waiting.append(block)
        block = block.parent.block
    path = block.path
    for element in reversed(waiting):
        if element.depth <= _PATH_DEPTH or not path:
            path = f"{path}/{_folded(element.name)}" if path else _folded(element.name)
        element.path = path
    return path


@lru_cache(maxsize=4096)
def _hides(classes: str) -> bool:
    return HIDDEN_CLASS.search(classes) is not None


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    """A step of a path: digits folded to `#`, cut where no hand writes on."""
    tag = _TAG_NAME.match(name)
    start = tag.end() if tag else 0
    return name[:start] + _DIGITS.sub("#", name[start:120])


@lru_cache(maxsize=1024)
def _names(bits: int) -> frozenset[str]:
    return frozenset(name for name, bit in BIT.items() if bits & bit)
