"""The relation index in SQL: what relating remembers of every document kept, beside the ledger's own tables.

A text stands once, whatever number of documents hold it; anchors lead to texts, links join them, clusters
are texts that are the same. SQLite and PostgreSQL by the same code. Every statement of a run belongs to
one transaction: `RelationIndex.transaction`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import zstandard
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from output.records import Relation, RelationKind
from output.relation_lines import NAMED, relations
from output.relation_tables import (
    anchors,
    clusters,
    counter,
    documents,
    fresh_anchors,
    links,
    metadata,
    texts,
)

# Rows of fresh anchors, at least and as a share of the settled ones, from which on they are poured together:
# each then is written about log n times instead of dirtying a page alone.
_FRESH, _FRESH_SHARE = 500_000, 0.05
# Pages that SQLite keeps in memory: more than the fresh anchors fill.
_CACHE_KIB = 64 * 1024


class RelationIndex:
    """The index in a database; makes its tables where they are not. It is a `cleaning.relate.Index`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert: Any = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        self._compress = zstandard.ZstdCompressor(level=1).compress
        self._decompress = zstandard.ZstdDecompressor().decompress
        self._connection: Connection | None = None
        self._touched: set[int] = set()
        with engine.begin() as connection:
            metadata.create_all(connection)
            connection.execute(
                self._insert(counter).values(only=0, next=0, fresh=0, settled=0).on_conflict_do_nothing()
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One run's work: all of it is kept, or none. Only one at a time can be open on a database."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")
            # Written to before anything is read, so that a second writer waits here and not later.
            connection.execute(update(counter).values(next=counter.c.next))
            self._connection, self._touched = connection, set()
            try:
                yield
            finally:
                self._connection = None

    # Looking up

    def versions(self, ids: Sequence[str]) -> dict[str, str]:
        """The versions of the documents that are known, by id."""
        return {row.id: row.version for row in self._rows([documents.c.id, documents.c.version], ids)}

    def twins(self, fingerprints: Sequence[int]) -> dict[int, int]:
        """Fingerprint → number of the text that has it."""
        rows = self._rows([texts.c.fingerprint, texts.c.number], fingerprints)
        return {row.fingerprint: row.number for row in rows}

    def texts(self, numbers: Sequence[int]) -> Iterator[tuple[int, str, str]]:
        """Number, facts and text of each."""
        for row in self._rows([texts.c.number, texts.c.facts, texts.c.body], numbers):
            yield row.number, row.facts, self._decompress(row.body).decode("utf-8", "surrogatepass")

    def sharing(self, wanted: Sequence[int]) -> Iterable[tuple[int, int]]:
        """Anchor and number of text, for the texts that hold these anchors."""
        rows: Sequence[Any] = [
            row
            for table in (fresh_anchors, anchors)
            for row in self._rows([table.c.anchor, table.c.text], wanted)
        ]
        return rows

    def clusters(self, numbers: Iterable[int]) -> dict[int, int]:
        """The cluster of each text; texts that are the same have one."""
        return dict(tuple(row) for row in self._rows([texts.c.number, texts.c.cluster], numbers))

    def relations(self, run_id: str | None = None) -> Iterator[Relation]:
        """All relations that stand, or those that a run brought or changed."""
        return relations(self._sql, run_id)

    # Adding

    def take_numbers(self, count: int) -> range:
        """So many numbers, rising, that no text has or had."""
        taken = update(counter).values(next=counter.c.next + count).returning(counter.c.next)
        end: int = self._sql.execute(taken).scalar_one()
        return range(end - count, end)

    def add(
        self,
        new_texts: Sequence[tuple[int, int, str, str]],
        new_documents: Sequence[tuple[str, str, int, str, str]],
    ) -> None:
        """Adds texts (number, fingerprint, facts, text), documents (id, version, number, rank, run)."""
        names = ("number", "fingerprint", "facts", "cluster", "body")
        bodies = ((n, f, facts, n, self._compress(_utf8(text))) for n, f, facts, text in new_texts)
        self._many(insert(texts), names, bodies)
        places = self._places({number for _, _, number, _, _ in new_documents})
        rows = []
        for document in new_documents:
            rows.append((*document, places[document[2]]))
            places[document[2]] += 1
        self._many(insert(documents), ("id", "version", "text", "rank", "run_id", "twin"), rows)
        self._touch([number for number, count in places.items() if count > 1])

    def anchor(self, held: Mapping[int, Sequence[int]]) -> None:
        """Adds the anchors that texts hold, by number of text."""
        each = self._each(bindparam("held", type_=Text), BigInteger())
        rows = select(each, bindparam("of", type_=BigInteger))
        statement = insert(fresh_anchors).from_select(["anchor", "text"], rows)
        self._many(statement, ("of", "held"), ((n, json.dumps(own)) for n, own in held.items() if own))
        added = sum(map(len, held.values()))
        self._sql.execute(update(counter).values(fresh=counter.c.fresh + added))

    def link(self, found: Sequence[tuple[int, int, RelationKind, float, str]], run_id: str) -> None:
        """Adds links (a, b, relation, score, rule), and unites the clusters of texts that are the same."""
        rows = []
        for a, b, relation, score, rule in found:
            ends = (min(a, b), max(a, b)) if relation is RelationKind.SAME else (a, b)
            rows.append((*ends, relation.value, score, rule, run_id))
        self._many(insert(links), ("a", "b", "relation", "score", "rule", "run_id"), rows)
        self._unite([(a, b) for a, b, relation, _, _ in found if relation is RelationKind.SAME])

    def settle(self, run_id: str) -> None:
        """Chooses the survivor of each cluster that this transaction touched."""
        order = func.row_number().over(
            partition_by=texts.c.cluster, order_by=(documents.c.rank, documents.c.text, documents.c.twin)
        )
        size = func.count().over(partition_by=texts.c.cluster)
        ranked = select(
            texts.c.cluster, documents.c.id, documents.c.run_id, order.label("place"), size.label("size")
        ).join(documents, documents.c.text == texts.c.number)
        standing = {
            row.cluster: row.survivor
            for row in self._rows([clusters.c.cluster, clusters.c.survivor], sorted(self._touched))
        }
        inner = ranked.where(texts.c.cluster.in_(self._listed(texts.c.cluster, self._touched))).subquery()
        first = self._sql.execute(select(inner).where(inner.c.place == 1, inner.c.size > 1)).all()
        # A star is told anew when its survivor is another, or another version.
        chosen = [
            (row.cluster, row.id, run_id)
            for row in first
            if standing.pop(row.cluster, None) != row.id or row.run_id == run_id
        ]
        self._delete(clusters.c.cluster, [*standing, *(cluster for cluster, _, _ in chosen)])
        self._many(insert(clusters), ("cluster", "survivor", "run_id"), chosen)
        # Stars that changed outside of any run, when a document was withdrawn, are told in the next one.
        untold = update(clusters).where(clusters.c.run_id == "")
        self._sql.execute(untold.values(run_id=run_id))
        self._touched = set()
        self._pour()

    def _pour(self) -> None:
        """Moves fresh anchors to the settled ones, when they are enough to be worth a walk through all."""
        fresh, settled = self._sql.execute(select(counter.c.fresh, counter.c.settled)).one()
        if fresh > max(_FRESH, settled * _FRESH_SHARE):
            rows = select(fresh_anchors.c.anchor, fresh_anchors.c.text).order_by(fresh_anchors.c.anchor)
            self._sql.execute(insert(anchors).from_select(["anchor", "text"], rows))
            self._sql.execute(delete(fresh_anchors))
            self._sql.execute(update(counter).values(fresh=0, settled=settled + fresh))

    # Taking out

    def withdraw(self, ids: Sequence[str]) -> list[tuple[int, str]]:
        """Takes documents out; gives the texts that no document holds any more, as (number, text)."""
        gone = list(self._rows([documents.c.id, documents.c.text, documents.c.twin], ids))
        self._delete(documents.c.id, ids)
        places = self._places({row.text for row in gone})
        for row in gone:
            if row.twin < NAMED <= places[row.text] - 1:
                last = documents.c.text == row.text, documents.c.twin == places[row.text] - 1
                self._sql.execute(update(documents).where(*last).values(twin=row.twin))
                places[row.text] = self._places({row.text})[row.text]
        self._touch([number for number, count in places.items() if count])
        return [
            (number, text)
            for number, _, text in self.texts([n for n in {r.text for r in gone} if not places[n]])
        ]

    def forget(self, held: Mapping[int, Sequence[int]]) -> None:
        """Takes out texts, given with their anchors; clusters that only they held together fall apart."""
        numbers = sorted(held)
        if not numbers:
            return
        each = select(self._each(bindparam("held", type_=Text), BigInteger()))
        rows = [(number, json.dumps(own)) for number, own in held.items()]
        for table in (fresh_anchors, anchors):
            found = table.c.anchor.in_(each), table.c.text == bindparam("of")
            self._many(delete(table).where(*found), ("of", "held"), rows)
        broken = {row.cluster for row in self._rows([texts.c.number, texts.c.cluster], numbers)}
        self._delete(texts.c.number, numbers)
        self._delete(links.c.a, numbers)
        self._delete(links.c.b, numbers)
        self._delete(clusters.c.cluster, sorted(broken))
        left = [row.number for row in self._rows([texts.c.cluster, texts.c.number], sorted(broken))]
        self._move(((number, number) for number in left), texts.c.number)
        kept = self._rows([links.c.a, links.c.b, links.c.relation], left)
        self._unite([(row.a, row.b) for row in kept if row.relation == RelationKind.SAME])
        self._touch(left)

    # Clusters

    def _unite(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Gives the clusters of each pair of texts one name, the least of them."""
        of = self.clusters({number for pair in pairs for number in pair})
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
        self._delete(clusters.c.cluster, [cluster for cluster, _ in moved])
        self._touched -= {cluster for cluster, _ in moved}
        self._touched |= {root(cluster) for cluster in parent}

    def _move(self, pairs: Iterable[tuple[int, int]], column: Column[int]) -> None:
        """Sets the cluster of the texts that a column tells, from pairs (value of the column, cluster)."""
        statement = update(texts).where(column == bindparam("of")).values(cluster=bindparam("to"))
        self._many(statement, ("of", "to"), pairs)

    def _touch(self, numbers: Sequence[int]) -> None:
        self._touched |= set(self.clusters(numbers).values())

    # SQL

    @property
    def _sql(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the relation index is used outside its transaction")
        return self._connection

    def _places(self, numbers: Iterable[int]) -> Counter[int]:
        """One more than the last twin of each text; 0 where no document holds it."""
        held = documents.c.text.in_(self._listed(documents.c.text, numbers))
        rows = select(documents.c.text, func.max(documents.c.twin)).where(held).group_by(documents.c.text)
        return Counter({number: twin + 1 for number, twin in self._sql.execute(rows).all()})

    def _rows(self, columns: Sequence[Column[Any]], values: Iterable[Any]) -> Sequence[Row[Any]]:
        """The rows whose first column is one of the values."""
        wanted = columns[0].in_(self._listed(columns[0], values))
        return self._sql.execute(select(*columns).where(wanted)).all()

    def _delete(self, column: Column[Any], values: Iterable[Any]) -> None:
        self._sql.execute(delete(column.table).where(column.in_(self._listed(column, values))))

    def _listed(self, column: Column[Any], values: Iterable[Any]) -> Select[Any]:
        listed = literal(json.dumps(list(values), ensure_ascii=False), Text)
        return select(self._each(listed, column.type))

    def _each(self, listed: Any, kind: TypeEngine[Any]) -> ColumnElement[Any]:
        """The values of a JSON array as rows: one parameter and one statement, whatever their number."""
        if self._sql.dialect.name == "postgresql":
            rows = func.jsonb_array_elements_text(cast(listed, JSONB)).table_valued("value")
        else:
            rows = func.json_each(listed).table_valued("value")
        return cast(rows.c.value, kind)

    def _many(self, statement: Any, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        if parameters := [dict(zip(names, row, strict=True)) for row in rows]:
            self._sql.execute(statement, parameters)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
