"""A source's own rules for its pages, as CSS selectors: select, remove, keep and split.

BeautifulSoup finds the matches. They are marked in the source before its one parse, so that what is removed
has an offset and a receipt. A page of a source without rules costs nothing.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Final

from selectolax.lexbor import LexborHTMLParser

from cleaning.page.labels import Label
from cleaning.page.parse import Block, Parsed, parse
from cleaning.page.tolerance import tolerable
from cleaning.rules.lexicon import Cut
from output.base.records import RemovalKind

if TYPE_CHECKING:
    from bs4 import Tag

_MARK_ATTRIBUTE: Final = "data-tamis"
# Unicode reserves these two for a program's own use: no page has them, and the parser keeps them in place.
_CUT_OPEN, _CUT_CLOSE = "\ufdd0", "\ufdd1"
_CUT_MARKS: Final = re.compile("[\ufdd0\ufdd1]")
_INLINE_TAGS: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "del",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
    ]
)
_PERMALINK_SELECTOR: Final = "a[rel~=bookmark], h1 a[href], h2 a[href], h3 a[href]"


@dataclasses.dataclass(frozen=True, slots=True)
class Directives:
    """What a source declares about its pages: its `[clean]` section, how the URLs of other languages differ,
    and whether its terms ask for metadata only.

    `select` drops what lies outside its matches, `remove` what lies inside. `keep` protects blocks from every
    rule and engine. `split` makes each match a document of its own. These are CSS selectors, but a `keep` in
    double quotes is a whole line of text as the page shows it. `alternates` holds the pairs of URL parts in
    which a page and its version in another language differ.
    """

    select: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    metadata_only: bool = False
    alternates: tuple[tuple[str, str], ...] = ()

    @property
    def mark(self) -> bool:
        """Return whether any selector has to be found in the page."""
        return bool(self.select or self.remove or self.kept_selectors or self.split)

    @property
    def kept_selectors(self) -> tuple[str, ...]:
        """Return the selectors in `keep`."""
        return tuple(one for one in self.keep if quoted_line(one) is None)

    @property
    def kept_lines(self) -> tuple[str, ...]:
        """Return the lines of text in `keep`."""
        return tuple(line for one in self.keep if (line := quoted_line(one)) is not None)


def quoted_line(keep: str) -> str | None:
    """Return the line of text inside double quotes, or None for a selector, which never starts with one."""
    return keep[1:-1] if len(keep) > 2 and keep[0] == keep[-1] == '"' else None


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One document of a page that holds several: its blocks, and what the page says about it.

    `permalink` is the URL of its own page, `title` and `date` stand above it. Each is "" where the page gives
    none.
    """

    blocks: frozenset[int]
    permalink: str = ""
    title: str = ""
    date: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Marked:
    """A parsed page with the result of the source's rules.

    `labels` has a label for each removed block and None for the rest. `pinned` are the blocks to keep, `cuts`
    the parts of blocks to remove, `parts` the documents. `warnings` names each selector that matches nothing.
    """

    parsed: Parsed
    labels: tuple[Label | None, ...]
    pinned: frozenset[int] = frozenset()
    cuts: tuple[Cut, ...] = ()
    parts: tuple[Part, ...] = ()
    warnings: tuple[str, ...] = ()


def read(html: str, directives: Directives) -> Marked:
    """Parse a page and apply the source's rules to its blocks."""
    if not directives.mark:
        parsed = parse(html)
        return with_lines(Marked(parsed, (None,) * len(parsed.blocks)), directives)
    marked, permalinks, warnings = _marked_source(html, directives)
    parsed, cuts = _take_cuts(parse(marked), directives)
    labels: list[Label | None] = [None] * len(parsed.blocks)
    if directives.select and (selected := parsed.matching(f'[{_MARK_ATTRIBUTE}~="s"]')):
        outside = Label(RemovalKind.OTHER, f"source:select {', '.join(directives.select)}")
        labels = [None if i in selected else outside for i in range(len(labels))]
    for n, selector in enumerate(directives.remove):
        for i in parsed.matching(f'[{_MARK_ATTRIBUTE}~="r{n}"]'):
            labels[i] = Label(RemovalKind.OTHER, f"source:remove {selector}")
    parts = tuple(
        Part(parsed.matching(f'[{_MARK_ATTRIBUTE}~="p{n}"]'), link) for n, link in enumerate(permalinks)
    )
    marks = Marked(
        parsed,
        tuple(labels),
        pinned=parsed.matching(f'[{_MARK_ATTRIBUTE}~="k"]'),
        cuts=tuple(cuts),
        parts=tuple(part for part in parts if part.blocks),
        warnings=tuple(warnings),
    )
    return with_lines(marks, directives)


