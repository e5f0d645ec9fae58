from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from output.relations.index import RelationIndex
from output.relations.tables import ANCHOR_BITS, counter


def test_anchors_that_are_poured_in_pieces_are_all_there(
    index: RelationIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("output.relations.anchors.MIN_FRESH_ANCHORS", 210)
    monkeypatch.setattr("output.relations.anchors._ROWS_PER_INSERT", 7)
    chance = np.random.default_rng(1)
    added = []
    for count in (150, 40, 15, 6):  # each less than half of the one before: segments of their own
        held = np.sort(chance.integers(0, 1 << ANCHOR_BITS, count).astype(np.uint64))
        texts = chance.integers(0, 9, count).astype(np.intp)
        added += list(zip(held.tolist(), texts.tolist(), strict=True))
        with index.transaction():
            index.anchor(held, texts)
    with index.transaction():
        found = index.sharing(np.array(sorted(anchor for anchor, _ in added), np.uint64))
    assert sorted(zip(*(column.tolist() for column in found), strict=True)) == sorted(added)
    with index.engine.connect() as connection:
        assert connection.execute(select(counter.c.settled)).scalar_one() == len(added)
