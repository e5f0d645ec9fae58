"""The ledger's SQL statements, compiled once for its database, and helpers for both dialects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import Insert

from output.ledger.sql.tables import archive_files, documents, pages, tombstones, visits

_VISIT = and_(visits.c.run_id == bindparam("of_run"), visits.c.url == bindparam("of_url"))
_PAGE = and_(pages.c.source_id == bindparam("of_source"), pages.c.url == bindparam("of_url"))
_OUTCOME = ("outcome", "reason", "detail")
_RECORD = ("status", "file", "offset", "length", "record", "sha256", "body_bytes", "fetched_at")
# Databases bound the length of a statement, and so the values in it.
_MAX_VALUES = 500


class Prepared:
    """A statement that is compiled once and given to the database as text.

    SQLAlchemy compiles an upsert each time it is executed, which took a tenth of the time of a page.
    """

    def __init__(self, engine: Engine, statement: ClauseElement) -> None:
        compiled = statement.compile(engine)
        self._text = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}

    def execute(self, connection: Connection, parameters: Mapping[str, Any]) -> CursorResult[Any]:
        """Execute it with these parameters."""
        return connection.exec_driver_sql(self._text, {**self._constants, **parameters})

    def execute_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> CursorResult[Any]:
        """Execute it once for each row; there must be at least one."""
        return connection.exec_driver_sql(self._text, [{**self._constants, **row} for row in rows])


class Statements:
    """The statements that are executed for each page."""

    def __init__(self, engine: Engine) -> None:
        def prepared(statement: ClauseElement) -> Prepared:
            return Prepared(engine, statement)

        # Not prepared: SQLAlchemy inserts many rows at once, and returns which of them are new.
        self.schedule = insert_for(engine)(visits).on_conflict_do_nothing().returning(visits.c.url)
        self.known = prepared(select(pages).where(_PAGE))
        is_withdrawn = or_(tombstones.c.url == bindparam("of_url"), tombstones.c.url == bindparam("hashed"))
        self.forgotten = prepared(select(literal(1)).where(is_withdrawn).limit(1))
        self.settle = prepared(update(visits).where(_VISIT).values(_parameters(_OUTCOME)))
        self.archived = prepared(
            update(visits).where(_VISIT).values(_parameters(_OUTCOME + _RECORD)).returning(visits.c.kind)
        )
        self.page = prepared(upsert(engine, pages, _same_body))
        self.page_not_modified = prepared(
            update(pages)
            .where(_PAGE)
            .values(
                checked_at=bindparam("at"),
                etag=_unless_empty("new_etag", pages.c.etag),
                last_modified=_unless_empty("new_last_modified", pages.c.last_modified),
                ended="",
                ended_run="",
            )
        )
        self.page_settled = prepared(update(pages).where(_PAGE).values(settled=True))
        self.page_ended = prepared(
            update(pages)
            .where(_PAGE, pages.c.ended != bindparam("end"))
            .values(ended=bindparam("end"), ended_run=bindparam("of_run"))
        )
        self.page_left = prepared(update(pages).where(_PAGE, pages.c.ended != "").values(settled=False))
        self.document = prepared(upsert(engine, documents))
        self.document_gone = prepared(
            delete(documents)
            .where(documents.c.source_id == bindparam("of_source"), documents.c.id == bindparam("of_id"))
            .returning(documents.c.url)
        )
        self.file_closed = prepared(upsert(engine, archive_files))


def insert_for(bind: Connection | Engine) -> Any:
    """Return the dialect's `insert`, with `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return postgresql.insert if bind.dialect.name == "postgresql" else sqlite.insert


def in_chunks(values: Collection[str]) -> Iterator[list[str]]:
    """Yield the values in their order, as many at a time as one statement takes."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _MAX_VALUES):
        yield ordered[start : start + _MAX_VALUES]


def upsert(
    bind: Connection | Engine, table: Table, merged: Callable[[Any], Mapping[str, Any]] = lambda _: {}
) -> Insert:
    """Return a statement that inserts a row, or replaces the one with its key.

    `merged` is given the new row's columns and returns those values that do not simply replace the old ones.
    """
    insert = insert_for(bind)(table)
    replaced = {
        column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key
    }
    replaced |= merged(insert.excluded)
    statement: Insert = insert.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key], set_=replaced
    )
    return statement


def _parameters(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def _unless_empty(parameter: str, old: Any) -> Any:
    return func.coalesce(func.nullif(bindparam(parameter), ""), old)


def _same_body(new: Any) -> dict[str, Any]:
    """Keep the time of its record for a body that came again, and that it is settled."""
    same_record = and_(pages.c.file == new.file, pages.c.offset == new.offset)
    return {
        "fetched_at": case((same_record, pages.c.fetched_at), else_=new.fetched_at),
        "settled": or_(new.settled, and_(pages.c.settled, pages.c.sha256 == new.sha256)),
    }
