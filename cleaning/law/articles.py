"""The numbered articles of a law, Chinese and English, by the markers at the start of their lines.

A marker inside a sentence, or one that breaks the count, is a reference. Where the count has a gap, the
missing article is looked for behind a full stop: pages lose line breaks.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from cleaning.text.lines import LEVEL, fold_line
from cleaning.text.numerals import chinese_number, english_number

# Behind a number: an article put in later (15¹ in the law of some countries), or the mark of a note.
_RAISED: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_ZH = re.compile(
    r"^第\s?([零〇一二三四五六七八九十百千两\d]+)(?:-(\d{1,2}))?\s?[条條](?:之([一二三四五六七八九十]+))?"
    rf"(?=[{_RAISED}]{{0,3}}(?:([\s:.、]|$)|[\u4e00-\u9fff《“\"(【]))"
)
_EN = re.compile(
    rf"^(?:(?:Article|ARTICLE|Art\.|Section|SECTION|Sec\.|§)\s*(\d{{1,4}}|[A-Z][A-Za-z-]{{2,15}})"
    rf"([{_RAISED}]{{0,3}})\b(?![.,]?\d)"
    r"(?=(\s*[:.,)\]—–]|\s+[A-Z“\"(\[]|\s*$)|)|The (\w+(?:-\w+)?) article\b)"
)
_SECTION: Final = re.compile(r"^(?:Section|SECTION|Sec\.|§)")
_STARTS: Final = frozenset("第AaSs§Tt ")
_MAX_GAP = 30  # a number further on than this is a reference
_MARKERS_LOOKED_BACK = 60  # from a marker, for the one before it: bounds the work on endless lists
_MARKER_WITHIN_CHARACTERS = 60  # at the start of a line


class Numbered(NamedTuple):
    """An article's marker: line, number, label as written, script ("zh", "en"), the N of 条之N, column.

    `firm` says that what follows the number cannot follow a reference.
    """

    line: int
    number: int
    label: str
    script: str
    sub: int = 0
    column: int = 0
    firm: bool = True

    @property
    def order(self) -> tuple[int, int]:
        """The key that rises from article to article."""
        return self.number, self.sub


def marker(line: str, index: int = 0) -> Numbered | None:
    """Return the marker of the article that a line starts; None for any other line."""
    head = line[:_MARKER_WITHIN_CHARACTERS].lstrip()
    if head[:1] not in _STARTS:
        return None
    folded = fold_line(head)
    if match := _ZH.match(folded):
        number, behind = chinese_number(match[1]), match[2] or match[3]
        sub = chinese_number(behind) if behind else 0
        if number is None:
            return None
        return Numbered(index, number, match[0].strip(), "zh", sub or 0, 0, match[4] is not None)
    if match := _EN.match(folded):
        number = english_number(match[1] or match[4])
        if number is None:
            return None
        script = "section" if _SECTION.match(folded) else "en"
        sub = int((match[2] or "0").translate(LEVEL))
        firm = match[3] is not None or bool(match[4])
        return Numbered(index, number, match[0].strip(), script, sub, 0, firm)
    return None


def articles(lines: Sequence[str]) -> list[Numbered]:
    """Return the articles of a text in order: for each script the markers that count up from 1.

    Another 1 starts a new count. In a text with Articles, a Section is a part of a chapter, and no article.
    """
    markers = [found for i, line in enumerate(lines) if (found := marker(line, i))]
    scripts = {found.script for found in markers}
    if "en" in scripts:
        scripts.discard("section")
    chosen: list[Numbered] = []
    for script in sorted(scripts):
        for run in _runs([found for found in markers if found.script == script]):
            chosen += _fill_gaps(lines, chain(run))
    return sorted(
        (a._replace(script="en") if a.script == "section" else a for a in chosen),
        key=lambda a: (a.line, a.column),
    )


def chain(run: Sequence[Numbered]) -> list[Numbered]:
    """Return the longest rising chain of markers in one count; of two equal ones the steadier."""
    if all(_follows(a, b) for a, b in itertools.pairwise(run)):
        return list(run)
    best: list[tuple[float, int]] = []  # the weight of the best chain that ends here, and the marker before
    orders = [found.order for found in run]
    for i, here in enumerate(run):
        weight, before = 0.0, -1
        for j in range(max(0, i - _MARKERS_LOOKED_BACK), i):
            if orders[j] < orders[i] and here.number <= orders[j][0] + _MAX_GAP:
                step = 0.1 if here.number == run[j].number + 1 or here.sub == run[j].sub + 1 else 0.0
                if best[j][0] + step > weight:
                    weight, before = best[j][0] + step, j
        best.append((weight + (1.0 if here.firm else 0.6), before))
    at = max(range(len(run)), key=lambda i: best[i][0], default=-1)
    chosen = []
    while at >= 0:
        chosen.append(run[at])
        at = best[at][1]
    return chosen[::-1]


def broken_sequence(lines: Sequence[str]) -> str:
    """Return the gap in a law's articles, as `第二条 … 第十条`; "" where there is none.

    One article alone, or a text that starts in the middle without any gap, tells nothing.
    """
    numbered = articles(lines)
    for script in ("zh", "en"):
        found = [article for article in numbered if article.script == script]
        for before, after in itertools.pairwise(found):
            if after.number > before.number + 1:
                return f"{before.label} … {after.label}"
    return ""


def restarts(found: Sequence[Numbered]) -> bool:
    """Tell whether the articles of one script are counted from the start more than once."""
    firsts = [article.script for article in found if article.order == (1, 0)]
    return len(firsts) > len(set(firsts))


def _follows(a: Numbered, b: Numbered) -> bool:
    return a.order < b.order and b.number <= a.number + _MAX_GAP


def _runs(markers: Sequence[Numbered]) -> list[list[Numbered]]:
    """Split the markers into counts.

    Each starts at 1, unless that 1 is a reference and the count before it goes on.
    """
    starts = [i for i, found in enumerate(markers) if found.order == (1, 0)]
    runs: list[list[Numbered]] = []
    for start, end in itertools.pairwise([0, *(i for i in starts if i), len(markers)]):
        run = list(markers[start:end])
        last = max((found.number for found in runs[-1]), default=0) if runs else 0
        if runs and (
            (len(run) == 1 and not run[0].firm) or (len(run) > 1 and run[1].number == last + 1 != 2)
        ):
            runs[-1] += run[1:]
        else:
            runs.append(run)
    return runs


def _fill_gaps(lines: Sequence[str], found: list[Numbered]) -> list[Numbered]:
    """Add the articles that stand behind a full stop in the gaps, or behind the last one found."""
    if not found:
        return found
    filled: list[Numbered] = []
    for n, before in enumerate(found):
        filled.append(before)
        after = found[n + 1] if n + 1 < len(found) else None
        end = after.line if after else before.line + 1
        while after is None or filled[-1].number + 1 < after.number:
            inner = _next_behind_full_stop(lines, filled[-1], end, firm=after is None)
            if inner is None:
                break
            filled.append(inner)
    return filled


def _next_behind_full_stop(lines: Sequence[str], last: Numbered, end: int, *, firm: bool) -> Numbered | None:
    """Return the next article after `last` where it starts behind a full stop in a line before `end`."""
    for i in range(last.line, min(end, len(lines))):
        column = last.column + 1 if i == last.line else 0
        for match in _BEHIND_FULL_STOP[last.script].finditer(lines[i], column):
            found = marker(lines[i][match.end() :], i)
            if found and found.number == last.number + 1 and (found.firm or not firm):
                return found._replace(column=match.end())
    return None


_BEHIND_FULL_STOP: Final = {
    "zh": re.compile(r"[。；;」”]\s*(?=第\s?[零〇一二三四五六七八九十百千两\d]+\s?[条條])"),
    "en": re.compile(r"[.;”\"]\s+(?=(?:Article|ARTICLE|Art\.)\s*\d)"),
    "section": re.compile(r"[.;”\"]\s+(?=(?:Section|SECTION|Sec\.|§)\s*\d)"),
}
