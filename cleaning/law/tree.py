"""The parts of a law as a flat list, outer before inner; offset and length tell which part lies in which.

In Chinese they are 编, 分编, 章, 节, 条 (条之N), 款 (an unnumbered paragraph), 项 (一), 目 1.
In English they are Part, Chapter, Section, Article, (1), and sections of statutes that are only a number.
Policy papers count 一、 (一) 1. (1) or I. (1) 1. instead. There the style of a marker does not tell
the depth; the order in which the styles come does.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from cleaning.law.articles import Numbered, articles
from cleaning.law.sections import sections
from cleaning.text.dates import ANY_DATE
from cleaning.text.lines import fold_line, word_key
from cleaning.text.numerals import chinese_number, english_number
from output.base.records import Article

LEVELS: Final = (
    "head_note", "part", "subpart", "chapter", "section", "article", "paragraph", "item", "subitem",
)  # fmt: skip
_RANK: Final = {level: rank for rank, level in enumerate(LEVELS)}

_HEADING_ZH = re.compile(
    r"^第\s?([零〇一二三四五六七八九十百千\d]+)\s?(?:(分?[编編]|章|[节節])(?=\s|$|[\u4e00-\u9fff])|(部)(?=\s|$))"
)
_LEVEL_ZH: Final = {
    "编": "part", "編": "part", "部": "part", "分编": "subpart", "分編": "subpart", "章": "chapter",
    "节": "section", "節": "section",
}  # fmt: skip
_HEADING_EN = re.compile(
    r"^(part|subpart|chapter|section)\s+(\d{1,3}|[IVXLC]{1,7}|[A-Z][a-z-]+)\b(?=\s*[:.,—–-]|\s|$)",
    re.IGNORECASE,
)
_CONTENTS: Final = frozenset({"目录", "目錄", "目次", "contents", "tableofcontents"})
_CONTENTS_TITLE_MAX_CHARACTERS = 30
_CONTENTS_WITHIN_LINES = 60  # at the head of a text
_REFERENCE = re.compile(r"^(?:规定|所称|所列|的|第|中)")
_HEADING_MAX_HANZI = 60  # three bytes each; a longer line is a sentence about a chapter
_HANZI: Final = "一二三四五六七八九十百"
# Styles of markers; each style is counted on its own.
_STYLES: Final = (
    ("hanzi", re.compile(rf"^([{_HANZI}]{{1,4}})、")),
    ("hanzi()", re.compile(rf"^\(([{_HANZI}]{{1,4}})\)")),
    ("roman", re.compile(r"^([IVX]{1,6})[.,、:](?=\s|$)")),
    ("arabic()", re.compile(r"^\((\d{1,2})\)")),
    ("arabic", re.compile(r"^(\d{1,2})(?:[.,]\s|[.、](?!\d))")),
    ("letter", re.compile(r"^\(([a-h])\)")),
)
_LETTERS: Final = frozenset(f"{_HANZI}IVXＩＶＸ")  # with which a number without brackets may start
_TOP_STYLES: Final = frozenset({"hanzi", "roman"})
_INNER_LEVELS: Final = ("item", "subitem", "subitem", "subitem")
_POLICY_LEVELS: Final = ("section", "item", "subitem", "subitem")
_MIN_SECTIONS = 3  # of one style, from which on they are a count and no chance
_MAX_EXCERPT_GAP = 15  # in a count, where an excerpt leaves something out
_ENACTED = re.compile(
    r"通[过過]|批准|修[订訂]|修正|公布|[发發][布佈]|施行|\b(?:adopted|passed|approved|promulgated|amended|revised|issued)\b",
    re.IGNORECASE,
)
_NOTE_WITHIN_LINES = 8


class Marked(NamedTuple):
    """A marker that is no article's: its line, its style, its number, its label as written."""

    line: int
    style: str
    number: int
    label: str


