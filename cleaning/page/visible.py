"""The lines that a reader of a parsed page sees, and its head, in one walk without recursion."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cleaning.page import typeset
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


class Block(NamedTuple):
    """A line of the page's visible text, and where it stands.

    `path` is the chain of block elements from the root, each its tag with id and first two classes, digits
    folded to `#` (`html/body/div#main.post-#/p`); `inline` names the inline element that holds the whole
    line, or "" (`a.more`). `tag` is the nearest block element, `links` the share of characters inside
    links (0 to 1), `offset` the place in the page's visible text in characters, `level` the heading's
    level or 0, `depth` the number of ancestors; lines of one element share `element`; `struck` tells from
    where to where its words are struck out.

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
    struck: typeset.Spans = ()


# CSS Text 3: white space collapses, and a line break between two wide characters is no space.
_WHITE_SPACE: Final = " \t\n\r\f\u00a0"
_SPACE_RUN: Final = re.compile(rf"[{_WHITE_SPACE}]{{2,}}|[{_WHITE_SPACE[1:]}]")
_WIDE: Final = rf"[{HAN}\u3000-\u303f\uff00-\uffef]"
_WIDE_LINE_BREAK: Final = re.compile(rf"(?<={_WIDE})[ \t\f]*[\n\r][ \t\n\r\f]*(?={_WIDE})")
_OWN_MARKER: Final = re.compile(
    r"[-*•·●○■□◆–—‣▪]|[(（\[【]?(?:\d+|[a-zA-Z]|[ivxIVX]+|[一二三四五六七八九十百零〇]+)[.)）\]】、．:：]"
)
_PRE_FLAG: Final = BIT["pre"]
# Preformatted text of more paragraphs is a listing, and its rest one block.
_MAX_PARAGRAPHS: Final = 2_000
# Pages that people read have hundreds of lines; of what comes behind so many the words alone are kept.
_MAX_LINES: Final = 20_000
# A cell longer than this is a column of the layout, and its table no table.
_MAX_CELL_CHARACTERS: Final = 600
# A title in one of these names a drawing, and not the page.
_DRAWING_TAGS: Final = frozenset({"svg", "g", "symbol"})


