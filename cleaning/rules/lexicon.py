"""The lexicon: rules that recognise furniture by its words. Each rule is named data in lexicon.toml.

Rules match folded lines up to a maximum length, so that a law about reports, comments or copyright keeps its
paragraphs. Some rules need neighbours of a certain kind (`beside`) or a position on the page (`where`).
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from cleaning.page.labels import Label
from cleaning.page.parse import Block
from cleaning.rules.entries import LexiconRule, lexicon
from cleaning.text.lines import fold_line
from output.base.records import RemovalKind

# In UTF-8, where a hanzi counts as three letters. Labels are shorter than a line of prose.
_PROSE_MIN_BYTES = 100
_BESIDE_LINES = 2  # how far `beside` looks
_FOOT_KINDS = frozenset(
    {RemovalKind.COPYRIGHT, RemovalKind.LICENCE_FOOTER, RemovalKind.NAV, RemovalKind.DISCLAIMER}
)
# The longest line, in characters, of the group below a heading: titles of other pages, comments.
_GROUP_LINE_MAX: Final = {RemovalKind.RELATED: 90, RemovalKind.COMMENTS: 400, RemovalKind.COMMENT_FORM: 200}
_BRAND_MAX_CHARACTERS = 20
_BODY_PATH_DEPTH = 2  # html/body: the first line of a page opens no group


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """A part of a block to remove while the block stays: the characters from `start` to `end` of its text."""

    block: int
    start: int
    end: int
    label: Label


def judge(blocks: Sequence[Block], *, dump: bool = False, breaks: Collection[int] = ()) -> list[Label | None]:
    """Return a label for each block that a rule recognises, and None for the others.

    A text dump has no markup that shows what belongs together. There, a heading such as "Comments" also
    removes the short lines after it. It ends at the page's footer or at one of `breaks`, where another
    document begins.
    """
    lines = [fold_line(block.text) if len(block.text) <= 2 * _longest_line() else "" for block in blocks]
    labels: list[Label | None] = [None] * len(blocks)
    opened: list[tuple[int, LexiconRule]] = []
    first = next((i for i, line in enumerate(lines) if len(line.encode()) >= _PROSE_MIN_BYTES), len(lines))
    half = (blocks[-1].offset + len(blocks[-1].text)) / 2 if blocks else 0
    for i in _candidates(lines):
        for rule in _line_rules(lines[i].isascii()):
            match = rule.match(lines[i])
            if match and _is_in_place(rule, i < first, blocks[i].offset >= half):
                labels[i] = _label(rule, match)
                if rule.opens:
                    opened.append((i, rule))
                break
    ends = {*breaks, *(i for i, _ in opened)}
    for i, rule in opened:
        _take_group(i, rule, blocks, lines, labels, dump, ends)
    _take_neighbours(lines, labels, first)
    if dump:
        _take_brands(lines, labels)
    return labels


def inline_cuts(blocks: Sequence[Block], labels: Sequence[Label | None]) -> list[Cut]:
    """Return the cuts at the ends of blocks, such as the link to the rest of a post.

    Only blocks without a label are cut. A block that holds nothing else is cut whole.
    """
    cuts = []
    for i, block in enumerate(blocks):
        if labels[i] is not None:
            continue
        text = block.text.replace("\u00a0", " ").rstrip()  # one character for another: offsets stay
        for rule in _inline_rules():
            if match := rule.match(text):
                cuts.append(Cut(i, match.start(), len(block.text), _label(rule, match)))
                break
    return cuts


def is_all_cut(text: str) -> bool:
    """Return whether a line holds nothing but the link to the rest of a text."""
    line = text.replace("\u00a0", " ").strip()
    return any((match := rule.match(line)) and match.start() == 0 for rule in _inline_rules())


def opens_comments(text: str) -> bool:
    """Return whether a line is a heading above readers' comments, such as "2 comments"."""
    rules = [rule for rule in lexicon() if rule.opens and rule.kind is RemovalKind.COMMENTS]
    line = fold_line(text[: 2 * _longest_line()])
    return any(rule.match(line) for rule in rules)


def _candidates(lines: Sequence[str]) -> list[int]:
    """Return the lines that some rule may match, about one in ten. Two searches over all lines find them."""
    found: set[int] = set()
    for ascii_only in (True, False):
        of_script = [i for i, line in enumerate(lines) if line and line.isascii() == ascii_only]
        starts = _start_pattern(ascii_only)
        found.update(i for i in of_script if starts.match(lines[i]))
        lowered = [lines[i].lower() for i in of_script]
        found.update(of_script[n] for n in _lines_holding(lowered, _search_words(ascii_only)))
    return sorted(found)


def _lines_holding(lines: Sequence[str], words: Sequence[str]) -> Iterator[int]:
    """Yield the index of each line that holds one of the words."""
    text = "\n".join(lines)
    ends = list(itertools.accumulate(len(line) + 1 for line in lines))
    for word in words:
        at = text.find(word)
        while at >= 0:
            n = bisect.bisect_right(ends, at)
            yield n
            at = text.find(word, ends[n])