def units(lines: Sequence[str], numbered: Sequence[Numbered] | None = None) -> tuple[Article, ...]:
    """Return the parts of a text whose lines are joined by newlines; () for a text without such parts.

    `numbered` are its `articles`, where they are known.
    """
    found = articles(lines) if numbered is None else numbered
    if len(found) < 2:
        found = sections(lines) or found
    if len(found) < 2 and not _is_policy(lines):
        found_alone = found if found and found[0].order == (1, 0) else []
        if not found_alone:
            return ()
    starts = [0, *itertools.accumulate(len(line) + 1 for line in lines)]
    marks = [*_notes(lines, found), *_headings(lines, found)]
    marks += _numbered(lines, found) if found else _policy(lines)
    placed = sorted(
        ((starts[line] + column, _RANK[level], level, label) for line, column, level, label in marks),
    )
    return tuple(
        Article(level, label, start, end - start)
        for (start, _, level, label), end in zip(placed, _ends(placed, starts), strict=True)
    )


_Mark = tuple[int, int, str, str]  # line, column, level, label


def _ends(placed: Sequence[tuple[int, int, str, str]], starts: Sequence[int]) -> list[int]:
    """Return where each part ends: before the next of its own or an outer level; a note ends with its line.

    `starts` are the offsets at which lines start, and that behind the last line's end.
    """
    ends = [starts[-1] - 1] * len(placed)
    line_starts = frozenset(starts)
    open_: list[int] = []
    for i, (start, rank, _, _) in enumerate(placed):
        while open_ and placed[open_[-1]][1] >= rank:
            ends[open_.pop()] = start - 1 if start in line_starts else start
        open_.append(i)
    for i, (start, _, level, _) in enumerate(placed):
        if level == "head_note":
            ends[i] = starts[bisect.bisect_right(starts, start)] - 1
    return ends


def _headings(lines: Sequence[str], found: Sequence[Numbered]) -> list[_Mark]:
    """Return the marks of parts, chapters and sections."""
    marks: list[_Mark] = []
    english = any(
        article.script == "en" and not article.label.startswith(("Sec", "SEC", "§")) for article in found
    )
    taken = {article.line for article in found} | {*_contents(lines)}
    for i, line in enumerate(lines):
        if i in taken or len(line.encode()) > 3 * _HEADING_MAX_HANZI:
            continue
        folded = fold_line(line)
        if match := _HEADING_ZH.match(folded):
            rest = folded[match.end() :].strip()
            if not _REFERENCE.match(rest) and not rest.endswith(("。", ";", ",")):
                marks.append((i, 0, _LEVEL_ZH[match[2] or match[3]], match[0]))
        elif (match := _HEADING_EN.match(folded)) and not folded.endswith((".", ";", ",")):
            level = match[1].lower()
            if english_number(match[2]) is not None and (level != "section" or english):
                marks.append((i, 0, level, match[0]))
    return marks


def _contents(lines: Sequence[str]) -> range:
    """Return the lines of a table of contents: from its title to where its first line stands again."""
    for i, line in enumerate(lines[:_CONTENTS_WITHIN_LINES]):
        if len(line) <= _CONTENTS_TITLE_MAX_CHARACTERS and word_key(line) in _CONTENTS and i + 1 < len(lines):
            first = word_key(lines[i + 1])
            again = (
                j for j in range(i + 2, len(lines)) if word_key(lines[j][: 3 * _HEADING_MAX_HANZI]) == first
            )
            return range(i, next(again, i))
    return range(0)


def _notes(lines: Sequence[str], found: Sequence[Numbered]) -> list[_Mark]:
    """Return the notes under a title on who passed a text and when (题注): lines in brackets with a date."""
    head = lines[: min(_NOTE_WITHIN_LINES, found[0].line) if found else _NOTE_WITHIN_LINES]
    return [
        (i, 0, "head_note", "")
        for i, line in enumerate(head)
        if (folded := fold_line(line)).startswith("(") and _DATE.search(folded) and _ENACTED.search(folded)
    ]


_DATE: Final = re.compile(ANY_DATE)


