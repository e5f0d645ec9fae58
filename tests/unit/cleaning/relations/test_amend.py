"""Slips leave two texts the same, and amendments make them versions."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from cleaning.relations.amend import Pair, amended, signs
from cleaning.relations.fold import Fold
from cleaning.relations.overlap import overlaps
from cleaning.relations.shingles import shingle

# The columns of `signs` that say what is touched, by their place.
FIGURES, BOTH_DATES, ONE_DATE, CHANGED, CHINESE, CONSTANT = 6, 7, 8, 9, 10, 11


def pair(first: str, second: str) -> Pair:
    one, other = shingle([first, second], Fold())
    ((overlap,),) = overlaps([(other, [one])])
    assert overlap is not None
    return overlap, (one, other)


def is_amended(first: str, second: str) -> bool:
    return amended([pair(first, second)])[0]


def mistyped(text: str, every: int) -> str:
    """The text with one letter in so many typed otherwise; figures stay."""
    chance = random.Random(every)
    places = {n for n in range(5, len(text), every) if text[n].isalpha()}
    return "".join(chance.choice("abcdefgh") if n in places else c for n, c in enumerate(text))


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize("seed", range(20, 24))
@pytest.mark.parametrize("every", [60, 150, 400])
def test_slips_all_over_amend_nothing(law: Callable[..., str], seed: int, every: int, chinese: bool) -> None:
    text = law(seed, 16, chinese=chinese)
    assert not is_amended(text, mistyped(text, every))


@pytest.mark.parametrize("seed", range(20, 24))
def test_a_doubled_word_and_a_lost_one_amend_nothing(law: Callable[..., str], seed: int) -> None:
    words = law(seed, 16).split(" ")
    other = [*words[:90], words[89], *words[90:200], *words[201:]]
    assert not is_amended(" ".join(words), " ".join(other))


@pytest.mark.parametrize("seed", range(20, 24))
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("In force from 3 May 2001.", "In force from 4 June 2011."),
        ("In force at once.", "In force from 4 June 2011."),
    ],
)
def test_another_date_amends_a_text_that_also_says_something_else(
    law: Callable[..., str], seed: int, old: str, new: str
) -> None:
    text = law(seed, 16)
    lines = text.splitlines()
    lines[5] = law(seed + 50, 1)
    assert is_amended(f"{text}\n{old}", "\n".join([*lines, new]))


def test_a_pair_shows_the_dates_that_only_one_of_its_texts_has(law: Callable[..., str]) -> None:
    text = law(25, 16)
    old, new = f"{text}\nAs of May 3, 2001.", f"{text}\nAs of June 4, 2011."
    rows = signs([pair(old, new), pair(f"{text}\nAs of now.", new), pair(text, mistyped(text, 200))])
    assert rows[:, [BOTH_DATES, ONE_DATE]].tolist() == [[1, 1], [0, 1], [0, 0]]


def test_a_pair_shows_how_many_of_its_differences_touch_a_figure(law: Callable[..., str]) -> None:
    text = f"{law(26, 12)}\nThe fee is 250 crowns a day for every boat at the quay.\n{law(27, 4)}"
    others = [text.replace("250", "375"), text.replace("every boat", "any barge"), text.replace("250 ", "")]
    rows = signs([pair(text, other) for other in others])
    assert rows[:, FIGURES].tolist() == [1, 0, 1]


def test_a_pair_shows_its_language_and_the_tenths_that_changed(law: Callable[..., str]) -> None:
    english, chinese = law(28, 12), law(28, 12, chinese=True)
    changed = english.replace("officers", "wardens of the port")
    pairs = [pair(english, changed), pair(chinese, mistyped(chinese, 50))]
    rows = signs(pairs)
    assert rows[:, CHINESE].tolist() == [0, 1]
    assert rows[:, CONSTANT].tolist() == [1, 1]
    sides = [side for side in pairs[0][0] if side]
    assert rows[0, CHANGED] == pytest.approx(10 * max(side.changed for side in sides))
    assert rows[0, CHANGED] > 0


def test_no_pairs_give_no_answers() -> None:
    assert amended([]) == []
