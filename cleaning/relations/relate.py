"""Relating: how each document stands to all documents kept before: same, contains, version.


    fold → shingle → fingerprint → anchors → candidates → overlap → decide → link → unite

Texts that fold to the same letters are one text with several documents. For a new text, the index finds texts
that share its anchors. The best of them are compared, and each decision becomes a link between two texts.
`same` links unite texts into a cluster; `contains` and `version` never do. A cluster is reported as a star
around its survivor, which the index chooses by the dataset's rule.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from cleaning.relations.candidates import candidates
from cleaning.relations.decide import NEAR_RULE, Pair, decide
from cleaning.relations.fold import Fold
from cleaning.relations.overlap import Overlap, overlaps
from cleaning.relations.shingles import Shingled, anchors, shingle
from cleaning.relations.types import Candidate, Facts, Index, survivor_rank
from output.base.relations import Relation, RelationKind

# The size of a batch: documents bound the SQL statements, characters the memory.
_BATCH_DOCUMENTS, _BATCH_CHARACTERS = 500, 2_000_000
# Letters of shingled texts in the cache, at eight bytes each.
_MAX_CACHED_LETTERS = 8_000_000


def relate(
    documents: Iterable[Candidate],
    index: Index,
    *,
    run_id: str = "",
    withdrawn: Sequence[str] = (),
) -> list[Relation]:
    """Relate documents to each other and to all in the index, in one transaction. Return what this run
    changed.

    A document whose state the index knows is skipped. A changed one is taken out and added again. The same
    run asked again gives the same answer, also after a kill between here and publishing.
    """
    with index.transaction():
        relater = Relater(index, run_id=run_id)
        relater.renew()
        relater.withdraw(withdrawn)
        for batch in batches(documents):
            relater.relate(batch)
        index.settle(run_id)
        return list(index.relations(run_id))


def batches(documents: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Yield documents in batches that are quick to relate and fit into memory."""
    batch: list[Candidate] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if len(batch) >= _BATCH_DOCUMENTS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class Relater:
    """The work of one run, batch by batch, inside a transaction of the index. `index.settle` ends it."""

    def __init__(self, index: Index, *, run_id: str = "") -> None:
        self._index, self._run_id = index, run_id
        self._fold = Fold()
        self._cached: collections.OrderedDict[int, tuple[Shingled, Facts]] = collections.OrderedDict()
        self._cached_letters = 0

    def renew(self) -> None:
        """Compute the fingerprints and anchors again that an older version of the index made."""
        for rows in self._index.outdated():
            texts = shingle((text for _, text in rows), self._fold)
            numbers = [number for number, _ in rows]
            self._index.renew({n: text.fingerprint() for n, text in zip(numbers, texts, strict=True)})
            whose, held = anchors(texts)
            self._index.anchor(held, np.array(numbers, np.intp)[whose])

    def withdraw(self, ids: Sequence[str]) -> None:
        """Take documents out of the index, with the texts that only they held."""
        for start in range(0, len(ids), _BATCH_DOCUMENTS):
            gone = list(self._index.withdraw(ids[start : start + _BATCH_DOCUMENTS]))
            numbers = [number for number, _ in gone]
            whose, held = anchors(shingle((text for _, text in gone), self._fold))
            self._index.forget(numbers, held, np.array(numbers, np.intp)[whose])
            for number in numbers:
                self._uncache(number)

    def relate(self, batch: Sequence[Candidate]) -> None:
        """Add a batch to the index, and link its new texts to all before them."""
        last = {candidate.id: candidate for candidate in batch}
        known = self._index.states(list(last))
        fresh = [c for c in last.values() if known.get(c.id) != c.state]
        self.withdraw([c.id for c in fresh if c.id in known])
        new = self._enter(fresh)
        whose, held = anchors([self._cached[number][0] for number in new])
        holders = np.array(new, np.intp)[whose]
        before = self._index.sharing(np.unique(held))
        cluster = self._index.clusters(np.unique(before[1]).tolist())
        compared, few = candidates((held, holders), before, cluster)
        self._index.anchor(held[few], holders[few])
        self._index.link(list(self._links(compared, dict(cluster))), self._run_id)

    def _enter(self, candidates: Sequence[Candidate]) -> list[int]:
        """Add candidates to the index. Return the numbers of the texts that are new to it."""
        shingled = shingle((candidate.text for candidate in candidates), self._fold)
        fingerprints = [text.fingerprint() for text in shingled]
        numbers = dict(
            self._index.texts_by_fingerprint([fingerprint for fingerprint in fingerprints if fingerprint])
        )
        following = iter(self._index.take_numbers(len(candidates)))
        texts, documents, new = [], [], []
        for candidate, text, fingerprint in zip(candidates, shingled, fingerprints, strict=True):
            number = numbers.get(fingerprint)
            if number is None:
                number = next(following)
                if fingerprint:  # texts without letters have nothing in common
                    numbers[fingerprint] = number
                facts = Facts.of(candidate)
                texts.append((number, fingerprint, facts.to_json(), candidate.text))
                new.append(number)
                self._cache(number, text, facts)
            rank = survivor_rank(candidate)
            documents.append((candidate.id, candidate.state, number, rank, self._run_id))
        self._index.add(texts, documents)
        return new

    def _links(
        self, compared: Mapping[int, Sequence[int]], cluster: dict[int, int]
    ) -> Iterator[tuple[int, int, RelationKind, float, str]]:
        """Yield what is decided about each new text and its candidates. Of a cluster, one near duplicate is
        enough.
        """
        self._load({text for others in compared.values() for text in others} | compared.keys())
        found = overlaps(
            (self._cached[number][0], [self._cached[other][0] for other in others])
            for number, others in compared.items()
        )
        pairs = [
            (number, other, overlap)
            for (number, others), of_number in zip(compared.items(), found, strict=True)
            for other, overlap in zip(others, of_number, strict=True)
            if overlap
        ]
        verdicts = decide([self._pair(*pair) for pair in pairs])
        same = set[tuple[int, int]]()
        for (number, other, _), verdict in zip(pairs, verdicts, strict=True):
            other_cluster = cluster.get(other, other)
            if not verdict or (number, other_cluster) in same:
                continue
            a, b = (number, other) if verdict.swapped else (other, number)
            yield a, b, verdict.relation, verdict.score, verdict.rule
            if verdict.relation is RelationKind.SAME:
                cluster[number] = other_cluster
                if verdict.rule == NEAR_RULE:
                    same.add((number, other_cluster))
        self._trim_cache()

    def _pair(self, number: int, other: int, overlap: Overlap) -> Pair:
        """Return a text and an earlier one as `decide` takes them: the earlier one first."""
        (text, facts), (other_text, other_facts) = self._cached[number], self._cached[other]
        return overlap, (other_text, text), (other_facts, facts)

    def _load(self, numbers: Iterable[int]) -> None:
        """Load texts into the cache, and mark those already there as recently used."""
        missing = []
        for number in numbers:
            if number in self._cached:
                self._cached.move_to_end(number)
            else:
                missing.append(number)
        rows = list(self._index.texts(missing))
        for (number, facts, _), text in zip(rows, shingle((row[2] for row in rows), self._fold), strict=True):
            self._cache(number, text, Facts.from_json(facts))

    def _cache(self, number: int, text: Shingled, facts: Facts) -> None:
        self._cached[number] = text, facts
        self._cached_letters += text.letters.size

    def _uncache(self, number: int) -> None:
        if number in self._cached:
            self._cached_letters -= self._cached.pop(number)[0].letters.size

    def _trim_cache(self) -> None:
        while self._cached_letters > _MAX_CACHED_LETTERS:
            self._uncache(next(iter(self._cached)))
