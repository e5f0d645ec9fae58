from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from cleaning.relations.decide import Pair, Verdict, decide
from cleaning.relations.fold import Fold
from cleaning.relations.overlap import Side, overlaps
from cleaning.relations.shingles import shingle
from cleaning.relations.types import Facts
from output.base.relations import RelationKind

MENU = "\n".join(["Home", "Sign in", "About us", "Harbours", "Contact", "Careers", "Site map", "Press"] * 9)


def judge(first: str, second: str, facts: tuple[Facts, Facts] = (Facts(), Facts())) -> Verdict | None:
    one, other = shingle([first, second], Fold())
    ((overlap,),) = overlaps([(other, [one])])
    return decide([(overlap, (one, other), facts)])[0] if overlap else None


def with_slips(text: str, every: int) -> str:
    chance = random.Random(every)
    places = range(5, len(text), every)
    return "".join(chance.choice("abcdefgh") if n in places else c for n, c in enumerate(text))


@pytest.mark.parametrize("chinese", [False, True])
def test_slips_leave_two_texts_the_same(law: Callable[..., str], chinese: bool) -> None:
    text = law(1, 14, chinese=chinese)
    verdict = judge(text, with_slips(text, 60))
    assert verdict is not None
    assert (verdict.relation, verdict.rule) == (RelationKind.SAME, "near")


@pytest.mark.parametrize("chinese", [False, True])
def test_a_page_is_the_same_as_the_text_in_it(law: Callable[..., str], chinese: bool) -> None:
    text = law(2, 10, chinese=chinese)
    verdict = judge(f"{MENU}\n{text}\n{MENU}", text)
    assert verdict is not None
    assert (verdict.relation, verdict.rule) == (RelationKind.SAME, "page")


@pytest.mark.parametrize("chinese", [False, True])
def test_a_cut_text_is_contained(law: Callable[..., str], chinese: bool) -> None:
    whole = law(3, 20, chinese=chinese)
    cut = "\n".join(whole.splitlines()[:9]) + "\nSubscribe now to read on."
    for first, second, swapped in ((whole, cut, False), (cut, whole, True)):
        verdict = judge(first, second)
        assert verdict is not None
        assert (verdict.relation, verdict.swapped) == (RelationKind.CONTAINS, swapped)


def test_a_cut_text_is_not_the_page_that_has_the_whole(law: Callable[..., str]) -> None:
    whole = law(3, 20)
    cut = "\n".join(whole.splitlines()[:9]) + "\nSubscribe now to read on."
    verdict = judge(f"{MENU}\n{whole}\n{MENU}", cut)
    assert verdict is not None
    assert verdict.relation is RelationKind.CONTAINS


def test_each_of_two_joined_texts_is_contained(law: Callable[..., str]) -> None:
    one, other = law(4, 12), law(5, 14)
    for part in (one, other):
        verdict = judge(f"{one}\n{other}", part)
        assert verdict is not None
        assert (verdict.relation, verdict.swapped) == (RelationKind.CONTAINS, False)


@pytest.mark.parametrize("chinese", [False, True])
def test_a_quoted_passage_is_found(law: Callable[..., str], chinese: bool) -> None:
    passage = "\n".join(law(6, 20, chinese=chinese).splitlines()[7:10])
    host = law(7, 16, chinese=chinese).splitlines()
    verdict = judge("\n".join([*host[:8], passage, *host[8:]]), law(6, 20, chinese=chinese))
    assert verdict is not None
    assert (verdict.relation, verdict.rule) == (RelationKind.CONTAINS, "passage")


def test_strangers_are_nothing_to_each_other(law: Callable[..., str]) -> None:
    assert judge(law(8), law(9)) is None
    assert judge(law(8, chinese=True), law(9, chinese=True)) is None


ENACTING = """为了加强港口管理，保障船舶和人员安全，促进港口事业发展，
根据有关法律、行政法规的规定，结合本市实际，制定本条例。
第二条 本市行政区域内港口的规划、建设、维护、经营、管理及其相关活动，适用本条例。"""
HISTORY = """2003年11月27日市第十届人民代表大会常务委员会第六次会议通过
2010年9月29日第二十六次会议第一次修正 2016年7月25日第三十次会议第二次修正
2019年1月16日第九次会议第三次修正 2021年5月27日第三十次会议第四次修正"""


