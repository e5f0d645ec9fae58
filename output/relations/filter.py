"""Which anchors may be settled: most of those that a new text brings are held by no other, and ask nothing.

A blocked Bloom filter (Putze, Sanders and Singler 2007) of two bits an anchor, both on one page. Anchors are
hashes already: the first bits of one are the place of its first bit, its last bits that of the other on the
same page, and anchors in rising order walk through the pages in rising order. It has 4 to 8 bits for each
settled anchor: 5 to 15 in a hundred of those that are not settled are looked up for nothing. The bits of an
anchor that is taken out stay until the filter grows.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sqlalchemy import insert, select

from output.relations.rows import Rows
from output.relations.tables import ANCHOR_BITS, anchors, filter_pages

# Bits for each settled anchor, at least.
_BITS = 4
# Bytes of a row of the filter; a run reads those that it asks.
_PAGE = 1 << 15
_PAGE_LOG2 = 18  # of its bits
_IN_PAGE = (1 << _PAGE_LOG2) - 1
# Pages that are read at once; all together they would lie in memory twice.
_PAGES_READ = 64
# Anchors that are read at once when the filter is made anew.
_READ = 100_000

Numbers: TypeAlias = npt.NDArray[np.int64]


class Filter:
    """The filter within one transaction. Its size follows from how many anchors are settled."""

    def __init__(self, rows: Rows, settled: int) -> None:
        self._rows = rows
        self._clear(_log2(settled))

    def may_hold(self, asked: Numbers) -> npt.NDArray[np.bool_]:
        """Of anchors in rising order, which may be settled."""
        first, second = self._places(asked)
        self._read(_distinct(first >> _PAGE_LOG2))
        return self._is_set(first) & self._is_set(second)

    def outgrown(self, settled: int) -> bool:
        """Whether it has to be made anew for so many anchors."""
        return _log2(settled) != self._log2

    def add(self, names: Numbers) -> None:
        """Takes in anchors, in rising order."""
        pages = _distinct(names >> self._shift >> _PAGE_LOG2)
        self._read(pages)
        self._set(names)
        self._write(pages)

    def refill(self, settled: int) -> None:
        """Makes the filter anew, of the size for so many anchors, from all that the table has."""
        self._clear(_log2(settled))
        query = select(anchors.c.anchor).execution_options(yield_per=_READ)
        for some in self._rows.connection.scalars(query).partitions():
            self._set(np.array(some, np.int64))
        self._known[:] = True
        self._write(np.arange(self._known.size))

    def _clear(self, log2: int) -> None:
        self._log2, self._shift = log2, ANCHOR_BITS - log2
        self._bits = np.zeros(1 << log2 >> 3, np.uint8)
        self._known = np.zeros(1 << log2 >> _PAGE_LOG2, np.bool_)

    def _read(self, pages: Numbers) -> None:
        missing = pages[~self._known[pages]]
        columns = [filter_pages.c.page, filter_pages.c.bits]
        for start in range(0, missing.size, _PAGES_READ):
            for page, bits in self._rows.having(columns, missing[start : start + _PAGES_READ].tolist()):
                self._bits[page * _PAGE : (page + 1) * _PAGE] = np.frombuffer(bits, np.uint8)
        self._known[missing] = True

    def _write(self, pages: Numbers) -> None:
        self._rows.delete(filter_pages.c.page, pages.tolist())
        bits = ((page, self._bits[page * _PAGE : (page + 1) * _PAGE].tobytes()) for page in pages.tolist())
        self._rows.many(insert(filter_pages), ("page", "bits"), bits)

    def _places(self, names: Numbers) -> tuple[Numbers, Numbers]:
        first = names >> self._shift
        return first, first & ~_IN_PAGE | names & _IN_PAGE

    def _is_set(self, places: Numbers) -> npt.NDArray[np.bool_]:
        bits = self._bits.take(places >> 3) >> (places & 7).astype(np.uint8)
        return (bits & np.uint8(1)).astype(np.bool_)

    def _set(self, names: Numbers) -> None:
        for places in self._places(names):
            np.bitwise_or.at(self._bits, places >> 3, np.uint8(1) << (places & 7).astype(np.uint8))


def _log2(settled: int) -> int:
    return max(_PAGE_LOG2, (settled * _BITS - 1).bit_length())


def _distinct(rising: Numbers) -> Numbers:
    distinct: Numbers = rising[np.diff(rising, prepend=-1) != 0]
    return distinct
