"""Written migrations of the ledger: what brings its database from one version to the next.

A step may be done twice: the version is written after it, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, inspect

from output.ledger.sql.tables import LEDGER_VERSION, about, acceptances, pages, tombstones


def _withdrawals(connection: Connection) -> None:
    """1 → 2: tombstones of withdrawn URLs, which a version that does not know them would crawl again."""
    tombstones.create(connection, checkfirst=True)
    acceptances.create(connection, checkfirst=True)


def _ends(connection: Connection) -> None:
    """2 → 3: why a page is no longer given; without it, what opts out later would be cleaned again."""
    there = {column["name"] for column in inspect(connection).get_columns(pages.name)}
    for name in {"ended", "ended_run"} - there:
        connection.exec_driver_sql(f"ALTER TABLE {pages.name} ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")


# The version that each one leads to.
MIGRATIONS: dict[int, Callable[[Connection], None]] = {2: _withdrawals, 3: _ends}


def migrate(connection: Connection, version: int) -> None:
    """Bring the tables from that version to today's."""
    for step in range(version + 1, LEDGER_VERSION + 1):
        MIGRATIONS[step](connection)
    connection.execute(delete(about))
    connection.execute(insert(about).values(version=LEDGER_VERSION))
