"""Sequences whose items are computed when they are asked for."""

from __future__ import annotations

import pytest

from cleaning.assembly.mapped import Flattened, Mapped


def test_a_mapped_sequence_computes_what_is_asked_for_alone() -> None:
    asked: list[int] = []

    def square(number: int) -> int:
        asked.append(number)
        return number * number

    squares = Mapped(square, range(10))
    assert (squares[3], len(squares), asked) == (9, 10, [3])
    assert [*squares[7:]] == [49, 64, 81]


def test_parts_of_items_are_found_by_their_index() -> None:
    letters = Flattened(list, ["ab", "", "c", "def"])
    assert (len(letters), [*letters]) == (6, list("abcdef"))
    assert [letters[n] for n in range(6)] == list("abcdef")
    assert (letters[-1], letters[1:4]) == ("f", ["b", "c", "d"])
    with pytest.raises(IndexError):
        letters[6]
