"""An index that takes the place of another, in either database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cleaning.relations.relate import relate
from cleaning.relations.types import Candidate
from output.ledger.ledger import Ledger
from output.relations.index import RelationIndex


def test_an_index_is_replaced_by_another_and_goes_on_like_it(
    index: RelationIndex,
    law: Callable[..., str],
    candidate: Callable[..., Candidate],
    tmp_path: Path,
) -> None:
    ledger = Ledger(tmp_path / "other.sqlite")
    other = RelationIndex(ledger.engine)
    relate([candidate("gone", law(1))], index, run_id="r0")
    relate([candidate("a", law(2)), candidate("b", law(2)), candidate("c", law(3))], other, run_id="r1")
    index.take_over(other)
    for one in (index, other):
        with one.transaction():
            assert {*one.states(["gone", "a", "b", "c"])} == {"a", "b", "c"}
            assert [(found.a, found.b) for found in one.relations()] == [("a", "b")]
        found = relate([candidate("d", law(3)), candidate("e", law(1))], one, run_id="r2")
        assert [(relation.a, relation.b) for relation in found] == [("c", "d")]
    ledger.close()
