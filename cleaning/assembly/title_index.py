"""Find values by the titles of acts, without comparing a title with all others.

Two titles that `same_title` calls one act's share a block: their key, a Chinese title without its issuer, the
opening of a quotation without an end, or a part of their words. Only titles of one block are compared.

The parts are those of exact set-similarity joins (Arasu, Ganti and Kaushik, VLDB 2006): sets that differ in
at most k words, dealt by a hash into k + 3 parts, agree in three parts. Of two titles that share
MIN_SHARED_WORDS of their words at most a quarter of the shorter one's words differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations
from math import ceil
from typing import Final, Generic, TypeVar
from zlib import crc32

from cleaning.law.titles import (
    MIN_SHARED_WORDS,
    MIN_TITLE_WORDS,
    OPENING_WORDS,
    Title,
    concepts,
    same_title,
    without_issuer,
)

T = TypeVar("T")
# More parts make a block narrower and the blocks more: with three, six words or so are the same.
_SAME_PARTS: Final = 3


class TitleIndex(Generic[T]):
    """Values under titles; each lookup costs about the same, however many titles there are."""

    def __init__(self) -> None:
        self._blocks: dict[Hashable, list[tuple[Title, T]]] = defaultdict(list)

    def add(self, title: Title, value: T) -> None:
        """Put a value under a title."""
        for block in _blocks(title, least=1.0):
            self._blocks[block].append((title, value))

    def find(self, title: Title) -> Iterator[T]:
        """Yield the values under titles of the same act, the very key first; a value may come twice."""
        for block in _blocks(title, least=MIN_SHARED_WORDS):
            for other, value in self._blocks.get(block, ()):
                if same_title(other, title):
                    yield value


def _blocks(title: Title, least: float) -> Iterator[Hashable]:
    """Yield the blocks of a title, and those of shorter and longer titles that may share its words."""
    yield "key", title.script, title.key
    if title.script == "zh":
        yield "bare", without_issuer(title.text)
        return
    _, words = concepts(title.text)
    if len(words) < MIN_TITLE_WORDS:
        return
    opening = words[:OPENING_WORDS]
    if any("-" in word for word in opening):
        yield "opening", opening
    sizes = range(ceil(len(words) * least), int(len(words) / least) + 1)
    for differing in sorted({size // 4 for size in sizes}):
        yield from _parts(words, differing)


def _parts(words: Sequence[str], differing: int) -> Iterator[Hashable]:
    """Yield the blocks of titles that differ from these words in at most `differing` of them.

    The words are dealt into three parts more, so that three parts at least are the same: each three of them.
    """
    parts: list[list[str]] = [[] for _ in range(differing + _SAME_PARTS)]
    for word in sorted(words):
        parts[crc32(word.encode()) % len(parts)].append(word)
    for same in combinations(enumerate(map(tuple, parts)), _SAME_PARTS):
        yield hash((differing, same))
