"""The visible lines of a parsed page, and its head, in one walk without recursion."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cleaning.page import typeset
from cleaning.page.block import Block, Page
from cleaning.page.elements import (
    LINKED,
    MUTED,
    RAISED,
    STRUCK,
    TYPESET,
    Element,
    Row,
    common,
    folded,
    names,
    path_of,
)
from cleaning.page.layout import BARE, BIT, BLOCK, BREAK, DRAWN, HEAD, INLINE, LEAF, ROLES, ROW, UNPARSED
from cleaning.page.layout import MUTED as MUTED_ROLE
from cleaning.text.lines import HAN

# CSS Text 3: white space collapses, and a line break between two wide characters is no space.
_WHITE_SPACE: Final = " \t\n\r\f\u00a0"
_SPACE_RUN: Final = re.compile(rf"[{_WHITE_SPACE}]{{2,}}|[{_WHITE_SPACE[1:]}]")
_WIDE: Final = rf"[{HAN}\u3000-\u303f\uff00-\uffef]"
_WIDE_LINE_BREAK: Final = re.compile(rf"(?<={_WIDE})[ \t\f]*[\n\r][ \t\n\r\f]*(?={_WIDE})")
_OWN_MARKER: Final = re.compile(
    r"[-*•·●○■□◆–—‣▪]|[(（\[【]?(?:\d+|[a-zA-Z]|[ivxIVX]+|[一二三四五六七八九十百零〇]+)[.)）\]】、．:：]"
)
_PRE_FLAG: Final = BIT["pre"]
# Preformatted text of more paragraphs is a listing; its rest is one block.
_MAX_PARAGRAPHS: Final = 2_000
# Pages that people read have hundreds of lines. Beyond so many, only the words are kept.
_MAX_LINES: Final = 20_000
# A longer cell is a column of the layout, and its table no data table.
_MAX_CELL_CHARACTERS: Final = 600
# A title in one of these names a drawing, and not the page.
_DRAWING_TAGS: Final = frozenset({"svg", "g", "symbol"})


def read(tree: LexborHTMLParser) -> Page:
    """Read the visible lines and the head of a parsed page."""
    return _Walk().read(tree.root) if tree.root is not None else Page()


class _Walk:
    """One walk over a tree: the page read so far, and the line that is being put together.

    `struck` tells whether any words are struck out; marks enclose them until the walk ends.
    """

    def __init__(self) -> None:
        self.page = Page()
        self.struck = False
        self._lines = self.page.lines
        self._rest = self.page.rest
        self._pieces: list[str] = []
        self._within: Element | None = None  # the nearest element that holds all pieces of the line
        self._linked = self._length = 0

    def read(self, root: LexborNode) -> Page:
        """Read the tree below `root`, once."""
        top = Element(0, "", BLOCK, None)
        silent = Element(0, "", INLINE, top)
        silent.flags = MUTED
        # The open nodes, and the element that stands for each: its own, or the one around it.
        ids, around = [0], [top]
        role_of = ROLES.get
        for node in root.traverse(include_text=True):
            parent = node.parent
            parent_id = parent.mem_id if parent is not None else 0
            while ids[-1] != parent_id and len(ids) > 1:
                if around.pop().id == ids.pop() and top.role != INLINE:
                    self._close(top)
                top = around[-1]
            tag = node.tag
            if tag == "-text":
                self._read_text(node, top)
                continue
            if not tag or tag[0] in "-!":  # a comment, a doctype, a processing instruction
                continue
            role = role_of(tag, BLOCK if "-" in tag else INLINE)  # a custom element is laid out as a block
            if role == BREAK:
                self._flush(top)
            elif role != LEAF:
                ids.append(node.mem_id)
                top = self._open(node, tag, role, top, silent)
                around.append(top)
            elif tag == "input" and self._pieces:
                self._pieces.append(" ")  # a box between two labels
        while len(ids) > 1:
            if around.pop().id == ids.pop():
                self._close(top)
            top = around[-1]
        return self._without_marks() if self.struck else self.page

    def _open(self, node: LexborNode, tag: str, role: int, top: Element, silent: Element) -> Element:
        """Return the element that stands for a node: its own, or `silent` or `top` where it has none."""
        if role == HEAD:
            self._read_head(node, tag)
            return silent
        if role == MUTED_ROLE:
            return silent
        if role == BARE or (top.flags & MUTED and role != DRAWN):
            return top
        if role != INLINE and self._pieces:
            self._flush(top)
        element, attributes = Element(node.mem_id, tag, role, top), node.attributes
        element.read(attributes, len(self._lines))
        if tag == "html":
            self.page.language = attributes.get("lang") or attributes.get("xml:lang") or ""
        return element

    def _read_unparsed(self, source: str, within: Element) -> None:
        """Read the lines of source text inside the page, as lines of the element that holds it."""
        path, flags = path_of(within.block), names(within.flags)
        inner = read(LexborHTMLParser(source))
        for text in (*(line.text for line in inner.lines), *inner.rest):
            if len(self._lines) < _MAX_LINES:
                self._lines.append(Block(text, path, within.tag, flags=flags, element=within.id))
            else:
                self._rest.append(text)

    def _read_head(self, node: LexborNode, tag: str) -> None:
        if tag == "title":
            if node.parent is None or node.parent.tag not in _DRAWING_TAGS:
                self.page.title = self.page.title or _collapsed(node.text())
            return
        attributes = {name: value or "" for name, value in node.attributes.items()}
        if tag == "base":
            self.page.base = self.page.base or attributes.get("href", "")
        elif tag == "link":
            self.page.links.append(attributes)
        elif tag == "meta":
            if name := attributes.get("property") or attributes.get("name") or attributes.get("itemprop"):
                self.page.meta[name.strip().lower()].append(attributes.get("content", "").strip())
        elif "ld+json" in attributes.get("type", "").lower():
            self.page.jsonld.append(node.text())

    def _read_text(self, node: LexborNode, within: Element) -> None:
        if within.flags & MUTED and within.tag not in UNPARSED:
            return
        text = node.text_content or ""
        if within.tag in UNPARSED and "<" in text:
            self._read_unparsed(text, within)
            return
        if within.flags & MUTED:
            return
        length = len(text.strip())
        if length and within.flags & TYPESET:
            text = self._typeset(text, within.flags)
        if length or self._pieces or within.flags & _PRE_FLAG:
            self._pieces.append(text)
        if length:
            self._length += length
            if within.flags & LINKED:
                self._linked += length
            self._within = within if self._within is None else common(self._within, within)

    def _typeset(self, text: str, flags: int) -> str:
        """Return the words with raised or lowered digits, and with marks around struck-out words."""
        if flags & STRUCK:
            self.struck = True
            return typeset.struck(text)
        before = self._pieces[-1] if self._pieces else ""
        return typeset.figures(text, before, raised=bool(flags & RAISED))

    def _flush(self, element: Element) -> None:
        """End the line: its pieces belong to the block around `element`."""
        if not self._pieces:
            return
        raw, within = "".join(self._pieces), self._within
        links = self._linked / self._length if self._length else 0.0
        self._pieces.clear()
        self._within, self._linked, self._length = None, 0, 0
        if within is None:
            return
        block = element.block
        if len(self._lines) >= _MAX_LINES:
            self._rest += filter(None, _paragraphs(raw) if block.flags & _PRE_FLAG else (_collapsed(raw),))
            return
        inline, holder = (folded(within.name), within) if within.role == INLINE else ("", block)
        path, flags = path_of(block), names(block.flags)
        for text in _paragraphs(raw) if block.flags & _PRE_FLAG else (_collapsed(raw),):
            if not text:
                continue
            marker = block.item.pop() if block.item and not block.level else ""
            whole = text if not marker or _OWN_MARKER.match(text) else marker + text
            self._lines.append(
                Block(whole, path, block.tag, links, 0, flags, block.level, inline, block.depth, holder.id)
            )

    def _close(self, element: Element) -> None:
        if element.role == INLINE:
            return
        if self._pieces:
            self._flush(element)
        if element.role == ROW and (row := element.row) is not None:
            self._join_row(row)

    def _join_row(self, row: Row) -> None:
        """Join the cells of a data row into one line, with a tab for each column, spanned ones included.

        Each cell must be one short line, or a few with `<br>` between them.
        """
        columns = row.grid.columns(row.spans)
        if not row.cells or row.start != row.cells[0]:
            return
        ends = [*row.cells[1:], len(self._lines)]
        cells = [self._lines[start:end] for start, end in zip(row.cells, ends, strict=True)]
        if sum(map(bool, cells)) < 2 or not all(map(_is_data, cells)):
            return
        lines, element = self._lines[row.start :], row.element
        length = sum(len(line.text) for line in lines)
        text, at = "", 0
        for column, cell in zip(columns, cells, strict=True):
            text += "\t" * (column - at) + " ".join(line.text for line in cell)
            at = column
        text = text.rstrip("\t")
        links = sum(line.links * len(line.text) for line in lines) / length
        flags = names(element.flags | BIT["row"])
        path, depth = path_of(element), element.depth
        self._lines[row.start :] = [Block(text, path, "tr", links, 0, flags, 0, "", depth, element.id)]

    def _without_marks(self) -> Page:
        """Return the page with the marks of struck-out words turned into `Block.struck`."""
        self.page.lines = [_unmarked(line) for line in self.page.lines]
        self.page.rest = [typeset.without_marks(text)[0] for text in self.page.rest]
        return self.page


def _unmarked(line: Block) -> Block:
    text, struck = typeset.without_marks(line.text)
    return line._replace(text=text, struck=struck) if struck else line


def _is_data(cell: list[Block]) -> bool:
    """Return whether a cell holds data: one short element that is no heading."""
    short = sum(len(line.text) for line in cell) <= _MAX_CELL_CHARACTERS
    return short and len({line.element for line in cell}) < 2 and not any(line.level for line in cell)


def _collapsed(text: str) -> str:
    text = text.strip(_WHITE_SPACE)
    # Of all white space only the space is printable, so this fast check finds the others.
    if (text.isprintable() and "  " not in text) or _SPACE_RUN.search(text) is None:
        return text
    if ("\n" in text or "\r" in text) and not text.isascii():
        text = _WIDE_LINE_BREAK.sub("", text)
    return _SPACE_RUN.sub(" ", text).strip()


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs of preformatted text, each with its lines and indents."""
    lines = [line.rstrip() for line in text.expandtabs().splitlines()]
    return [part.strip("\n") for part in re.split(r"\n{2,}", "\n".join(lines), maxsplit=_MAX_PARAGRAPHS)]
