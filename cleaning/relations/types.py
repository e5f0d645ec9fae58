"""What relating passes on: a candidate, the facts known of it, and the index that it needs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from cleaning.relations.fold import Positions
from cleaning.relations.shingles import Hashes
from output.base.records import Access, Document
from output.base.relations import Relation, RelationKind


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """What relating needs to know of a document. `official` marks the source that has the say over it."""

    id: str
    version: str
    text: str
    language: str = "und"
    title: str = ""
    document_number: str | None = None
    issuer_id: str | None = None
    date_published: str | None = None
    date_issued: str | None = None
    date_effective: str | None = None
    source_id: str = ""
    access: Access = Access.UNKNOWN
    official: bool = False

    @classmethod
    def of(cls, document: Document, *, official: bool = False) -> Candidate:
        """The candidate that a document is."""
        shared = {f.name for f in dataclasses.fields(cls)} - {"official"}
        return cls(**{name: getattr(document, name) for name in shared}, official=official)

    @property
    def state(self) -> str:
        """The version of the text, and what else relating goes by: verdict, source, title, number, dates."""
        said = f"{survivor_rank(self)} {Facts.of(self).to_json()}"
        return f"{self.version} {hashlib.sha256(said.encode(errors='surrogatepass')).hexdigest()[:16]}"


class Index(Protocol):
    """The memory of relating. Texts go by number; what happens in one transaction happens whole or not."""

    def transaction(self) -> AbstractContextManager[None]:
        """One run's work."""

    def outdated(self) -> Iterable[Sequence[tuple[int, str]]]:
        """Texts, as (number, text), that an older version fingerprinted, and that have no anchors now."""

    def renew(self, fingerprints: Mapping[int, int]) -> None:
        """Sets the fingerprints of texts, by number."""

    def versions(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The states of the documents that are known, by id: `Candidate.state`."""

    def twins(self, fingerprints: Sequence[int]) -> Mapping[int, int]:
        """Fingerprint → number of the text that has it."""

    def texts(self, numbers: Sequence[int]) -> Iterable[tuple[int, str, str]]:
        """Number, facts and text of each."""

    def sharing(self, wanted: Hashes) -> tuple[Hashes, Positions]:
        """Anchor and number of text, for the texts that hold these anchors (distinct, in rising order)."""

    def clusters(self, numbers: Iterable[int]) -> Mapping[int, int]:
        """The cluster of each text whose cluster has another's number; texts that are the same have one."""

    def take_numbers(self, count: int) -> Sequence[int]:
        """So many numbers, rising, that no text has or had."""

    def add(
        self,
        new_texts: Sequence[tuple[int, int, str, str]],
        new_documents: Sequence[tuple[str, str, int, str, str]],
    ) -> None:
        """Adds texts (number, fingerprint, facts, text), documents (id, state, number, rank, run).

        The rank is `survivor_rank`.
        """

    def anchor(self, held: Hashes, texts: Positions) -> None:
        """Adds anchors, and for each the number of a text that holds it."""

    def link(self, found: Sequence[tuple[int, int, RelationKind, float, str]], run_id: str) -> None:
        """Adds links (a, b, relation, score, rule), and unites the clusters of texts that are the same."""

    def withdraw(self, ids: Sequence[str]) -> Sequence[tuple[int, str]]:
        """Takes documents out; gives the texts that no document holds any more, as (number, text)."""

    def forget(self, numbers: Sequence[int], held: Hashes, texts: Positions) -> None:
        """Takes out texts, given with their anchors; clusters that only they held together fall apart."""

    def settle(self, run_id: str) -> None:
        """Chooses the survivor of each cluster that this transaction touched."""

    def relations(self, run_id: str | None = None) -> Iterator[Relation]:
        """All relations that stand, or those that a run brought or changed."""


def survivor_rank(candidate: Candidate) -> str:
    """What a rule for survivors asks of a document: a figure each for cut and not official, the earliest day.

    The least survives where the rule is whole, official, earliest.
    """
    dates = (candidate.date_published, candidate.date_issued, candidate.date_effective)
    earliest = min((d for d in dates if d), default="9999")
    cut = candidate.access in (Access.TEASER, Access.PAYWALLED, Access.CAPTCHA, Access.EXCERPT)
    return f"{int(cut)}{int(not candidate.official)}{earliest}"


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a document beside its text."""

    title: str = ""
    document_number: str | None = None
    issuer_id: str | None = None
    date_published: str | None = None
    date_issued: str | None = None
    date_effective: str | None = None

    @classmethod
    def of(cls, candidate: Candidate) -> Facts:
        """The facts of a candidate."""
        return cls(*_facts(candidate))

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """The facts that `to_json` wrote."""
        return cls(**json.loads(text)) if text != "{}" else cls()

    def to_json(self) -> str:
        """What is known, as JSON; nothing known is {}."""
        values = _facts(self)
        if not any(values):
            return "{}"
        return json.dumps({name: value for name, value in zip(_FACTS, values, strict=True) if value})


_FACTS = tuple(field.name for field in dataclasses.fields(Facts))


_facts = operator.attrgetter(*_FACTS)