@pytest.mark.parametrize("formula", [ENACTING, HISTORY])
def test_formulas_and_history_do_not_relate_two_laws(law: Callable[..., str], formula: str) -> None:
    one, other = law(10, 8, chinese=True), law(11, 8, chinese=True)
    assert judge(f"{formula}\n{one}", f"{formula}\n{other}") is None


def amended(text: str) -> str:
    lines = text.splitlines()
    lines[2] = lines[2].replace("officers", "wardens of the port")
    lines[6] = "Article 7. Fees rise to 250 crowns a day and fall due on the first of each month."
    return "\n".join(lines)


def test_another_date_makes_a_version(law: Callable[..., str]) -> None:
    text = law(12, 14)
    old, new = f"Last revised: May 3, 2019\n{text}", f"Last revised: June 21, 2022\n{amended(text)}"
    verdict = judge(old, new)
    assert verdict is not None
    assert (verdict.relation, verdict.rule, verdict.swapped) == (RelationKind.VERSION, "amended:text", True)


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        ({"document_number": "No. 12"}, "amended:document_number"),
        ({"date_effective": "2020-01-01"}, "amended:date_effective"),
        ({"title": "Harbour Act (2019)"}, "amended:title"),
    ],
)
def test_what_is_known_decides_before_the_text(
    law: Callable[..., str], known: dict[str, str], rule: str
) -> None:
    text = law(13, 14)
    other = {"document_number": "No. 5", "date_effective": "2017-10-08", "title": "Harbour Act (2012)"}
    facts = Facts(**known), Facts(**{name: other[name] for name in known})
    verdict = judge(text, with_slips(text, 300), facts)
    assert verdict is not None
    assert (verdict.relation, verdict.rule) == (RelationKind.VERSION, rule)


def test_a_typo_corrected_under_one_number_and_date_is_no_version(law: Callable[..., str]) -> None:
    text = law(14, 14)
    facts = Facts(document_number="No. 12", date_issued="2020-01-01")
    verdict = judge(
        f"Last revised: May 3, 2019\n{text}", f"Last revised: May 8, 2019\n{text}", (facts, facts)
    )
    assert verdict is not None
    assert verdict.relation is RelationKind.SAME


def test_the_newer_version_comes_first_by_the_dates_that_are_known(law: Callable[..., str]) -> None:
    text = law(15, 14)
    new, old = Facts(date_effective="2021-02-22"), Facts(date_effective="2017-10-08")
    for facts, swapped in (((new, old), False), ((old, new), True)):
        verdict = judge(text, with_slips(text, 400), facts)
        assert verdict is not None
        assert (verdict.relation, verdict.swapped) == (RelationKind.VERSION, swapped)


def test_a_text_that_grew_and_was_amended_is_a_version_and_not_what_was_cut_from_it(
    law: Callable[..., str],
) -> None:
    new = law(30, 20)
    cut = "\n".join(new.splitlines()[:17])
    old = cut.replace("officers", "wardens of the port")
    versions = judge(new, old), judge(old, new)
    assert [verdict and (verdict.relation, verdict.rule) for verdict in versions] == [
        (RelationKind.VERSION, "enlarged"),
        (RelationKind.VERSION, "enlarged"),
    ]
    verdict = judge(new, cut)
    assert verdict is not None
    assert verdict.relation is RelationKind.CONTAINS


def test_what_was_rewritten_all_over_is_a_version_and_what_quotes_the_same_text_is_none(
    law: Callable[..., str],
) -> None:
    old, other = law(31, 24).splitlines(), law(32, 24).splitlines()
    new = [line if n % 2 else other[n] for n, line in enumerate(old)]
    verdict = judge("\n".join(new), "\n".join(old))
    assert verdict is not None
    assert (verdict.relation, verdict.rule) == (RelationKind.VERSION, "rewritten")
    quoted = old[:12]
    verdict = judge("\n".join([*quoted, *other[:13]]), "\n".join([*quoted, *law(33, 13).splitlines()]))
    assert verdict is not None
    assert verdict.relation is RelationKind.CONTAINS


def test_no_pair_sees_those_that_are_decided_with_it(law: Callable[..., str]) -> None:
    dated = f"In force from 3 May 2001.\n{law(60, 20)}\nAmended on 4 June 2002, 5 July 2003."
    others = [
        with_slips(dated, 400),
        dated.replace("2001", "2011").replace("2003", "2013").replace("harbour", "inland port"),
        dated[:900],
        law(61),
        f"{MENU}\n{dated}\n{MENU}",
        dated.upper(),
    ]
    one, *rest = shingle([dated, *others], Fold())
    (together,) = overlaps([(one, rest)])
    pairs: list[Pair] = [
        (overlap, (other, one), (Facts(), Facts()))
        for overlap, other in zip(together, rest, strict=True)
        if overlap
    ]
    verdicts = decide(pairs)
    assert {v.relation for v in verdicts if v} == {
        RelationKind.SAME,
        RelationKind.VERSION,
        RelationKind.CONTAINS,
    }
    assert verdicts == [decide([pair])[0] for pair in pairs]
    alone = [judge(other, dated) for other in others]
    assert [v for v in alone if v] == [v for v in verdicts if v]


