"""Slips and amendments: which differences make two texts versions of each other.

A slip is a letter or two. An amendment touches words and clauses, figures, and above all dates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from cleaning.relations.fold import Positions
from cleaning.relations.overlap import Overlap, Side
from cleaning.relations.shingles import Shingled

# The longest uncovered run, in letters, of a slip, of a word or two, of a clause. Longer runs are sentences.
_RUN_LENGTHS = np.array([3, 12, 40])
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
        -1.24,  # log slips, words, clauses and sentences in a thousand letters
        0.78,
        0.89,
        -0.01,
        0.27,  # log letters in a run, on average
        0.44,  # log runs, in the text with fewer
        1.5,  # share of runs that touch a figure
        1.27,  # each text has a date that the other lacks
        2.03,  # at least one of them has
        -1.23,  # changed share of the core, in tenths
        -2.8,  # Chinese, whose words are short
        -2.9,
    ]
)
# Two texts are versions from this likelihood on. Of texts that run in parallel (held-out families), .012 of
# the duplicates pass as amended, and .54 of the amendments as slips.
AMENDED_LIKELIHOOD = 0.4
# The rest of a date stands so near an uncovered run.
_DATE_REACH_LETTERS = 14
_YEAR_DIGITS = 4

Pair: TypeAlias = tuple[Overlap, tuple[Shingled, Shingled]]


def amended(pairs: Sequence[Pair]) -> list[bool]:
    """Return for each pair of texts whether their differences amend them."""
    if not pairs:
        return []
    likelihoods = 1 / (1 + np.exp(-signs(pairs) @ _WEIGHTS))
    flags: list[bool] = (likelihoods >= AMENDED_LIKELIHOOD).tolist()
    return flags


def signs(pairs: Sequence[Pair]) -> npt.NDArray[np.float64]:
    """Return the features of the differences between each two texts, one row a pair, in the order of
    `_WEIGHTS`.
    """
    sides = [side for overlap, _ in pairs for side in overlap if side]
    found = _differences(sides, [text for _, texts in pairs for text in texts])
    cores = np.array([max(1, side.core) for side in sides]) / 1000
    dates = [(found.dates[n], found.dates[n + 1]) for n in range(0, len(sides), 2)]
    runs = found.counts.sum(axis=1)
    in_pair = np.maximum(1, runs[::2] + runs[1::2])
    columns = [
        *np.log1p(_greater(found.counts / cores[:, None])).T,
        np.log1p((found.letters[::2] + found.letters[1::2]) / in_pair),
        np.log1p(np.minimum(runs[::2], runs[1::2])),
        (found.figures[::2] + found.figures[1::2]) / in_pair,
        [bool(a - b and b - a) for a, b in dates],
        [a != b for a, b in dates],
        _greater(np.array([side.changed for side in sides])) * 10,
        [texts[0].chinese for _, texts in pairs],
        np.ones(len(pairs)),
    ]
    return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)


def _greater(of_sides: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    greater: npt.NDArray[np.float64] = np.maximum(of_sides[::2], of_sides[1::2])
    return greater


class _Differences(NamedTuple):
    """The differences of each text: runs by length, letters, runs that touch a figure, and dates."""

    counts: Positions
    letters: Positions
    figures: Positions
    dates: list[set[str]]


def _differences(sides: Sequence[Side], texts: Sequence[Shingled]) -> _Differences:
    found = [side.differences() for side in sides]
    owners = np.arange(len(sides)).repeat([starts.size for starts, _ in found])
    starts, ends = (np.concatenate(column) for column in zip(*found, strict=True))
    lengths = ends - starts
    kinds = owners * (_RUN_LENGTHS.size + 1) + _RUN_LENGTHS.searchsorted(lengths)
    counts = np.bincount(kinds, minlength=len(sides) * (_RUN_LENGTHS.size + 1))
    # The digits of all texts one behind the other, with room for what stands beside a run.
    sizes = np.array([text.letters.size + 2 * _DATE_REACH_LETTERS for text in texts])
    first = sizes.cumsum() - sizes + _DATE_REACH_LETTERS
    figures = np.concatenate([text.figures for text in texts])
    figures = figures + first.repeat([text.figures.size for text in texts])
    at = first[owners]
    places = np.concatenate(
        (starts + at, ends + at, starts + at - _DATE_REACH_LETTERS, ends + at + _DATE_REACH_LETTERS)
    )
    start, end, before, behind = figures.searchsorted(places).reshape(4, -1)
    dates: list[set[str]] = [set() for _ in sides]
    some = behind - before >= _YEAR_DIGITS
    stretches = (
        owners[some],
        np.maximum(0, starts[some] - _DATE_REACH_LETTERS),
        ends[some] + _DATE_REACH_LETTERS,
    )
    for owner, begin, stop in zip(*(column.tolist() for column in stretches), strict=True):
        dates[owner].update(_DATE.findall(texts[owner].passage(begin, stop)))
    return _Differences(
        counts.reshape(len(sides), -1),
        np.bincount(owners, lengths, len(sides)),
        np.bincount(owners[start != end], minlength=len(sides)),
        dates,
    )
