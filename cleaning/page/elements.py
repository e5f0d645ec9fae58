"""Open elements: what a line of text needs to know about the elements around it while a page is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from string import ascii_lowercase
from typing import Final

from cleaning.page.grid import Grid, Span, span_of
from cleaning.page.layout import (
    BIT,
    BLOCK,
    CELL,
    DRAWN,
    HIDDEN_CLASS,
    HIDDEN_STYLE,
    INLINE,
    ITEM,
    ROW,
    TAG_FLAGS,
)

# More flags than a block has: inside a link, not shown, and how words are set.
LINKED: Final = 1 << len(BIT)
MUTED: Final = LINKED << 1
STRUCK: Final = LINKED << 2
RAISED: Final = LINKED << 3
LOWERED: Final = LINKED << 4
TYPESET: Final = STRUCK | RAISED | LOWERED
_INLINE_FLAGS: Final = {
    "a": LINKED, "del": STRUCK, "s": STRUCK, "strike": STRUCK, "sup": RAISED, "sub": LOWERED,
}  # fmt: skip
_HEADING, _HIDDEN = BIT["heading"], BIT["hidden"]

_TAG_NAME: Final = re.compile("[^.#]*")
_ROW_GROUPS: Final = frozenset({"thead", "tbody", "tfoot"})
# The counter names of style sheets, and the Roman numbers to thirty-nine.
_LIST_STYLE: Final = re.compile(
    r"list-style(?:-type)?\s*:[^;]*?\b((?:lower|upper)-(?:alpha|latin|roman))\b", re.IGNORECASE
)
_COUNTERS: Final = {
    f"{case}-{name}": letter if case == "lower" else letter.upper()
    for case in ("lower", "upper")
    for name, letter in (("alpha", "a"), ("latin", "a"), ("roman", "i"))
}
_ROMAN: Final = tuple(
    tens + ones
    for tens in ("", "x", "xx", "xxx")
    for ones in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
)
_DIGITS: Final = re.compile(r"\d+")
# Paths and common ancestors are followed this far. Deeper elements share their ancestor's path.
_MAX_PATH_DEPTH: Final = 80


class Row:
    """A table row: its element, the number of lines before it, the first line and the span of each cell, and
    its grid.

    `cells` is None for a layout row, which holds a table of its own.
    """

    __slots__ = ("cells", "element", "grid", "spans", "start")

    def __init__(self, element: Element, start: int, grid: Grid) -> None:
        self.element, self.start, self.grid = element, start, grid
        self.cells: list[int] | None = []
        self.spans: list[Span] = []


class Element:
    """An open element.

    `block` is the nearest block element. `item` holds the list item's marker until a line takes it. `count`
    numbers the items of a list, `counter` says in which style. `grid` belongs to a group of rows.
    """

    __slots__ = (
        "block", "count", "counter", "depth", "flags", "grid", "id", "item", "level", "name", "parent",
        "path", "role", "row", "tag",
    )  # fmt: skip

    def __init__(self, node_id: int, tag: str, role: int, parent: Element | None) -> None:
        self.id, self.tag, self.role, self.parent, self.name, self.path = node_id, tag, role, parent, tag, ""
        self.block: Element = self
        self.item: list[str] = []
        self.counter = ""
        self.row: Row | None = None
        self.count = self.depth = self.flags = self.level = 0
        if parent is not None:
            if role == INLINE:
                self.block = parent.block
            self.item, self.row, self.depth = parent.item, parent.row, parent.depth + 1
            self.flags, self.level = parent.flags | TAG_FLAGS.get(tag, 0), parent.level

    def read(self, attributes: Mapping[str, str | None], line: int) -> None:
        """Read the element's attributes and position. `line` is the number of lines before it."""
        if attributes:
            self._name(attributes)
        if self.role == INLINE:
            self.flags |= _INLINE_FLAGS.get(self.tag, 0)
        elif self.role == BLOCK:
            if self.flags & _HEADING and self.tag[1:].isdigit():
                self.level = int(self.tag[1])
            elif self.tag == "ol":
                self.count = _number(attributes.get("start"), 1) - 1
                self.counter = _counter(attributes)
            elif self.tag in _ROW_GROUPS:
                self.grid = Grid()
        elif self.role == ITEM:
            self.item = [_marker(self.parent, attributes)]
        elif self.role == ROW:
            if self.row is not None:
                self.row.cells = None
            group = self.parent
            self.row = Row(self, line, group.grid if group and group.tag in _ROW_GROUPS else Grid())
        elif self.role == CELL and self.row is not None and self.row.cells is not None:
            self.row.cells.append(line)
            self.row.spans.append(span_of(attributes))
        elif self.role == DRAWN:
            self.flags &= ~MUTED

    def _name(self, attributes: Mapping[str, str | None]) -> None:
        get = attributes.get
        if identifier := get("id"):
            self.name += "#" + identifier
        if classes := get("class"):
            suffix, hides = _of_classes(classes)
            self.name += suffix
            self.flags |= hides
        if "hidden" in attributes or get("aria-hidden") == "true":
            self.flags |= _HIDDEN
        if style := get("style"):
            if HIDDEN_STYLE.search(style):
                self.flags |= _HIDDEN
            if "line-through" in style:
                self.flags |= STRUCK


