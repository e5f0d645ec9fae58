from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable

import pytest

from cleaning.relations.relate import relate
from cleaning.relations.shingles import MAX_LETTERS
from cleaning.relations.types import Candidate, survivor_rank
from output.base.records import Access, Document
from output.base.relations import Relation, RelationKind
from output.relations.index import RelationIndex


def pairs(relations: Iterable[Relation], kind: RelationKind) -> set[tuple[str, str]]:
    return {(r.a, r.b) for r in relations if r.relation is kind}


def standing(index: RelationIndex) -> list[Relation]:
    with index.transaction():
        return sorted(index.relations(), key=lambda r: (r.a, r.b))


def test_identical_texts_are_a_star_around_the_first(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    text = law(1)
    documents = [candidate(f"d{n:03}", text) for n in range(300)]
    found = relate(documents, index, run_id="r1")
    assert pairs(found, RelationKind.SAME) == {("d000", f"d{n:03}") for n in range(1, 300)}
    assert {(r.score, r.rule, r.run_id) for r in found} == {(1.0, "identical", "r1")}


def test_texts_that_fold_to_the_same_are_the_same(
    index: RelationIndex, candidate: Callable[..., Candidate]
) -> None:
    found = relate(
        [candidate("a", "網絡安全管理條例，第1條"), candidate("b", "网络安全管理条例 第１条")], index
    )
    assert pairs(found, RelationKind.SAME) == {("a", "b")}


def test_the_survivor_is_whole_then_official_then_earliest(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    text = law(2)
    documents = [
        candidate("cut", text, access=Access.PAYWALLED, official=True, date_issued="2001-01-01"),
        candidate("late", text, access=Access.FULL, date_issued="2010-01-01"),
        candidate("early", text, access=Access.FULL, date_issued="2005-01-01"),
        candidate("official", text, access=Access.FULL, official=True, date_issued="2020-01-01"),
    ]
    assert {r.a for r in relate(documents, index)} == {"official"}
    ranked = sorted(documents, key=survivor_rank)
    assert [c.id for c in ranked] == ["official", "early", "late", "cut"]


@pytest.mark.parametrize(
    ("rule", "survivor"),
    [
        (("official", "earliest"), "cut"),
        (("whole", "earliest"), "early"),
        (("whole", "latest"), "official"),
        (("latest",), "official"),
        (("earliest", "official"), "cut"),
        (("whole",), "undated"),
    ],
)
def test_a_dataset_can_override_who_survives(
    index: RelationIndex,
    law: Callable[..., str],
    candidate: Callable[..., Candidate],
    rule: tuple[str, ...],
    survivor: str,
) -> None:
    text = law(3)
    documents = [
        candidate("undated", text, access=Access.FULL),
        candidate("cut", text, access=Access.PAYWALLED, official=True, date_issued="2001-01-01"),
        candidate("early", text, access=Access.FULL, date_issued="2005-01-01"),
        candidate("official", text, access=Access.FULL, official=True, date_issued="2020-01-01"),
    ]
    found = relate(documents, RelationIndex(index.engine, rule), run_id="r1")
    assert {r.a for r in found} == {survivor}
    assert len(found) == 3


def test_another_rule_holds_for_what_is_known_already(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    documents = [
        candidate("old", law(3), date_issued="2001-01-01"),
        candidate("new", law(3), date_issued="2020-01-01"),
        candidate("alone", law(4)),
    ]
    relate(documents, index, run_id="r1")
    latest = RelationIndex(index.engine, ("latest",))
    found = relate([], latest, run_id="r2")
    assert [(r.a, r.b, r.run_id) for r in found] == [("new", "old", "r2")]
    assert relate([], latest, run_id="r3") == []
    assert pairs(standing(latest), RelationKind.SAME) == {("new", "old")}


def test_a_better_document_of_a_later_run_takes_the_star_over(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    text = law(4)
    relate([candidate("a", text), candidate("b", text)], index, run_id="r1")
    found = relate([candidate("c", text, date_issued="1999-01-01")], index, run_id="r2")
    assert pairs(found, RelationKind.SAME) == {("c", "a"), ("c", "b")}
    assert pairs(standing(index), RelationKind.SAME) == {("c", "a"), ("c", "b")}


def test_a_later_run_tells_only_what_is_new(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    relate([candidate("a", law(5)), candidate("b", law(5))], index, run_id="r1")
    found = relate([candidate("c", law(5)), candidate("x", law(6))], index, run_id="r2")
    assert pairs(found, RelationKind.SAME) == {("a", "c")}


def test_the_same_run_again_gives_the_same_and_adds_nothing(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    whole = law(7, 20)
    cut = "\n".join(whole.splitlines()[:9])
    documents = [candidate("whole", whole), candidate("twin", whole), candidate("cut", cut)]
    first = relate(documents, index, run_id="r1")
    before = standing(index)
    again = relate(documents, index, run_id="r1")
    assert sorted(map(str, again)) == sorted(map(str, first))
    assert relate(documents, index, run_id="r2") == []
    assert standing(index) == before
    assert pairs(first, RelationKind.CONTAINS) == {("whole", "cut"), ("twin", "cut")}


def test_contains_never_unites(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    one, other = law(8, 12), law(9, 12)
    found = relate([candidate("1", one), candidate("2", other), candidate("both", f"{one}\n{other}")], index)
    assert pairs(found, RelationKind.CONTAINS) == {("both", "1"), ("both", "2")}
    assert not pairs(found, RelationKind.SAME)


def test_a_document_that_joins_a_text_gets_its_relations(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    whole = law(10, 20)
    relate(
        [candidate("whole", whole), candidate("cut", "\n".join(whole.splitlines()[:9]))], index, run_id="r1"
    )
    found = relate([candidate("mirror", whole.upper())], index, run_id="r2")
    assert pairs(found, RelationKind.SAME) == {("whole", "mirror")}
    assert pairs(found, RelationKind.CONTAINS) == {("mirror", "cut")}


def test_a_document_that_changed_leaves_its_old_relations(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    relate([candidate("a", law(11)), candidate("b", law(11)), candidate("c", law(12))], index, run_id="r1")
    found = relate([candidate("b", law(12))], index, run_id="r2")
    assert pairs(found, RelationKind.SAME) == pairs(standing(index), RelationKind.SAME) == {("c", "b")}


def test_a_withdrawn_survivor_is_followed_by_the_next(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    text = law(13)
    relate([candidate(f"d{n}", text) for n in range(4)], index, run_id="r1")
    relate((), index, withdrawn=["d0", "unknown"])
    assert pairs(standing(index), RelationKind.SAME) == {("d1", "d2"), ("d1", "d3")}
    found = relate([candidate("x", law(14))], index, run_id="r2")
    assert pairs(found, RelationKind.SAME) == {("d1", "d2"), ("d1", "d3")}


def test_a_withdrawn_text_leaves_nothing_behind(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    whole = law(15, 20)
    cut = "\n".join(whole.splitlines()[:9])
    relate([candidate("whole", whole), candidate("cut", cut)], index, run_id="r1")
    relate((), index, withdrawn=["whole"])
    assert standing(index) == []
    assert relate([candidate("other", cut + "\nAnd one line more.")], index, run_id="r2") != []
    assert "whole" not in str(standing(index))


def test_a_cluster_falls_apart_when_what_joined_it_goes(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    lines = law(16, 40).splitlines()
    left, middle, right = ("\n".join(lines[n : n + 36]) for n in (0, 2, 4))
    relate([candidate("left", left), candidate("right", right)], index, run_id="r1")
    apart = standing(index)
    relate([candidate("middle", middle)], index, run_id="r2")
    relate((), index, withdrawn=["middle"])
    assert [(r.a, r.b, r.relation) for r in standing(index)] == [(r.a, r.b, r.relation) for r in apart]


def test_what_breaks_off_leaves_the_index_as_it_was(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    relate([candidate("a", law(17))], index, run_id="r1")

    def breaking() -> Iterable[Candidate]:
        for n in range(600):
            yield candidate(f"b{n}", law(17))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        relate(breaking(), index, run_id="r2")
    assert standing(index) == []
    assert len(relate([candidate("b0", law(17))], index, run_id="r2")) == 1


def test_empty_and_short_texts_are_no_kin(index: RelationIndex, candidate: Callable[..., Candidate]) -> None:
    documents = [
        candidate("1", ""),
        candidate("2", ""),
        candidate("3", "。"),
        candidate("4", "a"),
        candidate("5", "b"),
    ]
    assert relate(documents, index) == []


def test_one_letter_a_million_times_does_no_harm(
    index: RelationIndex, candidate: Callable[..., Candidate]
) -> None:
    documents = [
        candidate("long", "a" * 1_000_000),
        candidate("longer", "a" * 1_200_000),
        candidate("b", "b" * 500),
    ]
    assert {r.relation for r in relate(documents, index)} <= {RelationKind.VERSION, RelationKind.CONTAINS}


def test_very_long_texts_that_differ_only_behind_what_is_compared_are_not_the_same(
    index: RelationIndex, candidate: Callable[..., Candidate]
) -> None:
    chance = random.Random(1)
    long = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=MAX_LETTERS))
    documents = [candidate("a", long + "one end"), candidate("b", long + "another"), candidate("c", long)]
    found = relate([*documents, candidate("d", long.upper() + "One end.")], index)
    assert pairs(found, RelationKind.SAME) == {("a", "d")}
    assert {(r.relation, r.rule) for r in found} == {
        (RelationKind.SAME, "identical"),
        (RelationKind.VERSION, "beginning"),
    }


def test_many_laws_with_one_formula_stay_strangers(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    formula = (
        "These Provisions take effect on the date of promulgation and are interpreted by who issued them."
    )
    documents = [candidate(f"{n}", f"{law(100 + n, 6)}\n{formula}") for n in range(40)]
    assert relate(documents, index) == []


def test_amended_versions_are_named_newer_first(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    old = law(18, 14)
    new = old.replace("officers", "wardens of the port")
    documents = [
        candidate("new", new, document_number="No. 9", date_effective="2021-02-22"),
        candidate("old", old, document_number="No. 5", date_effective="2017-10-08"),
    ]
    found = relate(documents, index)
    assert pairs(found, RelationKind.VERSION) == {("new", "old")}
    assert not pairs(found, RelationKind.SAME)


def test_fresh_anchors_are_poured_and_still_found(
    index: RelationIndex,
    law: Callable[..., str],
    candidate: Callable[..., Candidate],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("output.relations.anchors.MIN_FRESH_ANCHORS", 10)
    relate([candidate("a", law(19, 20))], index, run_id="r1")
    relate([candidate("b", law(20, 20))], index, run_id="r2")
    found = relate([candidate("cut", "\n".join(law(19, 20).splitlines()[:9]))], index, run_id="r3")
    assert pairs(found, RelationKind.CONTAINS) == {("a", "cut")}


def test_a_document_is_related_anew_when_something_else_is_said_of_its_text(
    index: RelationIndex, law: Callable[..., str], candidate: Callable[..., Candidate]
) -> None:
    first = candidate("a", law(1), access=Access.FULL, document_number="No. 5")
    amended = candidate("b", law(1) + "\nOne line more.", access=Access.FULL, document_number="No. 5")
    assert pairs(relate([first, amended], index, run_id="r1"), RelationKind.SAME) == {("a", "b")}
    cut = dataclasses.replace(first, access=Access.TEASER)
    assert pairs(relate([cut], index, run_id="r2"), RelationKind.SAME) == {("b", "a")}
    numbered = dataclasses.replace(amended, document_number="No. 9")
    relate([numbered], index, run_id="r3")
    assert not pairs(standing(index), RelationKind.SAME)
    assert pairs(standing(index), RelationKind.VERSION) == {("b", "a")}
    assert relate([numbered, cut], index, run_id="r4") == []


def test_the_index_is_used_inside_its_transaction(index: RelationIndex) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        index.states(["a"])


def test_a_candidate_is_made_of_a_document() -> None:
    document = Document("id", "v", "source", "input", "https://a.example/", title="Title", text="Text")
    made = Candidate.of(dataclasses.replace(document, date_issued="2020-01-01"), official=True)
    assert (made.id, made.title, made.text, made.date_issued) == ("id", "Title", "Text", "2020-01-01")
    assert made.official