ONE_ACT = Facts(document_number="No. 12", date_issued="2020-01-01")


def side(letters: int, core: int, *, changed: float = 0.0, solid: int | None = None) -> Side:
    """A text of so many letters whose core begins it."""
    ends = np.array([core])
    return Side(letters, np.array([0]), ends, 0, core, changed, core if solid is None else solid)


@pytest.mark.parametrize(
    ("large", "small", "relation", "rule", "score"),
    [
        (side(1000, 1000, changed=0.1), side(1000, 950, changed=0.02), RelationKind.SAME, "near", 0.855),
        (side(1000, 1000, changed=0.02), side(1000, 950, changed=0.1), RelationKind.SAME, "near", 0.855),
        (side(1000, 1000, changed=0.13), side(1000, 1000), RelationKind.VERSION, "rewritten", 0.87),
        (side(1000, 1000), side(720, 700), RelationKind.CONTAINS, "most", 0.9722),
        (side(900, 900), side(720, 700), RelationKind.VERSION, "rewritten", 0.9722),
        (side(1000, 1000), side(720, 700, solid=500), RelationKind.VERSION, "rewritten", 0.9722),
        (side(1000, 700, solid=340), side(1000, 700, solid=340), RelationKind.CONTAINS, "passage", 0.7),
    ],
    ids=["one", "other", "too much changed", "most", "not longer", "in small pieces", "little in pieces"],
)
def test_how_the_shares_in_common_decide(
    law: Callable[..., str], large: Side, small: Side, relation: RelationKind, rule: str, score: float
) -> None:
    text, other = shingle([law(70, 4)[: n + n // 4] for n in (large.letters, small.letters)], Fold())
    (verdict,) = decide([((large, small), (text, other), (ONE_ACT, ONE_ACT))])
    assert verdict is not None
    assert (verdict.relation, verdict.rule) == (relation, rule)
    if rule != "passage":
        assert verdict.score == score


def test_no_score_is_above_one_where_a_text_repeats_the_passage(law: Callable[..., str]) -> None:
    passage = " ".join(law(71, 1).split()[2:])
    host = "\n".join([passage, passage, passage, law(72, 12)])
    short = f"{passage}\n{law(73, 1)}"
    one, other = shingle([host, short], Fold())
    core = side(one.letters.size, 3 * (other.letters.size // 2))
    assert core.core > other.letters.size
    verdicts = decide([((core, None), (one, other), (Facts(), Facts()))])
    assert [verdict and (verdict.rule, verdict.score) for verdict in verdicts] == [("passage", 1.0)]


@pytest.mark.parametrize(
    ("facts", "same"),
    [
        (Facts(document_number="No. 12", date_effective="2020-01-01"), True),
        (Facts(document_number="No. 12"), False),
        (Facts(date_effective="2020-01-01"), False),
        (Facts(date_issued="2020-01-01"), False),
    ],
)
def test_only_a_number_and_a_date_together_prove_one_act(
    law: Callable[..., str], facts: Facts, same: bool
) -> None:
    text = law(12, 14)
    old, new = f"Last revised: May 3, 2019\n{text}", f"Last revised: June 21, 2022\n{amended(text)}"
    verdict = judge(old, new, (facts, facts))
    assert verdict is not None
    assert (verdict.relation is RelationKind.SAME) is same


@pytest.mark.parametrize(
    "facts",
    [
        (Facts(title="Harbour Act (2019)"), Facts()),
        (Facts(date_published="2019-01-01"), Facts(date_published="2021-01-01")),
        (Facts(title="Harbour Act"), Facts(title="The Act of the Harbours")),
    ],
)
def test_what_says_nothing_of_the_act_makes_no_version(
    law: Callable[..., str], facts: tuple[Facts, Facts]
) -> None:
    text = law(13, 14)
    verdict = judge(text, with_slips(text, 300), facts)
    assert verdict is not None
    assert verdict.relation is RelationKind.SAME
