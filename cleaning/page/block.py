"""The records of a parsed page: a block for each visible line, and the page that holds them."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import NamedTuple, TypeAlias

# The begin and the end of each passage, in characters of a line.
Spans: TypeAlias = tuple[tuple[int, int], ...]


class Block(NamedTuple):
    """A line of the page's visible text and its position in the page.

    `path` is the chain of block elements from the root. Each step is a tag with its id and first two classes,
    with digits folded to `#`: `html/body/div#main.post-#/p`. `inline` is the inline element that holds the
    whole line, such as `a.more`, or "". `tag` is the nearest block element. `links` is the share of
    characters inside links, from 0 to 1. `offset` counts characters in the page's visible text. `level` is
    the heading's level, or 0. `depth` is the number of ancestors. Lines of one element share `element`.
    `struck` holds the begin and end of each struck-out passage, in characters of the line.

    Possible `flags`: article, aside, caption, cell, control (buttons and form fields), footer, form, header,
    heading, hidden, jsonld, list, main, nav, noscript, pre, quote, row (with tabs between cells), table.
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
    struck: Spans = ()


@dataclasses.dataclass(slots=True)
class Page:
    """The visible lines of a page, and what metadata needs of its head.

    `rest` holds the words of the lines beyond the first 20,000. `meta` maps a lower-case name or property to
    its contents, `links` the attributes of each `<link>`, `jsonld` the source of each JSON-LD script.
    """

    lines: list[Block] = dataclasses.field(default_factory=list)
    rest: list[str] = dataclasses.field(default_factory=list)
    title: str = ""
    language: str = ""
    base: str = ""
    meta: defaultdict[str, list[str]] = dataclasses.field(default_factory=lambda: defaultdict(list))
    links: list[dict[str, str]] = dataclasses.field(default_factory=list)
    jsonld: list[str] = dataclasses.field(default_factory=list)
