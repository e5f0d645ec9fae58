"""The anchors of the relation index, with the texts that hold them.

Anchors are scattered, so that in one large table each insert would write another page. Fresh anchors are kept
in segments: sorted arrays of anchors and the numbers of their texts, merged as they grow (a log-structured
merge tree: O'Neil and others 1996). At a share of the table of settled anchors they are inserted into it, in
order. A filter tells which anchors that table cannot hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sqlalchemy import BigInteger, Text, bindparam, delete, insert, select, update

from output.relations.filter import Filter
from output.relations.rows import Rows
from output.relations.tables import ANCHOR_BITS, anchors, counter, segments

# Fresh anchors are settled from this number on, and from this share of the settled ones on.
MIN_FRESH_ANCHORS, _FRESH_ANCHORS_SHARE = 500_000, 0.03
# Rows that are inserted at once, about.
_ROWS_PER_INSERT = 50_000

Numbers: TypeAlias = npt.NDArray[np.int64]
Postings: TypeAlias = tuple[npt.NDArray[np.uint64], npt.NDArray[np.intp]]


class Anchors:
    """The anchors in one transaction; `flush` writes the changes."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._settled: int = rows.connection.execute(select(counter.c.settled)).scalar_one()
        self._filter = Filter(rows, self._settled)
        self._segments: list[tuple[int, Numbers, Numbers]] = [
            (row.segment, np.frombuffer(row.anchors, "<i8"), np.frombuffer(row.texts, "<i8"))
            for row in rows.connection.execute(select(segments).order_by(segments.c.segment))
        ]
        self._stored = {segment for segment, _, _ in self._segments}
        self._next = 1 + max(self._stored, default=0)

    def sharing(self, wanted: npt.NDArray[np.uint64]) -> Postings:
        """Return (anchor, number of a text) for the texts that hold these anchors, distinct and ascending."""
        names = wanted.astype(np.int64)
        found, texts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for _, held, holders in self._segments:
            first = held.searchsorted(names)
            is_held = held.take(first, mode="clip") == names
            positions = _consecutive(first[is_held], held.searchsorted(names[is_held], "right"))
            found.append(held[positions])
            texts.append(holders[positions])
        if self._settled:
            names = names[self._filter.may_hold(names)]
            rows = self._rows.having([anchors.c.anchor, anchors.c.text], names.tolist())
            pairs = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2)
            found.append(pairs[:, 0])
            texts.append(pairs[:, 1])
        return np.concatenate(found).astype(np.uint64), np.concatenate(texts).astype(np.intp)

    def add(self, held: npt.NDArray[np.uint64], texts: npt.NDArray[np.intp]) -> None:
        """Add anchors, each with the number of a text that holds it."""
        if held.size:
            self._append(held.astype(np.int64), texts.astype(np.int64))

    def remove(self, held: npt.NDArray[np.uint64], texts: npt.NDArray[np.intp]) -> None:
        """Remove the anchors of texts."""
        removed = np.unique(texts)
        kept = [(holders, np.isin(holders, removed, invert=True)) for _, _, holders in self._segments]
        before, self._segments = self._segments, []
        for (segment, names, holders), (_, stay) in zip(before, kept, strict=True):
            if stay.all():
                self._segments.append((segment, names, holders))
            elif stay.any():
                self._segments.append((self._number(), names[stay], holders[stay]))
        if self._settled:
            each = select(self._rows.each(bindparam("held", type_=Text), BigInteger()))
            where = anchors.c.anchor.in_(each), anchors.c.text == bindparam("of")
            lists = ((int(text), json.dumps(held[texts == text].tolist())) for text in removed)
            self._rows.many(delete(anchors).where(*where), ("of", "held"), lists)

    def flush(self) -> None:
        """Write the segments that changed, or settle all fresh anchors where there are enough of them."""
        if sum(names.size for _, names, _ in self._segments) > max(
            MIN_FRESH_ANCHORS, self._settled * _FRESH_ANCHORS_SHARE
        ):
            self._settle()
        held = {segment for segment, _, _ in self._segments}
        self._rows.delete(segments.c.segment, sorted(self._stored - held))
        new = (
            (segment, names.astype("<i8").tobytes(), texts.astype("<i8").tobytes())
            for segment, names, texts in self._segments
            if segment not in self._stored
        )
        self._rows.many(insert(segments), ("segment", "anchors", "texts"), new)
        self._stored = held

    def _append(self, held: Numbers, texts: Numbers) -> None:
        """Add a segment, merged with those before it that are not twice as long."""
        parts = [(held, texts)]
        size = held.size
        while self._segments and self._segments[-1][1].size < 2 * size:
            _, *last = self._segments.pop()
            parts.insert(0, (last[0], last[1]))
            size += last[0].size
        self._segments.append((self._number(), *_sorted(parts)))

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _settle(self) -> None:
        """Insert all fresh anchors into the table of settled ones."""
        settled = self._settled + sum(names.size for _, names, _ in self._segments)
        outgrown = self._filter.outgrown(settled)
        for names, texts in self._in_order():
            pairs = zip(names.tolist(), texts.tolist(), strict=True)
            self._rows.many(insert(anchors), ("anchor", "text"), pairs)
            if not outgrown:
                self._filter.add(names)
        self._segments, self._settled = [], settled
        if outgrown:
            self._filter.refill(settled)
        self._rows.connection.execute(update(counter).values(settled=settled))

    def _in_order(self) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield the fresh anchors and their texts in ascending order, in parts that need less memory."""
        biggest = max((names for _, names, _ in self._segments), key=len)
        limits = [*biggest[_ROWS_PER_INSERT::_ROWS_PER_INSERT].tolist(), 1 << ANCHOR_BITS]
        starts = [0] * len(self._segments)
        for limit in limits:
            ends = [int(names.searchsorted(limit)) for _, names, _ in self._segments]
            yield _sorted(
                [
                    (names[start:end], texts[start:end])
                    for (_, names, texts), start, end in zip(self._segments, starts, ends, strict=True)
                ]
            )
            starts = ends


def _sorted(parts: list[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    names, texts = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = names.argsort(kind="stable")
    return names[order], texts[order]


def _consecutive(firsts: npt.NDArray[np.intp], lasts: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the numbers from each of `firsts` up to, and without, its last, concatenated."""
    counts = lasts - firsts
    shifted: npt.NDArray[np.intp] = (firsts - (counts.cumsum() - counts)).repeat(counts)
    shifted += np.arange(shifted.size)
    return shifted
