"""Migrations of the ledger's database from one version to the next.

A step may be done twice: the version is written after it, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, inspect

from output.ledger.sql.tables import (
    LEDGER_VERSION,
    about,
    acceptances,
    deferred_visits,
    pages,
    runs,
    tombstones,
)


def _add_withdrawals(connection: Connection) -> None:
    """Migrate 1 → 2: tombstones of withdrawn URLs, which an older version would crawl again."""
    tombstones.create(connection, checkfirst=True)
    acceptances.create(connection, checkfirst=True)


def _add_ended(connection: Connection) -> None:
    """Migrate 2 → 3: why a site no longer gives a page; without it, what opts out later is cleaned again."""
    _add_texts(connection, pages.name, "ended", "ended_run")


def _add_places(connection: Connection) -> None:
    """Migrate 4 → 5: where a run's archive lies, by which another machine's is recognised."""
    _add_texts(connection, runs.name, "archive")


def _add_texts(connection: Connection, table: str, *names: str) -> None:
    present = {column["name"] for column in inspect(connection).get_columns(table)}
    for name in {*names} - present:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")


def _add_deferred(connection: Connection) -> None:
    """Migrate 3 → 4: the outcome `deferred`, which an older version does not know."""
    deferred_visits.create(connection, checkfirst=True)


# Migrations by the version that they lead to.
MIGRATIONS: dict[int, Callable[[Connection], None]] = {
    2: _add_withdrawals,
    3: _add_ended,
    4: _add_deferred,
    5: _add_places,
}


def migrate(connection: Connection, version: int) -> None:
    """Bring the tables from `version` to today's."""
    for step in range(version + 1, LEDGER_VERSION + 1):
        MIGRATIONS[step](connection)
    connection.execute(delete(about))
    connection.execute(insert(about).values(version=LEDGER_VERSION))
