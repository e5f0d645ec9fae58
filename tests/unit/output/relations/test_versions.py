from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import Engine, text

from cleaning.relations.relate import relate
from cleaning.relations.types import Candidate
from output.base.errors import NewerFormat
from output.base.relations import Relation, RelationKind
from output.relations.index import RelationIndex
from output.relations.versions import VERSION


def told(relations: Iterable[Relation]) -> set[tuple[str, str, RelationKind]]:
    return {(r.a, r.b, r.relation) for r in relations}


def make_as_before_versions(engine: Engine) -> None:
    """The index as it was before it had a version: other tables of anchors, other fingerprints."""
    with engine.begin() as connection:
        for statement in (
            "create table kept as select next from relation_counter",
            "drop table relation_about",
            "drop table relation_segments",
            "drop table relation_counter",
            "create table relation_counter (only_ bigint, next bigint, fresh bigint, settled bigint)",
            "insert into relation_counter select 0, next, 7, 0 from kept",
            "drop table kept",
            "create table relation_fresh_anchors (anchor bigint, text bigint)",
            "insert into relation_fresh_anchors values (1, 1), (2, 1)",
            "insert into relation_anchors values (3, 1)",
            "update relation_texts set fingerprint = number",
        ):
            connection.execute(text(statement))


def test_an_index_from_before_versions_is_anchored_anew_by_the_next_run(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    engine = index.engine
    before = [candidate(f"d{n}", law(n)) for n in range(240)]
    relate([*before, candidate("twin", law(7))], index, run_id="r1")
    make_as_before_versions(engine)
    newer = RelationIndex(engine)
    cut = "\n".join(law(3).splitlines()[:7])
    found = relate([candidate("mirror", law(239).upper()), candidate("cut", cut)], newer, run_id="r2")
    assert told(found) == {
        ("d239", "mirror", RelationKind.SAME),
        ("d3", "cut", RelationKind.CONTAINS),
    }
    with newer.transaction():
        assert ("d7", "twin", RelationKind.SAME) in told(newer.relations())
        assert list(newer.outdated()) == []


def test_a_run_that_breaks_off_while_anchoring_anew_is_done_again(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    relate([candidate(f"d{n}", law(n)) for n in range(5)], index, run_id="r1")
    make_as_before_versions(index.engine)

    def breaking() -> Iterable[Candidate]:
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        relate(breaking(), RelationIndex(index.engine), run_id="r2")
    found = relate([candidate("mirror", law(4).upper())], RelationIndex(index.engine), run_id="r2")
    assert told(found) == {("d4", "mirror", RelationKind.SAME)}


def test_an_index_that_a_newer_tamis_wrote_is_refused_and_left_alone(index: RelationIndex) -> None:
    with index.engine.begin() as connection:
        connection.execute(text("update relation_about set version = 99"))
    with pytest.raises(NewerFormat, match=r"version 99.*install a newer Tamis"):
        RelationIndex(index.engine)
    with index.engine.begin() as connection:
        assert connection.execute(text("select version from relation_about")).scalar() == 99


VERSION_1 = (
    "drop table relation_filter",
    "drop table relation_about",
    'create table relation_about ("only" bigint, version integer)',
    "insert into relation_about values (0, 1)",
)
# What a filter of version 2 has set says nothing of today's.
VERSION_2 = "delete from relation_filter", "update relation_about set version = 2"


@pytest.mark.parametrize("statements", [VERSION_1, VERSION_2])
def test_an_index_of_an_older_version_gets_what_it_lacks(
    statements: tuple[str, ...],
    index: RelationIndex,
    law: Callable[..., str],
    candidate: Callable[..., Candidate],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("output.relations.anchors.MIN_FRESH_ANCHORS", 10)
    relate([candidate(f"d{n}", law(n)) for n in range(30)], index, run_id="r1")
    with index.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    newer = RelationIndex(index.engine)
    found = relate([candidate("cut", "\n".join(law(3).splitlines()[:7]))], newer, run_id="r2")
    assert told(found) == {("d3", "cut", RelationKind.CONTAINS)}
    with newer.engine.begin() as connection:
        assert connection.execute(text("select version from relation_about")).scalar() == VERSION
