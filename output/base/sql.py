"""Rows of a SQL table, copied from one database to another."""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, insert, select

ROWS_AT_ONCE = 500


def replace_rows(table: Table, source: Connection, target: Connection) -> None:
    """Replace the rows of a table by those of the same table in another database."""
    target.execute(delete(table))
    keys = [column.key for column in table.columns]
    for some in source.execute(select(table).execution_options(yield_per=ROWS_AT_ONCE)).partitions():
        target.execute(insert(table), [dict(zip(keys, row, strict=True)) for row in some])
