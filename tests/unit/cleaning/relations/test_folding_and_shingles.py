from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from cleaning.relations.fold import Fold, fold_character
from cleaning.relations.shingles import MAX_LETTERS, Hashes, Shingled, anchors, shingle


def shingled(text: str, fold: Fold | None = None) -> Shingled:
    (only,) = shingle([text], fold or Fold())
    return only


def anchored(text: str) -> Hashes:
    return anchors([shingled(text)])[1]


def letters(text: str) -> str:
    return "".join(map(chr, shingled(text).letters))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ｈａｒｂｏｕｒ　Ａｃｔ，　２０２１", "harbour act 2021"),
        ("網絡信息內容", "网络信息内容"),
        ("Café Élan", "cafe elan"),
        ("½ ㎡ ﬁne №", "12 m2 fine no"),
        ("a-b_c\u200bd\n\te", "abcde"),
        ("①㈠Ⅳ", "1一iv"),
    ],
)
def test_what_a_reader_calls_the_same_letters_folds_to_the_same(one: str, other: str) -> None:
    assert letters(one) == letters(other)
    assert shingled(one).fingerprint() == shingled(other).fingerprint()


def test_what_differs_in_letters_does_not() -> None:
    assert letters("港口条例") != letters("港口条列")
    assert letters("각") == "각"


def test_a_fold_does_not_depend_on_what_it_saw_before() -> None:
    used = Fold()
    for text in ("ﬁ", "網", "x½", "plain"):
        shingled(text, used)
    assert "".join(map(chr, shingled("½網ﬁ", used).letters)) == letters("½網ﬁ") == "12网fi"


def test_punctuation_and_lone_surrogates_are_no_letters() -> None:
    assert [fold_character(c) for c in ("，", "\ud800", "\u0301", " ")] == [""] * 4
    assert letters("a\ud800b") == "ab"


@pytest.mark.parametrize("text", ["", " ,.!", "a", "abcd", "三二一"])
def test_short_texts_have_no_anchors(text: str) -> None:
    assert anchored(text).size == 0
    assert bool(shingled(text).fingerprint()) == bool(letters(text))


def test_lines_are_counted_in_letters() -> None:
    assert shingled("ab, c\n\nd e\n").lines.tolist() == [3, 3, 5, 5]


def test_one_letter_a_million_times_has_one_anchor() -> None:
    assert anchored("a" * 1_000_000).size == 1


def test_texts_beyond_the_limit_are_told_apart_by_their_ends() -> None:
    long = "章程" * (MAX_LETTERS // 2) + "\n"
    one, other = shingled(long + "甲"), shingled(long + "乙")
    assert one.letters.size == MAX_LETTERS
    assert np.array_equal(one.letters, other.letters)
    assert one.fingerprint() != other.fingerprint()
    assert one.lines.max() == MAX_LETTERS


def test_texts_with_a_passage_in_common_have_an_anchor_in_common(law: Callable[..., str]) -> None:
    for chinese, length in ((False, 320), (True, 140)):
        passage = law(1, 30, chinese=chinese).replace("\n", "")[40 : 40 + length]
        host = law(2, 8, chinese=chinese)
        text = law(3, 8, chinese=chinese)
        one, other = (anchored(f"{t}\n{passage}\n{t[::-1]}") for t in (host, text))
        assert np.intersect1d(one, other).size


def test_half_of_a_bilingual_page_is_anchored_as_the_text_alone(law: Callable[..., str]) -> None:
    chinese, english = law(4, 6, chinese=True), law(5, 40)
    page = anchored(f"{english}\n{chinese}")
    assert np.intersect1d(page, anchored(chinese)).size >= 3


def test_no_text_sees_those_that_are_worked_on_with_it(law: Callable[..., str]) -> None:
    chance = random.Random(8)
    texts = ["", "短", "a b", "½", "\n\n", "x" * 70_000, "½" * 600_000, law(9, 3), law(9, 1)[:60]]
    texts += [law(10 + n, chance.randint(1, 30), chinese=n % 2 == 0) for n in range(60)]
    texts += [f"{law(90, 9)}\n{law(91, 9, chinese=True)}"]
    chance.shuffle(texts)
    fold = Fold()
    together = shingle(texts, fold)
    whose, which = anchors(together)
    for place, text in enumerate(texts):
        alone = shingled(text)
        for name in ("letters", "shingles", "lines", "figures"):
            assert np.array_equal(getattr(together[place], name), getattr(alone, name)), (name, text[:40])
        assert (together[place].cjk, together[place].beyond) == (alone.cjk, alone.beyond)
        assert np.array_equal(which[whose == place], anchors([alone])[1])


def test_a_text_is_fingerprinted_alike_whatever_way_it_was_folded() -> None:
    letters_of_one = "甲乙丙丁" * 1000
    assert (
        shingled(letters_of_one).fingerprint() == shingled(letters_of_one + " " * MAX_LETTERS).fingerprint()
    )
    halves = "½" * (MAX_LETTERS // 2 + 7)  # two letters each, in fewer characters than the limit
    assert shingled(halves).fingerprint() == shingled("12" * (MAX_LETTERS // 2 + 7)).fingerprint()
    assert shingled(halves).letters.size == MAX_LETTERS
