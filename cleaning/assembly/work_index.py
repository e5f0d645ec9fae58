"""An index of works while they are collected: their names and members, found by number or title."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from cleaning.law.subjects import is_about, subjects
from cleaning.law.titles import MENTIONED, Title, same_title
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
    """The works so far, found by number, by title, and by the titles that a text mentions."""

    def __init__(self) -> None:
        self.works: list[Work] = []
        self._numbers: dict[str, Work] = {}
        self._keys: dict[str, list[Work]] = defaultdict(list)
        self._words: dict[str, list[Work]] = defaultdict(list)
        self._openings: dict[str, list[tuple[str, Work]]] = defaultdict(list)
        self._initials: set[str] = set()
        self.roles: dict[str, list[tuple[Work, Role]]] = defaultdict(list)

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
        near = [
            *self._keys.get(title.key, ()),
            *(w for word in title.marks() for w in self._words.get(word, ())),
        ]
        candidates: dict[int, Work] = {id(work): work for work in near}
        for candidate in candidates.values():
            if not _issuers_differ(candidate.issuers, issuers) and any(
                same_title(own, title) for own in candidate.titles
            ):
                return candidate
        return None

    def mentions(self, text: str) -> Iterator[tuple[Work, str]]:
        """Yield the works whose titles a text names without marks, word for word, and these words."""
        if not self._initials:
            return
        initials = re.escape("".join(sorted(self._initials)))
        low = text.lower()
        sizes = MENTIONED[1:] if low.isascii() else MENTIONED
        openings = self._openings
        for found in re.finditer(f"[{initials}]{_TITLE_START}", low):
            start = found.start()
            for size in sizes:
                if (opening := low[start : start + size]) in openings:
                    for title, work in openings[opening]:
                        if low.startswith(title, start):
                            yield work, text[start : start + len(title)]

    def subject_mentions(self, text: str) -> Iterator[tuple[Work, str]]:
        """Yield the works with only an English title whose subject a Chinese text names, and these words."""
        for words, subject in subjects(text):
            near = {id(work): work for stem in sorted(subject) for work in self._words.get(stem, ())}
            for work in near.values():
                if all(title.script == "en" for title in work.titles) and is_about(work.titles[0], subject):
                    yield work, words

    def _register(self, work: Work, title: Title) -> None:
        self._keys[title.key].append(work)
        for word in title.marks():
            self._words[word].append(work)
        if name := title.mention():
            size = next(s for s in MENTIONED if (s == MENTIONED[0]) == (title.script == "zh"))
            self._openings[name.lower()[:size]].append((name.lower(), work))
            self._initials.add(name[0].lower())


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
