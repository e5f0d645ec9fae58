"""The types of relating: a candidate, the facts known about it, and the index that it needs."""

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
    """What relating needs to know of a document. `official` marks the source with authority over it."""

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
        """Return the candidate of a document."""
        shared = {f.name for f in dataclasses.fields(cls)} - {"official"}
        return cls(**{name: getattr(document, name) for name in shared}, official=official)

    @property
    def state(self) -> str:
        """Return the text's version, and a hash of what else relating uses: verdict, source, title, number,
        dates.
        """
        said = f"{survivor_rank(self)} {Facts.of(self).to_json()}"
        return f"{self.version} {hashlib.sha256(said.encode(errors='surrogatepass')).hexdigest()[:16]}"


class Index(Protocol):
    """The memory of relating. Texts go by number. A transaction is kept whole or not at all."""

    def transaction(self) -> AbstractContextManager[None]:
        """Open a transaction for the work of one run."""

    def outdated(self) -> Iterable[Sequence[tuple[int, str]]]:
        """Yield texts, as (number, text), whose fingerprints and anchors come from an older version."""

    def renew(self, fingerprints: Mapping[int, int]) -> None:
        """Set the fingerprints of texts, by number."""

    def states(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Return the states of the known documents, by id: `Candidate.state`."""

    def texts_by_fingerprint(self, fingerprints: Sequence[int]) -> Mapping[int, int]:
        """Return the number of the text with each fingerprint."""

    def texts(self, numbers: Sequence[int]) -> Iterable[tuple[int, str, str]]:
        """Return the number, facts and text of each."""

    def sharing(self, wanted: Hashes) -> tuple[Hashes, Positions]:
        """Return anchors and numbers of the texts that hold these anchors, which are distinct and in rising
        order.
        """

    def clusters(self, numbers: Iterable[int]) -> Mapping[int, int]:
        """Return the cluster of each text that belongs to another text's cluster. Texts that are the same
        share one.
        """

    def take_numbers(self, count: int) -> Sequence[int]:
        """Return so many numbers, rising, that no text has or had."""

    def add(
        self,
        new_texts: Sequence[tuple[int, int, str, str]],
        new_documents: Sequence[tuple[str, str, int, str, str]],
    ) -> None:
        """Add texts (number, fingerprint, facts, text) and documents (id, state, number, rank, run).

        The rank is `survivor_rank`.
        """

    def anchor(self, held: Hashes, texts: Positions) -> None:
        """Add anchors, each with the number of a text that holds it."""

    def link(self, found: Sequence[tuple[int, int, RelationKind, float, str]], run_id: str) -> None:
        """Add links (a, b, relation, score, rule), and unite the clusters of texts that are the same."""

    def withdraw(self, ids: Sequence[str]) -> Sequence[tuple[int, str]]:
        """Take documents out. Return the texts that no document holds any more, as (number, text)."""

    def forget(self, numbers: Sequence[int], held: Hashes, texts: Positions) -> None:
        """Take texts out, with their anchors. Clusters that only they held together are split."""

    def settle(self, run_id: str) -> None:
        """Choose the survivor of each cluster that this transaction changed."""

    def relations(self, run_id: str | None = None) -> Iterator[Relation]:
        """Yield all current relations, or those that a run added or changed."""


def survivor_rank(candidate: Candidate) -> str:
    """Return what the survivor rules compare, as text: one digit for cut, one for not official, the earliest
    date.

    The least rank survives where the rule is whole, official, earliest.
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
        """Return the facts of a candidate."""
        return cls(*_facts(candidate))

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """Read the facts that `to_json` wrote."""
        return cls(**json.loads(text)) if text != "{}" else cls()

    def to_json(self) -> str:
        """Return what is known as JSON, or {} for nothing."""
        values = _facts(self)
        if not any(values):
            return "{}"
        return json.dumps({name: value for name, value in zip(_FACTS, values, strict=True) if value})


_FACTS = tuple(field.name for field in dataclasses.fields(Facts))


_facts = operator.attrgetter(*_FACTS)
