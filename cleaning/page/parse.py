"""Parsing: one tolerant HTML5 parse of a page into blocks, in document order.

A block is what a reader sees as one line: a paragraph, a heading, a list item, a table row, a line between
two `<br>`. The page's visible text is its blocks joined by newlines. Later stages refer to blocks by their
index. Parsing drops nothing that a reader could see: what leaves the text is decided later, with a receipt.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from cleaning.page import jsonld
from cleaning.page.block import Block
from cleaning.page.tolerance import tolerable, without_swallower
from cleaning.page.visible import read

# An unclosed title swallows the page; the title keeps so much of it.
_MAX_TITLE_CHARACTERS = 300
# So many lines of an endless page's rest form one block.
_LINES_PER_BLOCK = 1_000

__all__ = ["Block", "Parsed", "parse"]


@dataclasses.dataclass(frozen=True)
class Parsed:
    """A parsed page: its blocks, its head, and the tree for CSS selectors.

    `meta` maps a lower-case name or property to its contents in page order. `jsonld` holds the objects of
    JSON-LD scripts, graphs flattened. `links` holds the attributes of each `<link>`, `base` the URL in
    `<base>` or "". `warnings` names every cap that cut something and everything that could not be read.
    """

    blocks: tuple[Block, ...]
    title: str
    language: str
    meta: Mapping[str, tuple[str, ...]]
    jsonld: tuple[Mapping[str, Any], ...]
    canonical: str
    links: tuple[Mapping[str, str], ...]
    warnings: tuple[str, ...]
    tree: LexborHTMLParser = dataclasses.field(repr=False, compare=False)
    base: str = ""

    @functools.cached_property
    def text(self) -> str:
        """Return the visible text: the blocks, one a line. A block's `offset` counts characters in it."""
        return "\n".join(block.text for block in self.blocks)

    def matching(self, selector: str) -> frozenset[int]:
        """Return the indices of the blocks inside the elements that a CSS selector matches."""
        elements: set[int] = set()
        for match in self.tree.css(selector):
            if match.mem_id not in elements:  # else a match around it was seen already
                elements.update(inner.mem_id for inner in match.traverse(include_text=False))
        return frozenset(i for i, block in enumerate(self.blocks) if block.element in elements)


def parse(html: str) -> Parsed:
    """Parse a decoded page, once. No content makes it fail; `Parsed.warnings` says what was cut."""
    source, warnings = tolerable(html)
    tree = LexborHTMLParser(source)
    page = read(tree)
    if not page.lines and (opened := without_swallower(source)):
        title = page.title
        tree = LexborHTMLParser(opened)
        page = read(tree)
        page.title = page.title or title[:_MAX_TITLE_CHARACTERS]
        warnings.append("unclosed_element")
    objects, readable = jsonld.load(page.jsonld)
    if not readable:
        warnings.append("jsonld_malformed")
    visible = [line.text for line in page.lines if "noscript" not in line.flags]
    if bodies := jsonld.missing_bodies(objects, visible):
        flags = frozenset({"jsonld"})
        page.lines.extend(Block(text, "jsonld/articleBody", "p", flags=flags) for text in bodies)
        warnings.append("text_from_jsonld")
    if page.rest:
        page.lines.extend(_merged_lines(page.rest, page.lines[-1]))
        warnings.append("lines_together")
    return Parsed(
        blocks=_with_offsets(page.lines),
        title=page.title,
        language=page.language,
        meta={name: tuple(contents) for name, contents in page.meta.items()},
        jsonld=tuple(objects),
        canonical=next(
            (a["href"] for a in page.links if a.get("rel", "").lower() == "canonical" and a.get("href")), ""
        ),
        links=tuple(page.links),
        warnings=tuple(warnings),
        tree=tree,
        base=page.base,
    )


def _merged_lines(lines: Sequence[str], last: Block) -> Iterator[Block]:
    """Yield the rest of an endless page as blocks of many lines, at the position of the last line."""
    for i in range(0, len(lines), _LINES_PER_BLOCK):
        yield last._replace(text="\n".join(lines[i : i + _LINES_PER_BLOCK]), level=0, struck=())


def _with_offsets(lines: Iterable[Block]) -> tuple[Block, ...]:
    """Return the lines, each with its offset."""
    blocks, offset = [], 0
    for text, path, tag, links, _, flags, level, inline, depth, element, struck in lines:
        blocks.append(Block(text, path, tag, links, offset, flags, level, inline, depth, element, struck))
        offset += len(text) + 1
    return tuple(blocks)
