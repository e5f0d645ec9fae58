"""The relations between the documents of a JSON Lines file: what `tamis dedupe` does.

One document a line: `id`, `text`, and where they are known `language`, `title`, `document_number`,
`issuer_id`, `date_published`, `date_issued`, `date_effective`, `source_id`, `access`. Memory does not grow
with the file: documents are read as they are related, and the index lies in a temporary file.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event

from cleaning.relations.relate import Relater, batches
from cleaning.relations.types import Candidate
from flows.extract.atomic_output import refuse_overwriting, whole
from output.base.errors import UsageError
from output.base.records import Access
from output.base.relations import Relation
from output.formats.jsonl import read_jsonl, well_formed, write_jsonl
from output.relations.index import RelationIndex
from output.relations.survivor import DEFAULT_SURVIVOR_RULE

_TEXTS = ("language", "title", "source_id")
_ACCESS = set(Access)
_TEXTS_OR_NONE = ("document_number", "issuer_id", "date_published", "date_issued", "date_effective")


def dedupe_file(file: Path, output: Path, survivor: Sequence[str] = DEFAULT_SURVIVOR_RULE) -> dict[str, int]:
    """Writes the relations of a file's documents as lines {"a", "b", "relation", "score", "rule"}, the
    survivors chosen by a rule of output.relations.survivor.

    Returns how many documents there are, and how many relations of each kind. `output` appears whole or not
    at all. Raises UsageError naming the line for what is no document, the id that two lines have, or an
    output that is the file itself; StorageError where `output` cannot be written.
    """
    refuse_overwriting([file], [output])
    counts = Counter(documents=0)
    engine = _scratch()
    try:
        index = RelationIndex(engine, survivor)
        with whole(output) as stream, index.transaction():
            relater = Relater(index)
            for batch in batches(_candidates(file)):
                _refuse_repeated(file, batch, index)
                relater.relate(batch)
                counts["documents"] += len(batch)
            index.settle("")
            write_jsonl(_lines(index.relations(), counts), stream)
    finally:
        engine.dispose()
    return dict(counts)


def _candidates(file: Path) -> Iterator[Candidate]:
    for number, line in read_jsonl(file):
        where = f"{file}:{number}"
        if not isinstance(line, dict):
            raise UsageError(f"{where}: not a JSON object; a line is a document with `id` and `text`")
        id_ = line.get("id")
        if isinstance(id_, bool) or not isinstance(id_, str | int):
            raise UsageError(
                f"{where}: `id` is {'missing' if id_ is None else 'no text and no whole number'}"
            )
        text = line.get("text")
        if not isinstance(text, str):
            raise UsageError(
                f"{where}: `text` of document {id_!r} is {'missing' if text is None else 'no text'}"
            )
        names = (*_TEXTS, *_TEXTS_OR_NONE)
        known: dict[str, Any] = {
            name: well_formed(line[name]) for name in names if isinstance(line.get(name), str)
        }
        access = line.get("access")
        verdict = Access(access) if isinstance(access, str) and access in _ACCESS else Access.UNKNOWN
        # No version is asked for: ids do not repeat, and the index ends with the file.
        yield Candidate(well_formed(str(id_)), "", text, access=verdict, **known)


def _refuse_repeated(file: Path, batch: Sequence[Candidate], index: RelationIndex) -> None:
    ids = Counter(candidate.id for candidate in batch)
    repeated = [*index.versions(list(ids)), *(id_ for id_, count in ids.items() if count > 1)]
    if repeated:
        raise UsageError(f"{file}: two lines have the id {repeated[0]!r}; give each document its own")


def _lines(relations: Iterator[Relation], counts: Counter[str]) -> Iterator[dict[str, Any]]:
    for relation in relations:
        counts[relation.relation.value] += 1
        yield {
            "a": relation.a,
            "b": relation.b,
            "relation": relation.relation.value,
            "score": round(relation.score, 4),
            "rule": relation.rule,
        }


def _scratch() -> Engine:
    """A database that nobody will miss: no journal, and in SQLite's own temporary file where memory ends."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
