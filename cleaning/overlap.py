"""What two texts share, and what each has that the other has not, letter by letter.

A letter is *covered* when a shingle that includes it stands in the other text too. Covered letters
make pieces, and between them lie uncovered runs: one letter where somebody slipped, a clause where
somebody amended, whole blocks where one text has more than the other.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from cleaning.shingles import SAMPLED, SHINGLE, Shingled

Positions = npt.NDArray[np.intp]

# Share of a text outside the core, up to which it lies in the other as a whole, ragged at the ends.
RAGGED = 0.12
# Letters before or behind the core from which on they are no slip at the end of a text.
SOME = 12
# Letters from which on a piece in common is more than a phrase.
SOLID = 30
# Strangers share less than this of the shorter text's sampled shingles, and no passage of so many letters.
_KIN, _PASSAGE, _PASSAGE_CJK = 0.4, 100, 50
# Share of the shorter text, in solid pieces, below which nothing but a passage can be in common.
_LITTLE = 0.25
# Slots of the table for each shingle: one in fifteen is lost to another; its neighbours cover its letters.
_SLOTS = 8


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One text of a pair: its length, and the pieces of it that the other has, as begins and ends in letters.

    The core, `first` to `last`, is where the texts go together: the stretch with most covered letters, less
    two for each uncovered one; so that a phrase in common far from the rest does not belong to it. `changed`
    is the share of the core that the other text lacks, `solid` the letters of the pieces of SOLID or more.
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
        """Letters of the core."""
        return self.last - self.first

    @property
    def outside(self) -> float:
        """Share of the text that stands before or behind the core."""
        return 1 - self.core / max(1, self.letters)

    @property
    def before(self) -> int:
        """Letters before the core."""
        return self.first

    @property
    def behind(self) -> int:
        """Letters behind the core."""
        return self.letters - self.last

    def differences(self) -> tuple[Positions, Positions]:
        """Starts and ends of the uncovered runs: all, or those of the core if furniture stands around it."""
        starts = np.concatenate(([0], self.ends))
        ends = np.concatenate((self.begins, [self.letters]))
        wanted = ends > starts
        if self.outside > RAGGED or min(self.before, self.behind) >= SOME:
            wanted &= (starts >= self.first) & (ends <= self.last)
        return starts[wanted], ends[wanted]


class Overlaps:
    """Compares one text with others: `hold` it, then `meet` them. Holds the table that finds shingles."""

    def __init__(self) -> None:
        # Slot → place in the held text; places that an earlier text left are found out by comparing.
        self._table: npt.NDArray[np.int32] = np.zeros(1 << 16, np.int32)
        self._mask = np.uint32(0)
        self._held: Shingled | None = None
        self._places: npt.NDArray[np.int32] = self._table[:0]

    def hold(self, text: Shingled) -> None:
        """Takes the text that the next ones are compared with."""
        count = text.shingles.size
        slots = 1 << (max(1, count) * _SLOTS - 1).bit_length()
        if slots > self._table.size:
            self._table = np.zeros(slots, np.int32)
        self._held, self._mask = text, np.uint32(slots - 1)
        at = text.shingles & self._mask
        self._table[at] = np.arange(count, dtype=np.int32)
        self._places = self._table.take(at)

    def meet(self, other: Shingled) -> tuple[Side, Side | None] | None:
        """How the held text covers the other, and the other it; None for strangers.

        Where the other text shows that little of either is in common, only its side is looked at.
        """
        held = self._held
        if held is None or not held.shingles.size or not other.shingles.size or not self._is_kin(held, other):
            return None
        places, shared = self._find(held, other.shingles)
        found = shared.nonzero()[0]
        if not found.size:
            return None
        side = _side(other, found)
        if side.solid < _LITTLE * min(held.letters.size, other.letters.size):
            return side, None
        marked = np.zeros(held.shingles.size, np.bool_)
        marked[places.take(found)] = True
        return side, _side(held, marked.take(self._places).nonzero()[0])

    def _find(
        self, held: Shingled, shingles: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """For each shingle a place in the held text, and whether the shingle stands there."""
        places = self._table.take(shingles & self._mask)
        return places, held.shingles.take(places, mode="clip") == shingles

    def _is_kin(self, held: Shingled, other: Shingled) -> bool:
        _, shared = self._find(held, other.sample)
        if np.count_nonzero(shared) * SAMPLED >= _KIN * min(held.shingles.size, other.shingles.size):
            return True
        # Two shingles of a passage may be lost in the table.
        missing = np.concatenate(([-1], (~shared).nonzero()[0], [shared.size]))
        passage = _PASSAGE_CJK if other.chinese else _PASSAGE
        return bool(missing.size < 4 or (missing[3:] - missing[:-3]).max() * SAMPLED > passage - SHINGLE)


def _side(text: Shingled, shared: Positions) -> Side:
    """The pieces and the core of a text, from the places of its shared shingles (at least one)."""
    gaps = (shared[1:] - shared[:-1] > SHINGLE).nonzero()[0]
    begins = np.empty(gaps.size + 1, np.intp)
    ends = np.empty(gaps.size + 1, np.intp)
    begins[0], begins[1:] = shared[0], shared[gaps + 1]
    ends[:-1], ends[-1] = shared[gaps], shared[-1]
    ends += SHINGLE
    pieces = ends - begins
    solid = int(pieces[pieces >= SOLID].sum())
    begin, end = _core(begins, ends, pieces)
    first, last = int(begins[begin]), int(ends[end])
    changed = 1 - int(pieces[begin : end + 1].sum()) / (last - first)
    return Side(text.letters.size, begins, ends, first, last, changed, solid)


def _core(begins: Positions, ends: Positions, pieces: Positions) -> tuple[int, int]:
    """First and last piece of the stretch with most letters covered, less two for each uncovered (Kadane)."""
    gained = pieces.cumsum() * 3
    at_begin = gained - pieces * 3 - begins * 2
    at_end = gained - ends * 2
    end = int((at_end - np.minimum.accumulate(at_begin)).argmax())
    return int(at_begin[: end + 1].argmin()), end
