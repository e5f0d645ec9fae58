"""The ledger's statements, built once for its database, in the dialect that it speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, Table, and_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from output.sql.tables import archive_files, documents, pages, visits

_VISIT = and_(visits.c.run_id == bindparam("of_run"), visits.c.url == bindparam("of_url"))
_PAGE = and_(pages.c.source_id == bindparam("of_source"), pages.c.url == bindparam("of_url"))
_OUTCOME = ("outcome", "reason", "detail")
_RECORD = ("status", "file", "offset", "length", "record", "sha256", "body_bytes", "fetched_at")


class Statements:
    """What is executed for each page; a statement that is built once is also compiled once."""

    def __init__(self, engine: Engine) -> None:
        self.known = select(pages).where(_PAGE)
        self.schedule = insert_for(engine)(visits).on_conflict_do_nothing().returning(visits.c.url)
        self.settle = update(visits).where(_VISIT).values(_given(_OUTCOME))
        self.archived = (
            update(visits).where(_VISIT).values(_given(_OUTCOME + _RECORD)).returning(visits.c.kind)
        )
        self.page = upsert(engine, pages, _same_body)
        self.page_not_modified = (
            update(pages)
            .where(_PAGE)
            .values(
                checked_at=bindparam("at"),
                etag=_unless_empty("new_etag", pages.c.etag),
                last_modified=_unless_empty("new_last_modified", pages.c.last_modified),
            )
        )
        self.page_settled = update(pages).where(_PAGE).values(settled=True)
        self.document = upsert(engine, documents)
        self.file_closed = upsert(engine, archive_files)


def insert_for(bind: Connection | Engine) -> Any:
    """The dialect's `insert`, with `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return postgresql.insert if bind.dialect.name == "postgresql" else sqlite.insert


def upsert(
    bind: Connection | Engine, table: Table, merged: Callable[[Any], Mapping[str, Any]] = lambda _: {}
) -> Insert:
    """A whole row put in, or put in the place of the one with its key.

    `merged` is given the new row's columns and returns what does not simply replace the old.
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


def _given(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def _unless_empty(parameter: str, old: Any) -> Any:
    return func.coalesce(func.nullif(bindparam(parameter), ""), old)


def _same_body(new: Any) -> dict[str, Any]:
    """A body that came again keeps the time of its record, and stays dealt with."""
    same_record = and_(pages.c.file == new.file, pages.c.offset == new.offset)
    return {
        "fetched_at": case((same_record, pages.c.fetched_at), else_=new.fetched_at),
        "settled": or_(new.settled, and_(pages.c.settled, pages.c.sha256 == new.sha256)),
    }