def _numbered(lines: Sequence[str], found: Sequence[Numbered]) -> list[_Mark]:
    """Return the marks of articles with their paragraphs and items."""
    marks: list[_Mark] = []
    stops = {line for line, _, _, _ in _headings(lines, found)}
    for article, after in itertools.zip_longest(found, found[1:]):
        marks.append((article.line, article.column, "article", article.label))
        if after is not None and after.line == article.line:
            continue
        end = after.line if after else len(lines)
        end = next((i for i in range(article.line + 1, end) if i in stops), end)
        items = _nested(lines, article.line + 1, end)
        inside = {mark.line for mark, _ in items}
        paragraphs = [article.line, *(i for i in range(article.line + 1, end) if i not in inside)]
        if len(paragraphs) > 1:
            marks += [
                (i, article.column if i == article.line else 0, "paragraph", str(n))
                for n, i in enumerate(paragraphs, 1)
            ]
        marks += [(mark.line, 0, _INNER_LEVELS[depth], mark.label) for mark, depth in items]
    return marks


def _is_policy(lines: Sequence[str]) -> bool:
    """Tell whether a text counts its sections like a policy paper: 一、 or I., with more than the first."""
    tops = [mark for line in lines if (mark := _top(line, 0))]
    firsts = {mark.style for mark in tops if mark.number == 1}
    return any(mark.style in firsts and mark.number > 1 for mark in tops)


def broken_sections(lines: Sequence[str]) -> str:
    """Return the gap in a paper's own count of sections (一、 or I.), as `二、 … 五、`; "" where it has none.

    A number that stands inside a line between the two is no gap: pages lose line breaks.
    """
    marks = [mark for i, line in enumerate(lines) if (mark := _top(line, i))]
    for style in sorted({mark.style for mark in marks}):
        own = [mark for mark in marks if mark.style == style]
        if len(own) < _MIN_SECTIONS or own[0].number != 1:
            continue
        for before, after in itertools.pairwise(own):
            between = "\n".join(lines[before.line : after.line])
            if before.number + 1 < after.number and before.number + 1 not in _counted_in(between):
                return f"{before.label} … {after.label}"
    return ""


def _counted_in(text: str) -> set[int | None]:
    found = re.finditer(rf"([{_HANZI}]{{1,4}})、|\b([IVX]{{1,6}})[.,、:]", text)
    return {chinese_number(match[1]) if match[1] else english_number(match[2]) for match in found}


def _policy(lines: Sequence[str]) -> list[_Mark]:
    return [
        (mark.line, 0, _POLICY_LEVELS[depth], mark.label) for mark, depth in _nested(lines, 0, len(lines))
    ]


def _mark(line: str, index: int) -> Marked | None:
    head = line[:24]
    if head[:1].isalpha() and head[0] not in _LETTERS:
        return None
    head = fold_line(head)
    for style, pattern in _STYLES:
        if match := pattern.match(head):
            value = match[1]
            number = ord(value) - 96 if style == "letter" else chinese_number(value) or english_number(value)
            return Marked(index, style, number, match[0].strip()) if number else None
    return None


def _top(line: str, index: int) -> Marked | None:
    """Return the marker of a paper's outermost count; a line that starts with a digit has none."""
    if line[:1].isalnum() and line[0] not in _LETTERS:
        return None
    mark = _mark(line, index)
    return mark if mark and mark.style in _TOP_STYLES else None


def own_marker(line: str) -> int:
    """Return the number that a counted line starts with, in any style; 0 for a line without."""
    mark = _mark(f"{line} ", 0)
    return mark.number if mark else 0


def _nested(lines: Sequence[str], start: int, end: int) -> list[tuple[Marked, int]]:
    """Return the counted lines of a range with their depths; a style seen before goes back to its depth."""
    found: list[tuple[Marked, int]] = []
    stack: list[Marked] = []
    counted: dict[str, int] = {}  # some papers count their points through, from section to section
    for i in range(start, end):
        mark = _mark(lines[i], i)
        if mark is None:
            continue
        styles = [open_.style for open_ in stack]
        if mark.style in styles:
            depth = styles.index(mark.style)
            last = stack[depth].number
            if not (last < mark.number <= last + _MAX_EXCERPT_GAP):
                continue  # out of count: prose that starts with a number
            del stack[depth:]
        elif mark.number != 1 and stack and not (0 < counted.get(mark.style, 0) < mark.number):
            continue
        if len(stack) >= len(_INNER_LEVELS):
            continue
        counted[mark.style] = mark.number
        stack.append(mark)
        found.append((mark, len(stack) - 1))
    return found
