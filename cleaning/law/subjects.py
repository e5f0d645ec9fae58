"""Regulations that a Chinese text names by their subject, without a title: 违反港口船员登记管理相关规定.

Where such a regulation is known by an English title only, the words of both are compared one by one.
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
_SUBJECT_MAX_CHARACTERS: Final = 60
# Characters between the words of a subject.
_JOINING_CHARACTERS: Final = frozenset("、和与及的")
_MIN_WORDS = 5
# Words of a subject that the title need not have: an enumeration of what is done with the thing.
_MAX_EXTRA_WORDS = 2


def subjects(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the subjects whose "relevant provisions" a Chinese text mentions, with their English stems."""
    for found in _PROVISIONS.finditer(text):
        words = _known_words_at_end(text[max(0, found.start() - _SUBJECT_MAX_CHARACTERS) : found.start()])
        subject = frozenset(stem for term in _terms().findall(words) for stem in stems(_words()[term]))
        if len(subject) >= _MIN_WORDS - 1:
            yield words + found[0], subject | frozenset(stems("regulations"))


def is_about(title: Title, subject: frozenset[str]) -> bool:
    """Tell whether an English title has only words of the subject, and nearly all of them."""
    if title.script != "en":
        return False
    words = words_of(title)
    return len(words) >= _MIN_WORDS and words <= subject and len(subject) <= len(words) + _MAX_EXTRA_WORDS


def title_words(subject: frozenset[str]) -> Iterator[frozenset[str]]:
    """Yield every set of title words for which `is_about` holds: those of the subject, less two at most."""
    for more in range(min(_MAX_EXTRA_WORDS, len(subject) - _MIN_WORDS) + 1):
        for extra in combinations(sorted(subject), more):
            yield subject.difference(extra)


def _known_words_at_end(run: str) -> str:
    """Return the end of a run of characters that is only known words and the characters that join them."""
    start = len(run)
    terms = {match.end(): match.start() for match in _terms().finditer(run)}
    while start > 0:
        if start in terms:
            start = terms[start]
        elif run[start - 1] in _JOINING_CHARACTERS:
            start -= 1
        else:
            break
    return run[start:].lstrip("".join(_JOINING_CHARACTERS))


@functools.cache
def _words() -> Mapping[str, str]:
    """Read the Chinese words of titles, each with a word of its translators (subjects.toml)."""
    table = importlib.resources.files("cleaning.law").joinpath("subjects.toml")
    return tomllib.loads(table.read_text("utf-8"))


@functools.cache
def _terms() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_words(), key=len, reverse=True)))
