"""An index of works while they are collected: their names and members, found by number or title."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from cleaning.assembly.title_index import TitleIndex
from cleaning.law.subjects import is_about, subjects, title_words
from cleaning.law.titles import MENTIONED, Title, words_of
from output.base.records import sha256_hex

_ID_DIGITS: Final = 20  # hex digits
# Where a title can begin: with a word; between hanzi, which have no spaces, anywhere.
_TITLE_START: Final = r"(?<=[\u3400-\u9fff]|\b\w)"


class Role(StrEnum):
    """The role of a document in a work."""

    TEXT = "text"
    TRANSLATION = "translation"
    NEWS = "news"
    EXPLANATION = "explanation"
    MENTION = "mention"  # named without the marks of a title
    CITATION = "citation"


MEMBERS: Final = frozenset({Role.TEXT, Role.TRANSLATION})


@dataclasses.dataclass(slots=True)
class Work:
    """A work while it is collected: its titles, numbers, issuers and members."""

    titles: list[Title] = dataclasses.field(default_factory=list)
    numbers: set[str] = dataclasses.field(default_factory=set)
    issuers: set[str] = dataclasses.field(default_factory=set)
    members: dict[tuple[str, Role], str] = dataclasses.field(default_factory=dict)


class Index:
    """The works so far, found by number, by title, and by the titles that a text names.

    Each lookup costs about the same, however many works there are.
    """

    def __init__(self) -> None:
        self.works: list[Work] = []
        self.roles: dict[str, list[tuple[Work, Role]]] = defaultdict(list)
        self._numbers: dict[str, Work] = {}
        self._titles: TitleIndex[Work] = TitleIndex()
        # English titles by their words, for texts that name the subject alone.
        self._subjects: dict[frozenset[str], list[Work]] = defaultdict(list)
        # Titles that a text may name without marks, in lower case: by their first characters, then by length.
        self._openings: dict[str, dict[int, dict[str, list[Work]]]] = {}
        self._initials: set[str] = set()

    def add(self, work: Work) -> None:
        """Add a work under all its names."""
        self.works.append(work)
        for title in work.titles:
            self._register(work, title)
        for number in work.numbers:
            self._numbers.setdefault(number, work)
        for document, role in work.members:
            self.roles[document].append((work, role))

    def add_title(self, work: Work, title: Title) -> None:
        """Add a title to a work."""
        work.titles.append(title)
        self._register(work, title)

    def join(self, work: Work, document: str, role: Role, evidence: str) -> None:
        """Give a document its role in a work."""
        work.members[document, role] = evidence
        self.roles[document].append((work, role))

    def has(self, work: Work, document: str) -> bool:
        """Tell whether a document has a role in a work."""
        return any(other is work for other, _ in self.roles[document])

    def numbered(self, numbers: Iterable[str]) -> Work | None:
        """Return the work with one of these numbers."""
        return next((self._numbers[number] for number in sorted(numbers) if number in self._numbers), None)

    def find(self, title: Title, issuers: frozenset[str] = frozenset()) -> Work | None:
        """Return the work of that title, unless it is known to be another body's."""
        return next(
            (work for work in self._titles.find(title) if not _issuers_differ(work.issuers, issuers)), None
        )

    def mentions(self, text: str) -> Iterator[tuple[Work, str]]:
        """Yield the works whose titles a text names without marks, word for word, and these words."""
        if not self._initials:
            return
        initials = re.escape("".join(sorted(self._initials)))
        low = text.lower()
        sizes = MENTIONED[1:] if low.isascii() else MENTIONED
        for found in re.finditer(f"[{initials}]{_TITLE_START}", low):
            start = found.start()
            for size in sizes:
                by_length = self._openings.get(low[start : start + size], {})
                for length, titles in by_length.items():
                    for work in titles.get(low[start : start + length], ()):
                        yield work, text[start : start + length]

    def subject_mentions(self, text: str) -> Iterator[tuple[Work, str]]:
        """Yield the works with only an English title whose subject a Chinese text names, and these words."""
        for words, subject in subjects(text):
            near = {id(work): work for key in title_words(subject) for work in self._subjects.get(key, ())}
            for work in near.values():
                if all(title.script == "en" for title in work.titles) and is_about(work.titles[0], subject):
                    yield work, words

    def _register(self, work: Work, title: Title) -> None:
        self._titles.add(title, work)
        if title.script == "en":
            self._subjects[words_of(title)].append(work)
        if name := title.mention().lower():
            size = MENTIONED[0] if title.script == "zh" else MENTIONED[1]
            by_length = self._openings.setdefault(name[:size], {})
            by_length.setdefault(len(name), {}).setdefault(name, []).append(work)
            self._initials.add(name[0])


def _issuers_differ(a: Iterable[str], b: Iterable[str]) -> bool:
    """Tell whether the issuers of both are known and differ."""
    known = [{one for one in issuers if "-" in one} for issuers in (a, b)]
    return bool(known[0] and known[1] and not known[0] & known[1])


def work_id(work: Work) -> str:
    """Return the id of a work, from its strongest name: its number, else its title."""
    chinese = [title.key for title in work.titles if title.script == "zh"]
    name = (
        min(work.numbers, default="") or min(chinese, default="") or min(title.key for title in work.titles)
    )
    issuer = "" if work.numbers else min((one for one in work.issuers if "-" in one), default="")
    return sha256_hex(f"{issuer}\n{name}".encode())[:_ID_DIGITS]