@functools.cache
def _line_rules(ascii_only: bool) -> tuple[LexiconRule, ...]:
    """Return the rules that need no neighbour. Lines of ASCII alone need no Chinese rules."""
    return tuple(
        rule
        for rule in lexicon()
        if not rule.beside and not rule.inline and not (ascii_only and rule.lang == "zh")
    )


@functools.cache
def _search_words(ascii_only: bool) -> tuple[str, ...]:
    """Return the words that the rules for whole lines search for."""
    words = dict.fromkeys(word for rule in _line_rules(ascii_only) for word in rule.words)
    return tuple(word for word in words if word.isascii() or not ascii_only)


@functools.cache
def _start_pattern(ascii_only: bool) -> re.Pattern[str]:
    """Return the rules that match the start of a line as one pattern."""
    patterns = [rule.regex.pattern for rule in _line_rules(ascii_only) if not rule.words]
    return re.compile("|".join(re.sub(r"^\(\?i\)(.*)", r"(?i:\1)", pattern) for pattern in patterns))


@functools.cache
def _inline_rules() -> tuple[LexiconRule, ...]:
    return tuple(rule for rule in lexicon() if rule.inline)


@functools.cache
def _longest_line() -> int:
    return max(rule.max for rule in lexicon() if not rule.inline)


def _label(rule: LexiconRule, match: re.Match[str]) -> Label:
    return Label(rule.kind, f"lexicon:{rule.id}", match[0].strip()[:200])


def _is_in_place(rule: LexiconRule, top: bool, bottom: bool) -> bool:
    return not rule.where or (top if rule.where == "top" else bottom)


def _take_group(
    start: int,
    rule: LexiconRule,
    blocks: Sequence[Block],
    lines: Sequence[str],
    labels: list[Label | None],
    dump: bool,
    ends: Collection[int],
) -> None:
    """Label the lines below a group's heading like the heading, as long as they look like its items.

    In a page with markup these are lines of links, and everything in an element that the heading opens.
    """
    container = "" if dump else opened_container(start, blocks)
    for i in range(start + 1, len(blocks)):
        label = labels[i]
        if i in ends or (label and label.kind in _FOOT_KINDS):
            return
        if label:
            continue
        if len(blocks[i].text) > _GROUP_LINE_MAX[rule.kind]:
            return
        listed = rule.kind is RemovalKind.RELATED and blocks[i].links >= 0.5 and not blocks[i].level
        if not dump and not listed and not (container and blocks[i].path.startswith(container)):
            return
        labels[i] = Label(rule.kind, f"lexicon:{rule.id}", f"under {lines[start][:80]}")


def opened_container(start: int, blocks: Sequence[Block]) -> str:
    """Return the path of the element that a heading opens, or "" where the heading stands inside a longer
    text.

    An element with the page's main heading belongs to the text, whatever its first line is: `41 comments`.
    """
    container = blocks[start].path.rpartition("/")[0] + "/"
    inner = container.count("/") > _BODY_PATH_DEPTH and not (
        start and blocks[start - 1].path.startswith(container)
    )
    if not inner or any(
        block.level == 1 and block.path.startswith(container) for block in blocks[start + 1 :]
    ):
        return ""
    return container


def _take_neighbours(lines: Sequence[str], labels: list[Label | None], first: int) -> None:
    """Apply the rules that need neighbours, down the page and up, so that a run of contact lines is found
    whole.
    """
    rules = [rule for rule in lexicon() if rule.beside and not rule.inline]
    beside = {
        j for i, label in enumerate(labels) if label for j in range(i - _BESIDE_LINES, i + 1 + _BESIDE_LINES)
    }
    for order in (range(len(lines)), reversed(range(len(lines)))):
        for i in order:
            if i not in beside or labels[i] or not lines[i] or len(lines[i]) > _longest_line():
                continue
            near = {
                label.kind for label in labels[max(0, i - _BESIDE_LINES) : i + 1 + _BESIDE_LINES] if label
            }
            for rule in rules:
                if (
                    near & rule.beside
                    and (match := rule.match(lines[i]))
                    and _is_in_place(rule, i < first, True)
                ):
                    labels[i] = _label(rule, match)
                    beside.update(range(i - _BESIDE_LINES, i + 1 + _BESIDE_LINES))
                    break


def _take_brands(lines: Sequence[str], labels: list[Label | None]) -> None:
    """Remove short lines that stand between furniture each time and more than once: the site's name."""
    at: dict[str, list[int]] = {}
    for i, line in enumerate(lines):
        if 0 < len(line) <= _BRAND_MAX_CHARACTERS:
            at.setdefault(line, []).append(i)
    for places in at.values():
        free = [i for i in places if labels[i] is None]
        if len(places) > 1 and free and all(_is_between_removed(i, labels) for i in free):
            for i in free:
                labels[i] = Label(
                    RemovalKind.NAV, "lexicon:repeated_brand", f"{len(places)} times between furniture"
                )


def _is_between_removed(i: int, labels: Sequence[Label | None]) -> bool:
    return (i == 0 or labels[i - 1] is not None) and (i == len(labels) - 1 or labels[i + 1] is not None)
