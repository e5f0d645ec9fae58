"""Sections with only a number, as in statutes of the common law: `1 Short title`, `3.—(1) The Board may`.

`2. Interpretation` and `4A. (1) Dues` are others. Lists count the same way, so only a text that calls itself
a statute is read like this.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

from cleaning.law.articles import Numbered, chain
from cleaning.text.lines import fold_line

_SECTION: Final = re.compile(r"^((\d{1,4})([A-Z]{0,2}))(?:\.?\s*[—–-]\s*(?=\()|\.?\s+(?=[A-Z\"“'‘(\[]))")
# How a statute names itself, or is enacted; terms of service and guides do neither.
_STATUTE: Final = re.compile(
    r"\b(?:Act|Ordinance|Regulations?|Rules|Order|Law|Code|By-?laws?) (?:may|shall) be cited\b"
    r"|\bThis is the [A-Z][^.]{3,80}\b(?:Act|Regulations?|Rules|Order|By-?laws?)\b"
    r"|\b(?i:be it (?:therefore )?enacted)\b"
    r"|\b(?:Parliament|Legislature|Council|Assembly)\b[^.]{0,80}\benacts\b"
)
_SCHEDULE: Final = re.compile(r"^(?:(?:the )?(?:first )?schedule\b(?! to)|annex\b)", re.IGNORECASE)
# Sections from which on they are a count, and the share of them that go on by one.
_MIN_SECTIONS, _STEADY_MIN_SHARE = 3, 0.7


def sections(lines: Sequence[str]) -> list[Numbered]:
    """Return the sections of a statute in order, up to its schedules; [] for any other text."""
    found = _markers(lines)
    firsts = [n for n, marker in enumerate(found) if marker.order == (1, 0)]
    if len(found) < _MIN_SECTIONS or not firsts or not any(_STATUTE.search(line) for line in lines):
        return []
    # A table of contents names the first section too.
    first = lines[found[firsts[0]].line]
    counted = chain(found[max(n for n in firsts if lines[found[n].line] == first) :])
    steps = [b.number - a.number for a, b in itertools.pairwise(counted)]
    if len(counted) < _MIN_SECTIONS or sum(step <= 1 for step in steps) < _STEADY_MIN_SHARE * len(steps):
        return []
    return counted


def _markers(lines: Sequence[str]) -> list[Numbered]:
    found: list[Numbered] = []
    for i, line in enumerate(lines):
        if not line[:1].isdigit():
            if found and _SCHEDULE.match(line) and found[-1].number >= _MIN_SECTIONS:
                break
            continue
        if match := _SECTION.match(fold_line(line)):
            letters = match[3]
            sub = sum((ord(letter) - 64) * 27**n for n, letter in enumerate(reversed(letters)))
            found.append(Numbered(i, int(match[2]), match[1], "en", sub))
    return found
