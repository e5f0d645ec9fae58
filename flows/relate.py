"""Relations between documents outside a dataset: shared by `tamis dedupe` and `tamis.relate`.

The index is in a temporary database, so that memory does not grow with the number of documents.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event

from cleaning.relations.relate import Relater, batches
from cleaning.relations.types import Candidate
from output.base.errors import UsageError
from output.base.records import Access
from output.base.relations import Relation
from output.formats.jsonl import well_formed
from output.relations.index import RelationIndex
from output.relations.survivor import DEFAULT_SURVIVOR_RULE

_OPTIONAL_TEXTS = (
    "language", "title", "source_id", "document_number", "issuer_id", "date_published", "date_issued",
    "date_effective",
)  # fmt: skip
# The values that `candidate` reads.
FIELDS = ("id", "text", "access", *_OPTIONAL_TEXTS)
_ACCESS = set(Access)


def related(
    candidates: Iterable[Candidate], repeated: str, survivor: Sequence[str] = DEFAULT_SURVIVOR_RULE
) -> Iterator[Relation]:
    """Yield all relations between the candidates, with survivors by a rule of output.relations.survivor.

    Raises UsageError where two have the same id; `repeated` begins its message ("FILE: two lines").
    """
    engine = _temporary_database()
    try:
        index = RelationIndex(engine, survivor)
        with index.transaction():
            relater = Relater(index)
            for batch in batches(candidates):
                _refuse_repeated(batch, index, repeated)
                relater.relate(batch)
            index.settle("")
            yield from index.relations()
    finally:
        engine.dispose()


def candidate(values: Mapping[str, Any], where: str) -> Candidate:
    """Return a candidate from a document's values by name; `id` and `text` are required.

    An optional value of the wrong type counts as missing. Raises UsageError that begins with `where`.
    """
    id_, text = values.get("id"), values.get("text")
    if isinstance(id_, bool) or not isinstance(id_, str | int):
        raise UsageError(
            f"{where}: `id` is {'missing' if id_ is None else 'neither a string nor a whole number'}"
        )
    if not isinstance(text, str):
        raise UsageError(
            f"{where}: `text` of document {id_!r} is {'missing' if text is None else 'not a string'}"
        )
    known: dict[str, Any] = {
        name: well_formed(value) for name in _OPTIONAL_TEXTS if isinstance(value := values.get(name), str)
    }
    access = values.get("access")
    verdict = Access(access) if isinstance(access, str) and access in _ACCESS else Access.UNKNOWN
    # The version may be empty: ids do not repeat, and the index ends with the documents.
    return Candidate(well_formed(str(id_)), "", text, access=verdict, **known)


def _refuse_repeated(batch: Sequence[Candidate], index: RelationIndex, repeated: str) -> None:
    ids = Counter(candidate.id for candidate in batch)
    twice = [*index.states(list(ids)), *(id_ for id_, count in ids.items() if count > 1)]
    if twice:
        raise UsageError(f"{repeated} have the id {twice[0]!r}; give each document its own")


def _temporary_database() -> Engine:
    """Create a database without a journal, in SQLite's own temporary file where it outgrows memory."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
