"""Written migrations of the ledger: what brings its database from one version to the next.

A step may be done twice: the version is written after it, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, insert

from output.sql.tables import LEDGER_VERSION, about, acceptances, tombstones


def _withdrawals(connection: Connection) -> None:
    """1 → 2: tombstones of withdrawn URLs, which a version that does not know them would crawl again."""
    tombstones.create(connection, checkfirst=True)
    acceptances.create(connection, checkfirst=True)


# The version that each one leads to.
MIGRATIONS: dict[int, Callable[[Connection], None]] = {2: _withdrawals}


def migrate(connection: Connection, version: int) -> None:
    """Bring the tables from that version to today's."""
    for step in range(version + 1, LEDGER_VERSION + 1):
        MIGRATIONS[step](connection)
    connection.execute(delete(about))
    connection.execute(insert(about).values(version=LEDGER_VERSION))