def with_lines(marked: Marked, directives: Directives) -> Marked:
    """Return the page with the lines pinned that the source quotes. Any run of white space counts as one
    space.
    """
    if not directives.kept_lines:
        return marked
    kept_lines_folded = {" ".join(line.split()) for line in directives.kept_lines}
    lines = [" ".join(block.text.split()) for block in marked.parsed.blocks]
    pinned = {i for i, line in enumerate(lines) if line in kept_lines_folded}
    return dataclasses.replace(marked, pinned=marked.pinned | pinned)


def _marked_source(html: str, directives: Directives) -> tuple[str, list[str], list[str]]:
    """Return the source with its matches marked, the permalinks of its parts, and a warning for each selector
    without a match.
    """
    from bs4 import BeautifulSoup  # takes 0.2 s, which pages without selectors save

    # Lexbor makes the page well-formed first, so that BeautifulSoup loses nothing of it.
    source, _ = tolerable(_CUT_MARKS.sub("", html))
    soup = BeautifulSoup(LexborHTMLParser(source).html or "", "html.parser")
    warnings = []
    permalinks: list[str] = []
    groups = (
        ("s", directives.select),
        ("r", directives.remove),
        ("k", directives.kept_selectors),
        ("p", directives.split),
    )
    for name, selectors in groups:
        for n, selector in enumerate(selectors):
            found = soup.select(selector)
            if not found:
                warnings.append(f"selector_unmatched:{selector}")
            for tag in found:
                if name == "p":
                    _add_mark(tag, f"p{len(permalinks)}")
                    permalinks.append(_permalink(tag))
                elif name == "r" and tag.name in _INLINE_TAGS:
                    _mark_cut(tag, n)
                else:
                    _add_mark(tag, name if name != "r" else f"r{n}")
    return str(soup), permalinks, warnings


def _add_mark(tag: Tag, mark: str) -> None:
    tag[_MARK_ATTRIBUTE] = f"{tag.get(_MARK_ATTRIBUTE, '')} {mark}".strip()


def _permalink(tag: Tag) -> str:
    link = tag.select_one(_PERMALINK_SELECTOR)
    return str(link.get("href") or "") if link else ""


def _mark_cut(tag: Tag, n: int) -> None:
    """Mark the text of an inline element in its block, since it is no block of its own."""
    for string in list(tag.strings):
        if string.strip():
            string.replace_with(f"{_CUT_OPEN}{n}:{string}{_CUT_CLOSE}")


_MARKED_CUT: Final = re.compile(f"{_CUT_OPEN}(\\d+):([^{_CUT_CLOSE}]*){_CUT_CLOSE}?|{_CUT_CLOSE}")


def _take_cuts(parsed: Parsed, directives: Directives) -> tuple[Parsed, list[Cut]]:
    """Return the page without the marks of inline matches, and the cuts that they stand for."""
    blocks: list[Block] = []
    cuts: list[Cut] = []
    offset = 0
    for i, block in enumerate(parsed.blocks):
        text, end, pieces = block.text, 0, []
        for match in _MARKED_CUT.finditer(text):
            pieces.append(text[end : match.start()])
            if match[1]:
                start = sum(map(len, pieces))
                pieces.append(match[2])
                rule = f"source:remove {directives.remove[int(match[1])]}"
                cuts.append(Cut(i, start, start + len(match[2]), Label(RemovalKind.OTHER, rule)))
            end = match.end()
        text = "".join([*pieces, text[end:]])
        struck = block.struck if text == block.text else ()  # the marks have moved the positions
        blocks.append(block._replace(text=text, offset=offset, struck=struck))
        offset += len(text) + 1
    return dataclasses.replace(parsed, blocks=tuple(blocks)), cuts
