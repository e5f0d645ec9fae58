from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sqlalchemy import insert

from output.relations.filter import Filter
from output.relations.index import RelationIndex
from output.relations.rows import Rows
from output.relations.tables import ANCHOR_BITS, anchors


def test_what_is_settled_may_be_held_and_nearly_all_else_may_not(index: RelationIndex) -> None:
    chance = np.random.default_rng(3)
    sizes = 1000, 20_000, 60_000, 5000
    first, then, more, never = (np.sort(chance.integers(0, 1 << ANCHOR_BITS, size)) for size in sizes)

    def settle(filter_: Filter, names: npt.NDArray[np.int64], settled: int) -> None:
        rows.many(insert(anchors), ("anchor", "text"), [(name, 1) for name in names.tolist()])
        if filter_.outgrown(settled):
            filter_.refill(settled)
        else:
            filter_.add(names)

    with index.engine.begin() as connection:
        rows = Rows(connection)
        assert not Filter(rows, 0).may_hold(never).any()
        settle(Filter(rows, 0), first, first.size)
        assert Filter(rows, first.size).may_hold(first).all()
        assert Filter(rows, first.size).may_hold(never).mean() < 0.01
        settled = first.size + then.size
        settle(Filter(rows, first.size), then, settled)
        settle(Filter(rows, settled), more, settled + more.size)  # more than the filter was made for
        settled += more.size
        for names in (first, then, more):
            assert Filter(rows, settled).may_hold(names).all()
        assert Filter(rows, settled).may_hold(never).mean() < 0.15