def common(a: Element, b: Element) -> Element:
    """Return the nearest element around both, or the block of the second where they are nested too deep."""
    for _ in range(_MAX_PATH_DEPTH):
        if a is b:
            return a
        if a.depth >= b.depth:
            a = a.parent or a
        if a is not b and b.depth > a.depth:
            b = b.parent or b
    return b.block


def path_of(block: Element) -> str:
    """Return the path of a block element, as in `Block.path`."""
    if block.path:
        return block.path
    waiting = []
    while not block.path and block.parent is not None:
        waiting.append(block)
        block = block.parent.block
    path = block.path
    for element in reversed(waiting):
        if element.depth <= _MAX_PATH_DEPTH or not path:
            path = f"{path}/{folded(element.name)}" if path else folded(element.name)
        element.path = path
    return path


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """Return a step of a path: digits folded to `#`, cut at a length that no person writes."""
    tag = _TAG_NAME.match(name)
    start = tag.end() if tag else 0
    return name[:start] + _DIGITS.sub("#", name[start:120])


@lru_cache(maxsize=1024)
def names(flags: int) -> frozenset[str]:
    """Return the names of a block's flags."""
    return frozenset(name for name, bit in BIT.items() if flags & bit)


@lru_cache(maxsize=4096)
def _of_classes(classes: str) -> tuple[str, int]:
    """Return what an element's classes add to its name, and the hidden flag if one of them hides it."""
    suffix = "." + ".".join(classes.split(None, 2)[:2])
    return suffix, _HIDDEN if HIDDEN_CLASS.search(classes) else 0


def _marker(parent: Element | None, attributes: Mapping[str, str | None]) -> str:
    if parent is None or parent.tag != "ol":
        return "- "
    parent.count = _number(attributes.get("value"), parent.count + 1)
    return f"{_list_label(parent.count, parent.counter)}. "


def _counter(attributes: Mapping[str, str | None]) -> str:
    """Return how a list counts, by its style or `type` (HTML, 4.4.5): a, A, i or I; "" for digits."""
    style = _LIST_STYLE.search(attributes.get("style") or "")
    name = _COUNTERS[style[1].lower()] if style else attributes.get("type") or ""
    return name if name in ("a", "A", "i", "I") else ""


def _list_label(number: int, counter: str) -> str:
    """Return a number in a list's style, or in digits beyond the style's range."""
    written = str(number)
    if counter in ("a", "A") and 1 <= number <= len(ascii_lowercase):
        written = ascii_lowercase[number - 1]
    elif counter in ("i", "I") and 1 <= number < len(_ROMAN):
        written = _ROMAN[number]
    return written.upper() if counter.isupper() else written


def _number(written: str | None, otherwise: int) -> int:
    return int(written) if written and written.isdecimal() and len(written) < 9 else otherwise
