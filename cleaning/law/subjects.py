"""Regulations that a Chinese text names by their subject, without a title: 违反港口船员登记管理相关规定.

Where the pages know such a regulation by an English title alone, the words of both are compared one by one.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

from cleaning.law.titles import Title, stems, words_of

_PROVISIONS: Final = re.compile("(?:相关|有关)规定")
_REACH: Final = 60  # characters of a subject, at most
# What stands between the words of a subject.
_JOINT: Final = frozenset("、和与及的")
_WORDS_LEAST = 5
# Words of a subject that the title need not have: what is done with the thing, enumerated.
_MORE = 2


def subjects(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The subjects whose "relevant provisions" a Chinese text speaks of: the words, and their stems in
    English.
    """
    for found in _PROVISIONS.finditer(text):
        words = _tail(text[max(0, found.start() - _REACH) : found.start()])
        said = frozenset(stem for term in _terms().findall(words) for stem in stems(_words()[term]))
        if len(said) >= _WORDS_LEAST - 1:
            yield words + found[0], said | frozenset(stems("regulations"))


def is_about(title: Title, said: frozenset[str]) -> bool:
    """Whether an English title has no word that a subject lacks, and nearly all that it has."""
    if title.script != "en":
        return False
    words = words_of(title)
    return len(words) >= _WORDS_LEAST and words <= said and len(said) <= len(words) + _MORE


def title_words(said: frozenset[str]) -> Iterator[frozenset[str]]:
    """Every set of title words for which `is_about` holds: those of the subject, less two at most."""
    for more in range(min(_MORE, len(said) - _WORDS_LEAST) + 1):
        for extra in combinations(sorted(said), more):
            yield said.difference(extra)


def _tail(run: str) -> str:
    """The end of a run of characters that is known words and their joints alone."""
    start = len(run)
    terms = {match.end(): match.start() for match in _terms().finditer(run)}
    while start > 0:
        if start in terms:
            start = terms[start]
        elif run[start - 1] in _JOINT:
            start -= 1
        else:
            break
    return run[start:].lstrip("".join(_JOINT))


@functools.cache
def _words() -> Mapping[str, str]:
    """A Chinese word of titles → a word of its translators (subjects.toml)."""
    table = importlib.resources.files("cleaning.law").joinpath("subjects.toml")
    return tomllib.loads(table.read_text("utf-8"))


@functools.cache
def _terms() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_words(), key=len, reverse=True)))
