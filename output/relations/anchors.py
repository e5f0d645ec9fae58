"""The anchors of the relation index: which texts hold one.

Anchors fall anywhere, so that in one big table each would dirty a page of its own. Fresh ones are kept in
segments, sorted arrays of anchors with the number of a text to each, that are merged as they grow (a
log-structured merge tree: O'Neil and others 1996). When they have grown to a share of the table of settled
ones they are poured into it, in order. A filter tells which anchors need not be looked for in that table.
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

# Fresh anchors, at least and as a share of the settled ones, from which on they are poured.
MIN_FRESH_ANCHORS, _FRESH_SHARE = 500_000, 0.03
# Rows that are poured at once, about.
_POURED = 50_000

Numbers: TypeAlias = npt.NDArray[np.int64]
Postings: TypeAlias = tuple[npt.NDArray[np.uint64], npt.NDArray[np.intp]]


class Anchors:
    """The anchors within one transaction; `flush` writes what it changed."""

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
        """Anchor and number of text, for the texts that hold these anchors (distinct, in rising order)."""
        asked = wanted.astype(np.int64)
        found, texts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for _, held, holders in self._segments:
            first = held.searchsorted(asked)
            there = held.take(first, mode="clip") == asked
            places = _ranges(first[there], held.searchsorted(asked[there], "right"))
            found.append(held[places])
            texts.append(holders[places])
        if self._settled:
            asked = asked[self._filter.may_hold(asked)]
            rows = self._rows.having([anchors.c.anchor, anchors.c.text], asked.tolist())
            pairs = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2)
            found.append(pairs[:, 0])
            texts.append(pairs[:, 1])
        return np.concatenate(found).astype(np.uint64), np.concatenate(texts).astype(np.intp)

    def add(self, held: npt.NDArray[np.uint64], texts: npt.NDArray[np.intp]) -> None:
        """Adds anchors, and for each the number of a text that holds it."""
        if held.size:
            self._append(held.astype(np.int64), texts.astype(np.int64))

    def remove(self, held: npt.NDArray[np.uint64], texts: npt.NDArray[np.intp]) -> None:
        """Takes out the anchors of texts."""
        gone = np.unique(texts)
        kept = [(holders, np.isin(holders, gone, invert=True)) for _, _, holders in self._segments]
        before, self._segments = self._segments, []
        for (segment, names, holders), (_, stay) in zip(before, kept, strict=True):
            if stay.all():
                self._segments.append((segment, names, holders))
            elif stay.any():
                self._segments.append((self._number(), names[stay], holders[stay]))
        if self._settled:
            each = select(self._rows.each(bindparam("held", type_=Text), BigInteger()))
            where = anchors.c.anchor.in_(each), anchors.c.text == bindparam("of")
            lists = ((int(text), json.dumps(held[texts == text].tolist())) for text in gone)
            self._rows.many(delete(anchors).where(*where), ("of", "held"), lists)

    def flush(self) -> None:
        """Writes the segments that changed; or pours all, where they are worth a walk through the table."""
        if sum(names.size for _, names, _ in self._segments) > max(
            MIN_FRESH_ANCHORS, self._settled * _FRESH_SHARE
        ):
            self._pour()
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
        """Adds a segment, merged with those before it that are not twice as long."""
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

    def _pour(self) -> None:
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
        """All fresh anchors and their texts, rising, some at a time: as one they would lie there thrice."""
        biggest = max((names for _, names, _ in self._segments), key=len)
        limits = [*biggest[_POURED::_POURED].tolist(), 1 << ANCHOR_BITS]
        done = [0] * len(self._segments)
        for limit in limits:
            upto = [int(names.searchsorted(limit)) for _, names, _ in self._segments]
            yield _sorted(
                [
                    (names[start:end], texts[start:end])
                    for (_, names, texts), start, end in zip(self._segments, done, upto, strict=True)
                ]
            )
            done = upto


def _sorted(parts: list[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    names, texts = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = names.argsort(kind="stable")
    return names[order], texts[order]


def _ranges(firsts: npt.NDArray[np.intp], lasts: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The numbers from each first up to its last, in a row."""
    counts = lasts - firsts
    shifted: npt.NDArray[np.intp] = (firsts - (counts.cumsum() - counts)).repeat(counts)
    shifted += np.arange(shifted.size)
    return shifted
