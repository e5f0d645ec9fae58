from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cleaning.fold import Fold, fold_character
from cleaning.shingles import MAX_LETTERS, anchors, shingle


def letters(text: str) -> str:
    return "".join(map(chr, shingle(text, Fold()).letters))


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
    assert shingle(one, Fold()).fingerprint() == shingle(other, Fold()).fingerprint()


def test_what_differs_in_letters_does_not() -> None:
    assert letters("港口条例") != letters("港口条列")
    assert letters("각") == "각"


def test_a_fold_does_not_depend_on_what_it_saw_before() -> None:
    used = Fold()
    for text in ("ﬁ", "網", "x½", "plain"):
        shingle(text, used)
    assert "".join(map(chr, shingle("½網ﬁ", used).letters)) == letters("½網ﬁ") == "12网fi"


def test_punctuation_and_lone_surrogates_are_no_letters() -> None:
    assert [fold_character(c) for c in ("，", "\ud800", "\u0301", " ")] == [""] * 4
    assert letters("a\ud800b") == "ab"


@pytest.mark.parametrize("text", ["", " ,.!", "a", "abcd", "三二一"])
def test_short_texts_have_no_anchors(text: str) -> None:
    shingled = shingle(text, Fold())
    assert anchors(shingled.letters).size == 0
    assert bool(shingled.fingerprint()) == bool(shingled.letters.size)


def test_lines_are_counted_in_letters() -> None:
    assert shingle("ab, c\n\nd e\n", Fold()).lines.tolist() == [3, 3, 5, 5]


def test_one_letter_a_million_times_has_one_anchor() -> None:
    assert anchors(shingle("a" * 1_000_000, Fold()).letters).size == 1


def test_texts_beyond_the_limit_are_told_apart_by_their_ends() -> None:
    long = "章程" * (MAX_LETTERS // 2) + "\n"
    one, other = shingle(long + "甲", Fold()), shingle(long + "乙", Fold())
    assert one.letters.size == MAX_LETTERS
    assert np.array_equal(one.letters, other.letters)
    assert one.fingerprint() != other.fingerprint()
    assert one.lines.max() == MAX_LETTERS


def test_texts_with_a_passage_in_common_have_an_anchor_in_common(law: Callable[..., str]) -> None:
    for chinese, length in ((False, 320), (True, 140)):
        passage = law(1, 30, chinese=chinese).replace("\n", "")[40 : 40 + length]
        host = law(2, 8, chinese=chinese)
        text = law(3, 8, chinese=chinese)
        one, other = (anchors(shingle(f"{t}\n{passage}\n{t[::-1]}", Fold()).letters) for t in (host, text))
        assert np.intersect1d(one, other).size


def test_half_of_a_bilingual_page_is_anchored_as_the_text_alone(law: Callable[..., str]) -> None:
    chinese, english = law(4, 6, chinese=True), law(5, 40)
    page = anchors(shingle(f"{english}\n{chinese}", Fold()).letters)
    assert np.intersect1d(page, anchors(shingle(chinese, Fold()).letters)).size >= 3
