"""How documents stand to each other: same, contains, version; today's against everything kept before.

    fold → shingle → fingerprint → anchors → candidates → overlap → decide → link → unite

Texts that fold to the same letters are one text with several documents. A new text asks the index who
shares its anchors, is compared with those that share most, and what is decided becomes a link between
two texts. Links of `same` unite texts into clusters; `contains` and `version` never do. A cluster is told
as a star around its survivor, which the index chooses by the dataset's rule.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from cleaning.relations.candidates import candidates
from cleaning.relations.decide import NEAR, Pair, decide
from cleaning.relations.fold import Fold
from cleaning.relations.overlap import Overlap, overlaps
from cleaning.relations.shingles import Shingled, anchors, shingle
from cleaning.relations.types import Candidate, Facts, Index, survivor_rank
from output.base.relations import Relation, RelationKind

# Documents and characters that are worked on together; the first bounds SQL, the second memory.
_BATCH, _BATCH_CHARACTERS = 500, 2_000_000
# Letters of shingled texts that are kept at hand between comparisons, eight bytes each.
_KEPT_LETTERS = 16_000_000


def relate(
    documents: Iterable[Candidate],
    index: Index,
    *,
    run_id: str = "",
    withdrawn: Sequence[str] = (),
) -> list[Relation]:
    """Relates documents to each other and to all that the index holds, in one transaction.

    A document whose state the index knows is passed over; one that changed leaves the index and
    comes back. The answer is what stands and this run brought: asked again, also after a kill between
    here and publishing, it is the same again.
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
    """Documents in batches that are quick to relate and fit into memory."""
    batch: list[Candidate] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if len(batch) >= _BATCH or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class Relater:
    """One run's work, a batch at a time, inside a transaction of the index; `index.settle` ends it."""

    def __init__(self, index: Index, *, run_id: str = "") -> None:
        self._index, self._run_id = index, run_id
        self._fold = Fold()
        self._at_hand: collections.OrderedDict[int, tuple[Shingled, Facts]] = collections.OrderedDict()
        self._letters = 0

    def renew(self) -> None:
        """Anchors anew what an older version of the index holds."""
        for rows in self._index.outdated():
            texts = shingle((text for _, text in rows), self._fold)
            numbers = [number for number, _ in rows]
            self._index.renew({n: text.fingerprint() for n, text in zip(numbers, texts, strict=True)})
            whose, held = anchors(texts)
            self._index.anchor(held, np.array(numbers, np.intp)[whose])

    def withdraw(self, ids: Sequence[str]) -> None:
        """Takes documents out of the index, and what only they held."""
        for start in range(0, len(ids), _BATCH):
            gone = list(self._index.withdraw(ids[start : start + _BATCH]))
            numbers = [number for number, _ in gone]
            whose, held = anchors(shingle((text for _, text in gone), self._fold))
            self._index.forget(numbers, held, np.array(numbers, np.intp)[whose])
            for number in numbers:
                self._drop(number)

    def relate(self, batch: Sequence[Candidate]) -> None:
        """Adds a batch to the index, and links its new texts to all before them."""
        last = {candidate.id: candidate for candidate in batch}
        known = self._index.versions(list(last))
        fresh = [c for c in last.values() if known.get(c.id) != c.state]
        self.withdraw([c.id for c in fresh if c.id in known])
        new = self._enter(fresh)
        whose, held = anchors([self._at_hand[number][0] for number in new])
        holders = np.array(new, np.intp)[whose]
        before = self._index.sharing(np.unique(held))
        cluster = self._index.clusters(np.unique(before[1]).tolist())
        compared, few = candidates((held, holders), before, cluster)
        self._index.anchor(held[few], holders[few])
        self._index.link(list(self._links(compared, dict(cluster))), self._run_id)

    def _enter(self, candidates: Sequence[Candidate]) -> list[int]:
        """Puts candidates into the index; gives the numbers of the texts that are new to it."""
        shingled = shingle((candidate.text for candidate in candidates), self._fold)
        prints = [text.fingerprint() for text in shingled]
        numbers = dict(self._index.twins([print_ for print_ in prints if print_]))
        following = iter(self._index.take_numbers(len(candidates)))
        texts, documents, new = [], [], []
        for candidate, text, print_ in zip(candidates, shingled, prints, strict=True):
            number = numbers.get(print_)
            if number is None:
                number = next(following)
                if print_:  # texts without letters have nothing in common
                    numbers[print_] = number
                facts = Facts.of(candidate)
                texts.append((number, print_, facts.to_json(), candidate.text))
                new.append(number)
                self._keep(number, text, facts)
            rank = survivor_rank(candidate)
            documents.append((candidate.id, candidate.state, number, rank, self._run_id))
        self._index.add(texts, documents)
        return new

    def _links(
        self, compared: Mapping[int, Sequence[int]], cluster: dict[int, int]
    ) -> Iterator[tuple[int, int, RelationKind, float, str]]:
        """What is decided of each new text and its candidates; of a cluster, one as good as it will do."""
        self._fetch({text for others in compared.values() for text in others} | compared.keys())
        found = overlaps(
            (self._at_hand[number][0], [self._at_hand[other][0] for other in others])
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
            kin = cluster.get(other, other)
            if not verdict or (number, kin) in same:
                continue
            a, b = (number, other) if verdict.swapped else (other, number)
            yield a, b, verdict.relation, verdict.score, verdict.rule
            if verdict.relation is RelationKind.SAME:
                cluster[number] = kin
                if verdict.rule == NEAR:
                    same.add((number, kin))
        self._trim()

    def _pair(self, number: int, other: int, overlap: Overlap) -> Pair:
        """A text and one that it was compared with, as `decide` takes them: the other came first."""
        (text, facts), (other_text, other_facts) = self._at_hand[number], self._at_hand[other]
        return overlap, (other_text, text), (other_facts, facts)

    def _fetch(self, numbers: Iterable[int]) -> None:
        """Brings texts to hand; those that are there already go to the end of the line."""
        missing = []
        for number in numbers:
            if number in self._at_hand:
                self._at_hand.move_to_end(number)
            else:
                missing.append(number)
        rows = list(self._index.texts(missing))
        for (number, facts, _), text in zip(rows, shingle((row[2] for row in rows), self._fold), strict=True):
            self._keep(number, text, Facts.from_json(facts))

    def _keep(self, number: int, text: Shingled, facts: Facts) -> None:
        self._at_hand[number] = text, facts
        self._letters += text.letters.size

    def _drop(self, number: int) -> None:
        if number in self._at_hand:
            self._letters -= self._at_hand.pop(number)[0].letters.size

    def _trim(self) -> None:
        while self._letters > _KEPT_LETTERS:
            self._drop(next(iter(self._at_hand)))
