"""Sequences whose items are computed when they are asked for, so that they hold none of them."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain
from typing import Generic, TypeVar, overload

S = TypeVar("S")
T = TypeVar("T")


class Mapped(Sequence[T], Generic[S, T]):
    """The items of a sequence with a function applied, anew at each look."""

    def __init__(self, function: Callable[[S], T], items: Sequence[S]) -> None:
        self._function, self._items = function, items

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return map(self._function, self._items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        """Return the item at an index, or the items of a slice, which are mapped as late."""
        if isinstance(index, slice):
            return Mapped(self._function, self._items[index])
        return self._function(self._items[index])


class Flattened(Sequence[T], Generic[S, T]):
    """The parts of all items of a sequence, one after the other."""

    def __init__(self, parts: Callable[[S], Sequence[T]], items: Sequence[S]) -> None:
        self._parts, self._items = parts, items

    @cached_property
    def _ends(self) -> array[int]:
        return array("Q", accumulate(len(self._parts(item)) for item in self._items))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(map(self._parts, self._items))

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        """Return the part at an index, or those of a slice."""
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        position = range(len(self))[index]
        item = bisect_right(self._ends, position)
        before = self._ends[item - 1] if item else 0
        return self._parts(self._items[item])[position - before]