class Page:
    """What one walk collects: the lines, and of the head what metadata needs.

    `rest` has the words of the lines beyond the first 20,000; `struck` says whether words are struck out,
    which stand in marks while the page is walked.
    """

    def __init__(self) -> None:
        self.lines: list[Block] = []
        self.rest: list[str] = []
        self.title = ""
        self.language = ""
        self.base = ""
        self.meta: defaultdict[str, list[str]] = defaultdict(list)
        self.links: list[dict[str, str]] = []
        self.jsonld: list[str] = []
        self._pieces: list[str] = []
        self._within: Element | None = None  # the nearest element that holds all pieces of the line
        self._linked = self._length = 0
        self.struck = False

    def walk(self, root: LexborNode) -> None:
        """Read the tree below `root`, once."""
        top = Element(0, "", BLOCK, None)
        silent = Element(0, "", INLINE, top)
        silent.flags = MUTED
        # The open nodes, and the element that speaks for each: its own, or the one around.
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
                if top.tag in UNPARSED and "<" in (node.text_content or ""):
                    self._unparsed(node.text_content or "", top)
                elif not top.flags & MUTED:
                    self._text(node.text_content or "", top)
                continue
            if not tag or tag[0] in "-!":  # a comment, a doctype, a processing instruction
                continue
            role = role_of(tag, BLOCK if "-" in tag else INLINE)  # a custom element is laid out as a block
            if role == BREAK:
                self._flush(top)
                continue
            if role == LEAF:
                if tag == "input" and self._pieces:
                    self._pieces.append(" ")  # a box between two labels
                continue
            if role == HEAD:
                self._head(node, tag)
                element = silent
            elif role == MUTED_ROLE:
                element = silent
            elif role == BARE or (top.flags & MUTED and role != DRAWN):
                element = top
            else:
                if role != INLINE and self._pieces:
                    self._flush(top)
                element, attributes = Element(node.mem_id, tag, role, top), node.attributes
                element.read(attributes, len(self.lines))
                if tag == "html":
                    self.language = attributes.get("lang") or attributes.get("xml:lang") or ""
            ids.append(node.mem_id)
            around.append(element)
            top = element
        while len(ids) > 1:
            if around.pop().id == ids.pop():
                self._close(top)
            top = around[-1]

    def _unparsed(self, source: str, within: Element) -> None:
        """The lines of a source inside the page, as of the element that holds it."""
        path, flags = path_of(within.block), names(within.flags)
        inner = read(LexborHTMLParser(source))
        for text in (*(line.text for line in inner.lines), *inner.rest):
            if len(self.lines) < _MAX_LINES:
                self.lines.append(Block(text, path, within.tag, flags=flags, element=within.id))
            else:
                self.rest.append(text)

    def _head(self, node: LexborNode, tag: str) -> None:
        if tag == "title":
            if node.parent is None or node.parent.tag not in _DRAWING_TAGS:
                self.title = self.title or _collapsed(node.text())
            return
        attributes = {name: value or "" for name, value in node.attributes.items()}
        if tag == "base":
            self.base = self.base or attributes.get("href", "")
        elif tag == "link":
            self.links.append(attributes)
        elif tag == "meta":
            if name := attributes.get("property") or attributes.get("name") or attributes.get("itemprop"):
                self.meta[name.strip().lower()].append(attributes.get("content", "").strip())
        elif "ld+json" in attributes.get("type", "").lower():
            self.jsonld.append(node.text())

    def _text(self, text: str, within: Element) -> None:
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
        """The words as their type shows them: figures raised or lowered, struck-out ones in marks."""
        if flags & STRUCK:
            self.struck = True
            return typeset.struck(text)
        before = self._pieces[-1] if self._pieces else ""
        return typeset.figures(text, before, raised=bool(flags & RAISED))

    def _flush(self, element: Element) -> None:
        """End the line: what has come since the last one belongs to the block around `element`."""
        if not self._pieces:
            return
        raw, within = "".join(self._pieces), self._within
        links = self._linked / self._length if self._length else 0.0
        self._pieces.clear()
        self._within, self._linked, self._length = None, 0, 0
        if within is None:
            return
        block = element.block
        if len(self.lines) >= _MAX_LINES:
            self.rest += filter(None, _paragraphs(raw) if block.flags & _PRE_FLAG else (_collapsed(raw),))
            return
        inline, holder = (folded(within.name), within) if within.role == INLINE else ("", block)
        path, flags = path_of(block), names(block.flags)
        for text in _paragraphs(raw) if block.flags & _PRE_FLAG else (_collapsed(raw),):
            if not text:
                continue
            marker = block.item.pop() if block.item and not block.level else ""
            whole = text if not marker or _OWN_MARKER.match(text) else marker + text
            self.lines.append(
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
        """Make one line of a row of data: cells of one short line each, or of a few under `<br>`. Its tabs
        count the columns, those too that a cell above or before holds.
        """
        columns = row.grid.columns(row.spans)
        if not row.cells or row.start != row.cells[0]:
            return
        ends = [*row.cells[1:], len(self.lines)]
        cells = [self.lines[start:end] for start, end in zip(row.cells, ends, strict=True)]
        if sum(map(bool, cells)) < 2 or not all(map(_is_data, cells)):
            return
        lines, element = self.lines[row.start :], row.element
        length = sum(len(line.text) for line in lines)
        text, at = "", 0
        for column, cell in zip(columns, cells, strict=True):
            text += "\t" * (column - at) + " ".join(line.text for line in cell)
            at = column
        text = text.rstrip("\t")
        links = sum(line.links * len(line.text) for line in lines) / length
        flags = names(element.flags | BIT["row"])
        path, depth = path_of(element), element.depth
        self.lines[row.start :] = [Block(text, path, "tr", links, 0, flags, 0, "", depth, element.id)]


def read(tree: LexborHTMLParser) -> Page:
    """The lines and the head of a parsed page."""
    page = Page()
    if tree.root is not None:
        page.walk(tree.root)
    if page.struck:
        page.lines = [_unmarked(line) for line in page.lines]
        page.rest = [typeset.without_marks(text)[0] for text in page.rest]
    return page


def _unmarked(line: Block) -> Block:
    text, struck = typeset.without_marks(line.text)
    return line._replace(text=text, struck=struck) if struck else line


def _is_data(cell: list[Block]) -> bool:
    """Whether a cell holds data: one short element, and no heading."""
    short = sum(len(line.text) for line in cell) <= _MAX_CELL_CHARACTERS
    return short and len({line.element for line in cell}) < 2 and not any(line.level for line in cell)


def _collapsed(text: str) -> str:
    text = text.strip(_WHITE_SPACE)
    # Of all white space the space alone is printable, and this look is the fast one.
    if (text.isprintable() and "  " not in text) or _SPACE_RUN.search(text) is None:
        return text
    if ("\n" in text or "\r" in text) and not text.isascii():
        text = _WIDE_LINE_BREAK.sub("", text)
    return _SPACE_RUN.sub(" ", text).strip()


def _paragraphs(text: str) -> list[str]:
    """Preformatted text: its paragraphs, each with its lines and their indents."""
    lines = [line.rstrip() for line in text.expandtabs().splitlines()]
    return [part.strip("\n") for part in re.split(r"\n{2,}", "\n".join(lines), maxsplit=_MAX_PARAGRAPHS)]
