"""The relation index in SQL: the texts of all documents and their relations, beside the ledger's tables.

A text is stored once, whatever the number of its documents. Anchors lead to texts, links connect two texts,
and a cluster holds texts that are the same. The code serves SQLite and PostgreSQL. All statements of a run
belong to one transaction: `RelationIndex.transaction`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import zstandard
from sqlalchemy import Column, Engine, bindparam, func, insert, select, update

from output.base.relations import Relation, RelationKind
from output.base.sql import replace_rows
from output.relations.anchors import Anchors, Postings
from output.relations.lines import NAMED_COPIES, relations
from output.relations.rows import Rows
from output.relations.survivor import DEFAULT_SURVIVOR_RULE, survivor_order
from output.relations.tables import about, clusters, counter, documents, links, metadata, texts
from output.relations.versions import prepare

# Memory of SQLite for pages, for the rows that a run reads are scattered.
_SQLITE_CACHE_KIB = 64 * 1024
# Texts that are read at once.
_TEXTS_PER_READ = 100


class RelationIndex:
    """The index in a database. It implements the Index of `cleaning.relations`."""

    def __init__(self, engine: Engine, survivor: Sequence[str] = DEFAULT_SURVIVOR_RULE) -> None:
        """Open the index, or make its tables. Raises NewerFormat for one that a newer Tamis wrote."""
        self.engine = engine
        self._survivor = survivor
        self._compress = zstandard.ZstdCompressor(level=1).compress
        self._decompress = zstandard.ZstdDecompressor().decompress
        self._open: tuple[Rows, Anchors] | None = None
        self._touched: set[int] = set()
        with engine.begin() as connection:
            prepare(connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open the transaction of a run; only one at a time can be open on a database."""
        with self.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA cache_size=-{_SQLITE_CACHE_KIB}")
            # Writes before it reads, so that a second writer waits here and not later.
            connection.execute(update(counter).values(next=counter.c.next))
            rows = Rows(connection)
            self._open, self._touched = (rows, Anchors(rows)), set()
            try:
                self._apply_rule()
                yield
                self._anchors.flush()
            finally:
                self._open = None

    def take_over(self, other: RelationIndex) -> None:
        """Replace this index by another, of whatever database, in one transaction."""
        with other.engine.begin() as source, self.engine.begin() as target:
            for table in metadata.sorted_tables:
                replace_rows(table, source, target)

    # Looking up

    def states(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the states of the known documents by id: the text's version and what else counts."""
        return {row.id: row.version for row in self._rows.having([documents.c.id, documents.c.version], ids)}

    def texts_by_fingerprint(self, fingerprints: Sequence[int]) -> dict[int, int]:
        """Fingerprint → number of the text that has it."""
        rows = self._rows.having([texts.c.fingerprint, texts.c.number], fingerprints)
        return {row.fingerprint: row.number for row in rows}

    def texts(self, numbers: Sequence[int]) -> Iterator[tuple[int, str, str]]:
        """Yield number, facts and text of each text."""
        for row in self._rows.having([texts.c.number, texts.c.facts, texts.c.body], numbers):
            yield row.number, row.facts, self._decompress(row.body).decode("utf-8", "surrogatepass")

    def sharing(self, wanted: npt.NDArray[np.uint64]) -> Postings:
        """Return (anchor, number of a text) for the texts that hold these anchors, distinct and ascending."""
        return self._anchors.sharing(wanted)

    def clusters(self, numbers: Iterable[int]) -> dict[int, int]:
        """Return the cluster of each text whose cluster has the number of another text."""
        columns = [texts.c.number, texts.c.cluster]
        return dict(map(tuple, self._rows.having(columns, numbers, texts.c.cluster != texts.c.number)))

    def relations(self, run_id: str | None = None) -> Iterator[Relation]:
        """Yield all current relations, or those that a run added or changed."""
        return relations(self._rows.connection, run_id)

    # Bringing up to date

    def outdated(self) -> Iterator[list[tuple[int, str]]]:
        """Yield lists of (number, text) of the texts with anchors and fingerprints of an older version."""
        below: int = self._rows.connection.execute(select(counter.c.outdated)).scalar_one()
        after = -1
        while below:
            page = select(texts.c.number).where(texts.c.number > after, texts.c.number < below)
            numbers = list(
                self._rows.connection.scalars(page.order_by(texts.c.number).limit(_TEXTS_PER_READ))
            )
            if not numbers:
                self._rows.connection.execute(update(counter).values(outdated=0))
                return
            yield [(number, text) for number, _, text in self.texts(numbers)]
            after = numbers[-1]

    def renew(self, fingerprints: Mapping[int, int]) -> None:
        """Set the fingerprints of texts, by number."""
        statement = update(texts).where(texts.c.number == bindparam("of"))
        self._rows.many(statement.values(fingerprint=bindparam("to")), ("of", "to"), fingerprints.items())

    # Adding

    def take_numbers(self, count: int) -> range:
        """Return so many ascending numbers that no text has or had."""
        reserved = update(counter).values(next=counter.c.next + count).returning(counter.c.next)
        end: int = self._rows.connection.execute(reserved).scalar_one()
        return range(end - count, end)

    def add(
        self,
        new_texts: Sequence[tuple[int, int, str, str]],
        new_documents: Sequence[tuple[str, str, int, str, str]],
    ) -> None:
        """Add texts (number, fingerprint, facts, text) and documents (id, state, number, rank, run)."""
        names = ("number", "fingerprint", "facts", "cluster", "body")
        bodies = ((n, f, facts, n, self._compress(_utf8(text))) for n, f, facts, text in new_texts)
        self._rows.many(insert(texts), names, bodies)
        places = self._places({number for _, _, number, _, _ in new_documents})
        rows = []
        for document in new_documents:
            rows.append((*document, places[document[2]]))
            places[document[2]] += 1
        self._rows.many(insert(documents), ("id", "version", "text", "rank", "run_id", "copy_number"), rows)
        self._touch([number for number, count in places.items() if count > 1])

    def anchor(self, held: npt.NDArray[np.uint64], of_texts: npt.NDArray[np.intp]) -> None:
        """Add anchors, each with the number of a text that holds it."""
        self._anchors.add(held, of_texts)

    def link(self, found: Sequence[tuple[int, int, RelationKind, float, str]], run_id: str) -> None:
        """Add links (a, b, relation, score, rule), and unite the clusters of texts that are the same."""
        rows = []
        for a, b, relation, score, rule in found:
            ends = (min(a, b), max(a, b)) if relation is RelationKind.SAME else (a, b)
            rows.append((*ends, relation.value, score, rule, run_id))
        self._rows.many(insert(links), ("a", "b", "relation", "score", "rule", "run_id"), rows)
        self._unite([(a, b) for a, b, relation, _, _ in found if relation is RelationKind.SAME])

    def settle(self, run_id: str) -> None:
        """Choose the survivor of each cluster that this transaction changed."""
        position = func.row_number().over(
            partition_by=texts.c.cluster, order_by=survivor_order(self._survivor)
        )
        size = func.count().over(partition_by=texts.c.cluster)
        ranked = select(
            texts.c.cluster,
            documents.c.id,
            documents.c.run_id,
            position.label("position"),
            size.label("size"),
        ).join(documents, documents.c.text == texts.c.number)
        current = {
            row.cluster: row.survivor
            for row in self._rows.having([clusters.c.cluster, clusters.c.survivor], sorted(self._touched))
        }
        inner = ranked.where(
            texts.c.cluster.in_(self._rows.listed(texts.c.cluster, self._touched))
        ).subquery()
        survivors = select(inner).where(inner.c.position == 1, inner.c.size > 1)
        # A star is published again when its survivor is another document, or another version.
        chosen = [
            (row.cluster, row.id, run_id)
            for row in self._rows.connection.execute(survivors).all()
            if current.pop(row.cluster, None) != row.id or row.run_id == run_id
        ]
        self._rows.delete(clusters.c.cluster, [*current, *(cluster for cluster, _, _ in chosen)])
        self._rows.many(insert(clusters), ("cluster", "survivor", "run_id"), chosen)
        # Stars that a withdrawal changed outside of any run are published by this one.
        unpublished = update(clusters).where(clusters.c.run_id == "")
        self._rows.connection.execute(unpublished.values(run_id=run_id))
        self._touched = set()

    # Taking out

    def withdraw(self, ids: Sequence[str]) -> list[tuple[int, str]]:
        """Remove documents; return the texts that no document holds any more, as (number, text)."""
        gone = list(self._rows.having([documents.c.id, documents.c.text, documents.c.copy_number], ids))
        self._rows.delete(documents.c.id, ids)
        places = self._places({row.text for row in gone})
        for row in gone:
            if row.copy_number < NAMED_COPIES <= places[row.text] - 1:
                last = documents.c.text == row.text, documents.c.copy_number == places[row.text] - 1
                self._rows.connection.execute(
                    update(documents).where(*last).values(copy_number=row.copy_number)
                )
                places[row.text] = self._places({row.text})[row.text]
        self._touch([number for number, count in places.items() if count])
        return [
            (number, text)
            for number, _, text in self.texts([n for n in {r.text for r in gone} if not places[n]])
        ]

    def forget(
        self, numbers: Sequence[int], held: npt.NDArray[np.uint64], of_texts: npt.NDArray[np.intp]
    ) -> None:
        """Remove texts with their anchors; split clusters that only they connected."""
        if not numbers:
            return
        self._anchors.remove(held, of_texts)
        broken = {row.cluster for row in self._rows.having([texts.c.number, texts.c.cluster], numbers)}
        self._rows.delete(texts.c.number, numbers)
        self._rows.delete(links.c.a, numbers)
        self._rows.delete(links.c.b, numbers)
        self._rows.delete(clusters.c.cluster, sorted(broken))
        left = [row.number for row in self._rows.having([texts.c.cluster, texts.c.number], sorted(broken))]
        self._move(((number, number) for number in left), texts.c.number)
        kept = self._rows.having([links.c.a, links.c.b, links.c.relation], left)
        self._unite([(row.a, row.b) for row in kept if row.relation == RelationKind.SAME])
        self._touch(left)

    # Clusters

    def _apply_rule(self) -> None:
        """Have all survivors chosen again where the rule is not that of the last run."""
        rule = " ".join(self._survivor)
        if rule != self._rows.connection.execute(select(about.c.survivor)).scalar_one():
            self._rows.connection.execute(update(about).values(survivor=rule))
            self._touched.update(self._rows.connection.scalars(select(clusters.c.cluster)))

    def _unite(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Unite the clusters of each pair of texts under the least of their numbers."""
        numbers = {number for pair in pairs for number in pair}
        of = {number: number for number in numbers} | self.clusters(numbers)
        parent = {cluster: cluster for cluster in of.values()}

        def root(cluster: int) -> int:
            while parent[cluster] != cluster:
                parent[cluster] = cluster = parent[parent[cluster]]
            return cluster

        for a, b in pairs:
            one, other = sorted((root(of[a]), root(of[b])))
            parent[other] = one
        moved = [(cluster, root(cluster)) for cluster in parent if root(cluster) != cluster]
        self._move(moved, texts.c.cluster)
        self._rows.delete(clusters.c.cluster, [cluster for cluster, _ in moved])
        self._touched -= {cluster for cluster, _ in moved}
        self._touched |= {root(cluster) for cluster in parent}

    def _move(self, pairs: Iterable[tuple[int, int]], column: Column[int]) -> None:
        """Set the cluster of texts, from pairs (value of `column`, cluster)."""
        statement = update(texts).where(column == bindparam("of")).values(cluster=bindparam("to"))
        self._rows.many(statement, ("of", "to"), pairs)

    def _touch(self, numbers: Sequence[int]) -> None:
        of = self.clusters(numbers)
        self._touched |= {of.get(number, number) for number in numbers}

    # SQL

    @property
    def _rows(self) -> Rows:
        return self._inside()[0]

    @property
    def _anchors(self) -> Anchors:
        return self._inside()[1]

    def _inside(self) -> tuple[Rows, Anchors]:
        if self._open is None:
            raise RuntimeError("the relation index is used outside its transaction")
        return self._open

    def _places(self, numbers: Iterable[int]) -> Counter[int]:
        """Return one more than the last copy number of each text; 0 where no document holds it."""
        wanted = self._rows.listed(documents.c.text, numbers).subquery()
        # Asked for each text alone, the index answers; grouped, all documents of a text would be walked.
        highest = select(func.max(documents.c.copy_number)).where(documents.c.text == wanted.c.value)
        rows = self._rows.connection.execute(select(wanted.c.value, highest.scalar_subquery())).all()
        return Counter({number: last + 1 for number, last in rows if last is not None})


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
