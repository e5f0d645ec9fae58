"""The filter of settled anchors, which saves most look-ups: no other text holds most anchors of a new text.

It is a blocked Bloom filter (Putze, Sanders and Singler 2007) of two bits for each anchor, both on one page.
Anchors are hashes already: the first bits of an anchor are the position of its first bit, its last bits that
of the other on the same page. Ascending anchors read the pages in ascending order. It has 4 to 8 bits for
each settled anchor. So 5 to 15 % of the anchors that are not settled are looked up in vain. The bits of a
removed anchor stay until the filter grows.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sqlalchemy import insert, select

from output.relations.rows import Rows
from output.relations.tables import ANCHOR_BITS, anchors, filter_pages

# Bits for each settled anchor, at least.
_BITS_PER_ANCHOR = 4
# Bytes of a page, which is a row of the table; a run reads the pages that it needs.
_PAGE_BYTES = 1 << 15
_PAGE_BITS_LOG2 = 18  # of its bits
_PAGE_MASK = (1 << _PAGE_BITS_LOG2) - 1
# Pages that are read at once; more would need twice the memory of the filter.
_PAGES_PER_READ = 64
# Anchors that are read at once when the filter is made again.
_ANCHORS_PER_READ = 100_000

Numbers: TypeAlias = npt.NDArray[np.int64]


class Filter:
    """The filter in one transaction. Its size follows from the number of settled anchors."""

    def __init__(self, rows: Rows, settled: int) -> None:
        self._rows = rows
        self._clear(_log2(settled))

    def may_hold(self, names: Numbers) -> npt.NDArray[np.bool_]:
        """Return, for each of these ascending anchors, whether it may be settled."""
        first, second = self._positions(names)
        self._read(_distinct(first >> _PAGE_BITS_LOG2))
        return self._is_set(first) & self._is_set(second)

    def outgrown(self, settled: int) -> bool:
        """Return whether the filter has another size for so many anchors."""
        return _log2(settled) != self._log2

    def add(self, names: Numbers) -> None:
        """Add ascending anchors."""
        pages = _distinct(names >> self._shift >> _PAGE_BITS_LOG2)
        self._read(pages)
        self._set(names)
        self._write(pages)

    def refill(self, settled: int) -> None:
        """Make the filter again from all anchors in the table, with the size for so many."""
        self._clear(_log2(settled))
        query = select(anchors.c.anchor).execution_options(yield_per=_ANCHORS_PER_READ)
        for part in self._rows.connection.scalars(query).partitions():
            self._set(np.array(part, np.int64))
        self._known[:] = True
        self._write(np.arange(self._known.size))

    def _clear(self, log2: int) -> None:
        self._log2, self._shift = log2, ANCHOR_BITS - log2
        self._bits = np.zeros(1 << log2 >> 3, np.uint8)
        self._known = np.zeros(1 << log2 >> _PAGE_BITS_LOG2, np.bool_)

    def _read(self, pages: Numbers) -> None:
        missing = pages[~self._known[pages]]
        columns = [filter_pages.c.page, filter_pages.c.bits]
        for start in range(0, missing.size, _PAGES_PER_READ):
            for page, bits in self._rows.having(columns, missing[start : start + _PAGES_PER_READ].tolist()):
                self._bits[page * _PAGE_BYTES : (page + 1) * _PAGE_BYTES] = np.frombuffer(bits, np.uint8)
        self._known[missing] = True

    def _write(self, pages: Numbers) -> None:
        self._rows.delete(filter_pages.c.page, pages.tolist())
        bits = (
            (page, self._bits[page * _PAGE_BYTES : (page + 1) * _PAGE_BYTES].tobytes())
            for page in pages.tolist()
        )
        self._rows.many(insert(filter_pages), ("page", "bits"), bits)

    def _positions(self, names: Numbers) -> tuple[Numbers, Numbers]:
        first = names >> self._shift
        return first, first & ~_PAGE_MASK | names & _PAGE_MASK

    def _is_set(self, positions: Numbers) -> npt.NDArray[np.bool_]:
        bits = self._bits.take(positions >> 3) >> (positions & 7).astype(np.uint8)
        return (bits & np.uint8(1)).astype(np.bool_)

    def _set(self, names: Numbers) -> None:
        for positions in self._positions(names):
            np.bitwise_or.at(self._bits, positions >> 3, np.uint8(1) << (positions & 7).astype(np.uint8))


def _log2(settled: int) -> int:
    return max(_PAGE_BITS_LOG2, (settled * _BITS_PER_ANCHOR - 1).bit_length())


def _distinct(ascending: Numbers) -> Numbers:
    distinct: Numbers = ascending[np.diff(ascending, prepend=-1) != 0]
    return distinct
