"""Whether the differences of two texts amend it or are slips: what they touch tells.

A slip is a letter or two; an amendment is words and clauses, figures, and above all another date.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Set

import numpy as np
import numpy.typing as npt

from cleaning.overlap import Side
from cleaning.shingles import Shingled

# Lengths of uncovered runs, in letters: up to a slip, a word or two, a clause; beyond, sentences.
_LENGTHS = np.array([3, 12, 40])
# Dates as they stand in folded text, without spaces and punctuation.
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    r"(?:19|20)\d\d年\d{1,2}月(?:\d{1,2}日)?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?:{_MONTHS})[a-z]{{0,6}}(?:19|20)\d\d"
    rf"|(?:{_MONTHS})[a-z]{{0,6}}\d{{0,2}}(?:st|nd|rd|th)?(?:19|20)\d\d"
)
# Logistic regression over `signs`, fitted on half the families of a set of texts with labelled edits and real
# amendments (benchmarks/dedup.py fits it and draws the curve).
_WEIGHTS = np.array(
    [
        -1.24,  # log slips in a thousand letters
        0.78,  # log words
        0.89,  # log clauses
        -0.01,  # log sentences
        0.27,  # log letters in a run, on average
        0.44,  # log runs, in the text that has fewer
        1.5,  # share of runs that touch a figure
        1.27,  # each text has a date that the other has not
        2.03,  # one of them has
        -1.23,  # tenths of the core that changed
        -2.8,  # Chinese, whose words are short
        -2.9,
    ]
)
# From which likelihood on two texts are versions. Of texts that lie side by side (held-out families), one
# duplicate in a hundred passes as amended here (.012), and half of the amendments as slips (.54).
AMENDED = 0.4
# Letters beside an uncovered run in which the rest of a date stands.
_BESIDE = 14
# Figures of a year.
_YEAR = 4


def amends(overlap: tuple[Side, Side], texts: tuple[Shingled, Shingled]) -> bool:
    """Whether the differences amend the text, as far as they tell."""
    chance = 1 / (1 + np.exp(-signs(overlap, texts) @ _WEIGHTS))
    return bool(chance >= AMENDED)


@dataclasses.dataclass(frozen=True, slots=True)
class _Differences:
    """What differs in one text: runs by length and in all, letters, runs that touch a figure, dates."""

    counts: tuple[int, ...]
    runs: int
    letters: int
    figures: int
    dates: Set[str]


_NONE = _Differences((0, 0, 0, 0), 0, 0, 0, frozenset())


def signs(overlap: tuple[Side, Side], texts: tuple[Shingled, Shingled]) -> npt.NDArray[np.float64]:
    """What the differences touch, as a vector: see _WEIGHTS."""
    a, b = (_differences(side, text) for side, text in zip(overlap, texts, strict=True))
    runs = a.runs, b.runs
    thousands = [max(1, side.core) / 1000 for side in overlap]
    return np.array(
        [
            *(
                math.log1p(max(one / thousands[0], other / thousands[1]))
                for one, other in zip(a.counts, b.counts, strict=True)
            ),
            math.log1p((a.letters + b.letters) / max(1, sum(runs))),
            math.log1p(min(runs)),
            (a.figures + b.figures) / max(1, sum(runs)),
            bool(a.dates - b.dates and b.dates - a.dates),
            a.dates != b.dates,
            max(overlap[0].changed, overlap[1].changed) * 10,
            texts[0].chinese,
            1.0,
        ]
    )


def _differences(side: Side, text: Shingled) -> _Differences:
    starts, ends = side.differences()
    if not starts.size:
        return _NONE
    lengths = ends - starts
    counts = tuple(np.bincount(_LENGTHS.searchsorted(lengths), minlength=_LENGTHS.size + 1).tolist())
    places = np.concatenate((starts, ends, starts - _BESIDE, ends + _BESIDE))
    first, last, before, behind = text.figures.searchsorted(places).reshape(4, -1)
    dates = set()
    for run in (behind - before >= _YEAR).nonzero()[0].tolist():
        dates.update(_DATE.findall(text.passage(max(0, starts[run] - _BESIDE), ends[run] + _BESIDE)))
    return _Differences(counts, lengths.size, int(lengths.sum()), int(np.count_nonzero(first != last)), dates)
