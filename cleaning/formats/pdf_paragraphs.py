"""Printed lines joined to paragraphs: line breaks of the page's width go, those of the author stay."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from cleaning.law.articles import marker
from cleaning.text.lines import HAN

# Share of the full width; a line that fills less of it ended because its paragraph did.
_FILLED_MIN_SHARE: Final = 0.8
# The same for a line that ends a sentence.
_FULL_MIN_SHARE: Final = 0.94
# A tenth of the lines reach the full width; the widest line of all may stand out into the margin.
_WIDTH_QUANTILE: Final = 0.9
_SENTENCE_END: Final = re.compile(r"[.!?。！？:：;；][\"'”’»）)]*$")
# Signs that begin an item or a heading: bullets, numbers with their sign, Chinese and Roman ones.
_ITEM: Final = re.compile(
    r"(?:[•·●○■□▪–—*]|[(（]?(?:\d{1,3}|[a-z]|[ivxlc]{1,6}|[一二三四五六七八九十百]{1,4})[)）.、．]"
    r"|第[一二三四五六七八九十百千零〇0-9]+[编章节条款部]|(?i:chapter|section|part|article|annex|appendix)\s+[\dIVXLC]+\b"
    r"|附[件表录]|[《【])"
)
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
_WIDE: Final = re.compile(rf"[{HAN}\u3000-\u303f\uff00-\uffef]")


def paragraphs(lines: Sequence[str]) -> list[str]:
    """Return the paragraphs of printed lines, in order, with their words and signs as they were."""
    if not lines:
        return []
    widths = sorted(map(_width, lines))
    widest = widths[int(_WIDTH_QUANTILE * (len(widths) - 1))]
    found = [lines[0]]
    for before, line in itertools.pairwise(lines):
        if _continues(before, line, widest):
            found[-1] = _joined(found[-1], line)
        else:
            found.append(line)
    return found


def _continues(before: str, line: str, widest: int) -> bool:
    """Tell whether a paragraph goes on from one line to the next; `widest` is the width of a full line."""
    if _ITEM.match(line) or marker(line):
        return False
    filled = _width(before) / max(1, widest)
    if _HYPHEN.search(before) and line[:1].islower():
        return True
    return filled >= (_FULL_MIN_SHARE if _SENTENCE_END.search(before) else _FILLED_MIN_SHARE)


def _joined(before: str, line: str) -> str:
    if _HYPHEN.search(before) and line[:1].islower():
        return before[:-1] + line
    space = "" if _WIDE.match(before[-1]) or _WIDE.match(line[0]) else " "
    return f"{before}{space}{line}"


def _width(line: str) -> int:
    """Return the columns of a line: a wide character takes two (Unicode Standard Annex 11)."""
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)
