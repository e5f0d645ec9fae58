"""Numbered articles of a law, Chinese and English, by the markers at the start of their lines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from cleaning.law.numbers import chinese_number
from cleaning.lines import fold_line

_ZH = re.compile(
    r"^第([零〇一二三四五六七八九十百千两\d]+)条(?:之([一二三四五六七八九十]+))?(?=[\s:.、]|$|[\u4e00-\u9fff《“\"(【])"
)
_EN = re.compile(r"^(?:Article|ARTICLE|Art\.|Section|SECTION|§)\s*(\d{1,4})\b(?![.,)]?\d)")


class Numbered(NamedTuple):
    """An article's marker: the line it starts, its number, its label as written, its script ("zh", "en")."""

    line: int
    number: int
    label: str
    script: str


def articles(lines: Sequence[str]) -> list[Numbered]:
    """The articles that start a line. A number that goes back, or on by more than 30, is a reference."""
    found: list[Numbered] = []
    last = {"zh": 0, "en": 0}
    for i, line in enumerate(lines):
        folded = fold_line(line[:60])
        if match := _ZH.match(folded):
            number, script = chinese_number(match[1]), "zh"
        elif match := _EN.match(folded):
            number, script = int(match[1]), "en"
        else:
            continue
        if number is None or not (number == 1 or last[script] <= number <= last[script] + 30):
            continue
        last[script] = number
        found.append(Numbered(i, number, match[0].strip(), script))
    return found


def broken_sequence(lines: Sequence[str]) -> str:
    """The gap in a law's articles, as `第二条 … 第十条`, or "" where the sequence is whole or there is none.

    One article alone, or a text that starts in the middle without any gap, tells nothing.
    """
    for script in ("zh", "en"):
        found = [article for article in articles(lines) if article.script == script]
        for before, after in itertools.pairwise(found):
            if after.number > before.number + 1:
                return f"{before.label} … {after.label}"
    return ""
