"""Works while they are put together: what each is called, who belongs to it; found by number or title."""

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

_ID: Final = 20  # hex digits
# Where a title can begin: with a word; between hanzi, which have no spaces, anywhere.
_TITLE_START: Final = r"(?<=[\u3400-\u9fff]|\b\w)"


class Role(StrEnum):
    """What a document is to a work."""

    TEXT = "text"
    TRANSLATION = "translation"
    NEWS = "news"
    EXPLANATION = "explanation"
    MENTION = "mention"  # named without the marks of a title
    CITATION = "citation"


MEMBERS: Final = frozenset({Role.TEXT, Role.TRANSLATION})


@dataclasses.dataclass(slots=True)
class Work:
    """A work while it is put together: what it is called, and who belongs to it."""

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
        """Take a work in, under all its names."""
        self.works.append(work)
        for title in work.titles:
            self._register(work, title)
        for number in work.numbers:
            self._numbers.setdefault(number, work)
        for document, role in work.members:
            self.roles[document].append((work, role))

    def entitle(self, work: Work, title: Title) -> None:
        """Give a work one more title."""
        work.titles.append(title)
        self._register(work, title)

    def join(self, work: Work, document: str, role: Role, evidence: str) -> None:
        """Give a document its role in a work."""
        work.members[document, role] = evidence
        self.roles[document].append((work, role))

    def has(self, work: Work, document: str) -> bool:
        """Whether a document has a role in a work."""
        return any(other is work for other, _ in self.roles[document])

    def numbered(self, numbers: Iterable[str]) -> Work | None:
        """The work with one of these numbers."""
        return next((self._numbers[number] for number in sorted(numbers) if number in self._numbers), None)

    def find(self, title: Title, issuers: frozenset[str] = frozenset()) -> Work | None:
        """The work of that title, not of a body that the table tells apart from its own."""
        return next((work for work in self._titles.find(title) if not _parted(work.issuers, issuers)), None)

    def mentions(self, text: str) -> Iterator[tuple[Work, str]]:
        """The works whose titles a text names without marks, word for word."""
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

    def spoken_of(self, text: str) -> Iterator[tuple[Work, str]]:
        """The works with an English title alone whose subject a Chinese text names."""
        for words, said in subjects(text):
            near = {id(work): work for key in title_words(said) for work in self._subjects.get(key, ())}
            for work in near.values():
                if all(title.script == "en" for title in work.titles) and is_about(work.titles[0], said):
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


def _parted(a: Iterable[str], b: Iterable[str]) -> bool:
    """Whether the table knows the issuers of both and they differ."""
    known = [{one for one in issuers if "-" in one} for issuers in (a, b)]
    return bool(known[0] and known[1] and not known[0] & known[1])


def work_id(work: Work) -> str:
    """The id of a work, from the strongest of its names."""
    chinese = [title.key for title in work.titles if title.script == "zh"]
    name = (
        min(work.numbers, default="") or min(chinese, default="") or min(title.key for title in work.titles)
    )
    issuer = "" if work.numbers else min((one for one in work.issuers if "-" in one), default="")
    return sha256_hex(f"{issuer}\n{name}".encode())[:_ID]
