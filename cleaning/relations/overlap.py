"""Overlaps: what two texts share, and what each has alone, letter by letter.

A letter is *covered* when a shingle that includes it also stands in the other text. Covered letters form
pieces. Between them lie uncovered runs: a letter for a slip, a clause for an amendment, whole blocks where
one text has more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from cleaning.relations.fold import Positions
from cleaning.relations.shingles import SHINGLE_LETTERS, Shingled, batches_by_size

# With at most this share outside the core, a whole text stands in the other, ragged at the ends.
MAX_RAGGED_SHARE = 0.12
# So many letters before or behind the core are more than a slip at the end of a text.
MIN_AROUND_LETTERS = 12
# A shared piece of so many letters is more than a phrase.
SOLID_LETTERS = 30
# So many shared letters can be a passage, without anything else shared around them.
PASSAGE_LETTERS = 75
# With a smaller share of the shorter text in solid pieces, only a passage can be shared.
_MIN_SOLID_SHARE = 0.25
# Of the shingles, one in fifteen loses its slot in the table to another; its neighbours cover its letters.
_SLOTS_PER_SHINGLE = 8
# It stands between texts in a row, so that no piece runs from one into the next.
_GAP = np.zeros(SHINGLE_LETTERS + 1, np.uint32)

_Flags: TypeAlias = npt.NDArray[np.bool_]


class Side(NamedTuple):
    """One text of a pair: its length, and the begins and ends of the pieces that the other text shares.

    The core, from `first` to `last`, is the stretch with most covered letters less two for each uncovered
    one. A shared phrase far from the rest is not part of it. `changed` is the share of the core that the
    other text lacks. `solid` counts the letters in pieces of SOLID_LETTERS or more.
    """

    letters: int
    begins: Positions
    ends: Positions
    first: int
    last: int
    changed: float
    solid: int

    @property
    def core(self) -> int:
        """Return the number of letters in the core."""
        return self.last - self.first

    @property
    def outside(self) -> float:
        """Return the share of the text before and behind the core."""
        return 1 - self.core / max(1, self.letters)

    @property
    def before(self) -> int:
        """Return the number of letters before the core."""
        return self.first

    @property
    def behind(self) -> int:
        """Return the number of letters behind the core."""
        return self.letters - self.last

    def differences(self) -> tuple[Positions, Positions]:
        """Return the starts and ends of the uncovered runs, those of the core alone if furniture stands
        around it.
        """
        if self.outside > MAX_RAGGED_SHARE or min(self.before, self.behind) >= MIN_AROUND_LETTERS:
            begin, end = self.begins.searchsorted(self.first), self.ends.searchsorted(self.last)
            return self.ends[begin:end], self.begins[begin + 1 : end + 1]
        starts = np.concatenate(([0], self.ends))
        ends = np.concatenate((self.begins, [self.letters]))
        wanted = ends > starts
        return starts[wanted], ends[wanted]


Overlap: TypeAlias = tuple[Side, Side | None]


def overlaps(pairs: Iterable[tuple[Shingled, Sequence[Shingled]]]) -> list[list[Overlap | None]]:
    """Return for each text and the texts compared with it how they cover each other.

    The result is None where they share too little for a passage. The second side is None where the first
    shows how little is shared.
    """
    others, held = _TextRow(), _TextRow()
    shapes, both = [], list[bool]()
    for text, compared in pairs:
        for group in batches_by_size(compared, lambda other: other.shingles.size):
            both += _add_shared(text, group, others, held)
        shapes.append(len(compared))
    back = iter(held.sides(np.ones(sum(both), np.bool_)))
    sides = zip(others.sides(np.array(both, np.bool_)), both, strict=True)
    two_sides = [(side, next(back) if two else None) for side, two in sides]
    found = iter([side and (side, _unless_too_little(side, other)) for side, other in two_sides])
    return [[next(found) for _ in range(count)] for count in shapes]


def _add_shared(text: Shingled, compared: Sequence[Shingled], others: _TextRow, held: _TextRow) -> list[bool]:
    """Add what each of `compared` shares with a text to `others`, and the reverse to `held` where it may be
    enough.

    Return for each of `compared` whether the reverse was added.
    """
    count = text.shingles.size
    if not count:
        others.add(np.zeros(1, np.bool_), np.zeros(len(compared), np.intp), [0] * len(compared))
        return [False] * len(compared)
    mask = np.uint32((1 << (count * _SLOTS_PER_SHINGLE - 1).bit_length()) - 1)
    table = np.zeros(int(mask) + 1, np.uint32)
    slots = (text.shingles & mask).astype(np.intp)
    table[slots] = text.shingles
    table[0] = table[0] or 1  # so that a gap is found in no text
    parts = [_GAP]
    for other in compared:
        parts += (other.shingles, _GAP)
    shingles = np.concatenate(parts)
    places = (shingles & mask).astype(np.intp)
    shared = table.take(places, mode="wrap") == shingles
    sizes = np.array([other.shingles.size for other in compared])
    ends = (sizes + _GAP.size).cumsum()
    edges = others.add(shared, ends - sizes, [other.letters.size for other in compared])
    owners = ends.searchsorted(edges[::2], "right")
    counts = np.bincount(owners, edges[1::2] - edges[::2], ends.size).astype(np.intp)
    # Solid pieces have less than half as many letters more than shingles.
    both: list[bool] = (counts * 2 > _MIN_SOLID_SHARE * np.minimum(sizes, count)).tolist()
    if any(both):
        hits, tos = places[shared], counts.cumsum()
        spans = compress(zip((tos - counts).tolist(), tos.tolist(), strict=True), both)
        _add_shared_back(text, slots, table.size, [hits[start:end] for start, end in spans], held)
    return both


def _add_shared_back(
    text: Shingled, slots: Positions, size: int, hits: Sequence[Positions], held: _TextRow
) -> None:
    """Add to `held` what a text shares with others: whether the slots of its shingles are among the hits of
    each.
    """
    starts = np.arange(len(hits)) * (slots.size + _GAP.size) + _GAP.size
    shared = np.zeros(len(hits) * (slots.size + _GAP.size) + _GAP.size, np.bool_)
    for start, of_other in zip(starts.tolist(), hits, strict=True):
        hit = np.zeros(size, np.bool_)
        hit[of_other] = True
        hit.take(slots, out=shared[start : start + slots.size], mode="wrap")
    held.add(shared, starts, [text.letters.size] * len(hits))


class _TextRow:
    """Texts one behind the other, with the shingles that each shares with another text."""

    def __init__(self) -> None:
        self._size = 0
        self._edges: list[Positions] = [np.zeros(0, np.intp)]
        self._starts: list[Positions] = [np.zeros(0, np.intp)]
        self._letters: list[int] = []

    def add(self, shared: _Flags, starts: Positions, letters: Sequence[int]) -> Positions:
        """Add texts: flags for their shingles with a gap before each and at the end, starts, and lengths in
        letters.

        Return where the shared stretches begin and end, in turn.
        """
        edges: Positions = (shared[1:] != shared[:-1]).nonzero()[0] + 1
        self._edges.append(edges + self._size)
        self._starts.append(starts + self._size)
        self._letters += letters
        self._size += shared.size
        return edges

    def sides(self, all_of: _Flags) -> list[Side | None]:
        """Return the pieces and the core of each text.

        It is None for a text that shares nothing. Outside `all_of`, it is None for one that shares too little
        for a passage.
        """
        edges, starts = np.concatenate(self._edges), np.concatenate(self._starts)
        sides: list[Side | None] = [None] * starts.size
        if not edges.size:
            return sides
        begins, ends = edges[::2], edges[1::2] + (SHINGLE_LETTERS - 1)
        apart = (begins[1:] > ends[:-1]).nonzero()[0]
        begins, ends = begins[np.append(0, apart + 1)], ends[np.append(apart, -1)]
        owners = starts.searchsorted(begins, "right") - 1
        begins, ends = begins - starts[owners], ends - starts[owners]
        pieces = ends - begins
        covered = pieces.cumsum()
        solid = np.bincount(owners, pieces * (pieces >= SOLID_LETTERS), starts.size).astype(np.intp).tolist()
        froms = np.diff(owners, prepend=-1).nonzero()[0]
        tos = np.append(froms[1:], owners.size)
        begin, end = _cores(begins, ends, pieces, covered, froms, self._size)
        first, last = begins[begin], ends[end]
        core = covered[end] - covered[begin] + pieces[begin]
        texts = owners[froms]
        enough = (core >= PASSAGE_LETTERS) | all_of[texts]
        columns = (c[enough].tolist() for c in (texts, froms, tos, first, last, 1 - core / (last - first)))
        for text, from_, to, of_first, of_last, of_changed in zip(*columns, strict=True):
            own = begins[from_:to], ends[from_:to]
            sides[text] = Side(self._letters[text], *own, of_first, of_last, of_changed, solid[text])
        return sides


def _cores(
    begins: Positions, ends: Positions, pieces: Positions, covered: Positions, froms: Positions, size: int
) -> tuple[Positions, Positions]:
    """Return the first and last piece of each text's core (Kadane's algorithm).

    The core is the stretch with most covered letters less two for each uncovered one. The pieces of a text go
    from one of `froms` to the next.
    """
    counts = np.diff(froms, append=pieces.size)
    # Values fall from text to text, so that each text starts its own minimum.
    lower = np.arange(froms.size).repeat(counts) * (8 * size)
    at_begin = (covered - pieces) * 3 - begins * 2 - lower
    least = np.minimum.accumulate(at_begin)
    gains = covered * 3 - ends * 2 - lower - least
    best = (gains == np.maximum.reduceat(gains, froms).repeat(counts)).nonzero()[0]
    end = best[best.searchsorted(froms)]
    return (-least).searchsorted(-least[end]), end


def _unless_too_little(side: Side, back: Side | None) -> Side | None:
    return None if back is None or side.solid < _MIN_SOLID_SHARE * min(side.letters, back.letters) else back
