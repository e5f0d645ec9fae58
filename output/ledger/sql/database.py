"""The SQL database of the ledger: its connections, its schema version, and errors with advice."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, Select, create_engine, event, insert, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.sql.elements import ColumnElement

from output.base.errors import NewerFormat, StorageError, UsageError
from output.ledger.sql.migrations import migrate
from output.ledger.sql.tables import LEDGER_VERSION, about, metadata

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A writer waits so long for another's lock. Transactions last milliseconds, a checkpoint seconds.
LOCK_SECONDS = 30

# A server that restarts is back within seconds, one that recovers from a crash within a minute. It is asked
# again after pauses that double from the first to the last.
PATIENCE_SECONDS = 60.0
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.25, 8.0

# Words of a server that answers, and takes connections again in a moment; any other refusal stays.
_BRIEF_REFUSALS = (
    "starting up", "shutting down", "recovery mode", "not yet accepting", "too many clients",
)  # fmt: skip

# Rows that a paged query reads at once.
ROWS_PER_QUERY = 1000

# Words of the database's message, and what to do about it.
_ADVICE = {
    "locked": "another process keeps it locked: find that process, or wait, then run the same command again",
    "full": "the disk is full: make room, then run the same command again, which goes on from there",
    "malformed": "the file is damaged: restore it from a copy; archive and dataset are not touched by this",
    "not a database": "this file is no ledger: give another data folder, or move the file away",
    "readonly": "the file or its folder cannot be written: fix the permissions, then run the command again",
    "unable to open": "the file cannot be opened: see that its folder exists and can be written",
    "connection": "see that its server runs and that the URL in stores.toml is right, then run the same "
    "command again, which goes on from there",
    "disk i/o error": "the disk cannot be read or written: see that it has room and is sound, then run again",
}


class Database:
    """A database and its transactions: SQLite for a path, else the database of the URL."""

    def __init__(self, url_or_path: str | Path) -> None:
        """Open it and make its tables. Raises StorageError, NewerFormat, and UsageError for a bad URL."""
        text = str(url_or_path)
        try:
            url = make_url(text) if "://" in text else make_url("sqlite://").set(database=text)
            if url.get_backend_name() not in ("sqlite", "postgresql"):
                raise UsageError("the ledger's URL must begin with sqlite:// or postgresql://")
            sqlite = url.get_backend_name() == "sqlite"
            if sqlite and url.database in (None, "", ":memory:"):
                raise UsageError("the ledger's URL names no file, and would keep nothing: sqlite:///FILE")
            # Parameters by name, as psycopg takes them too, for statements that are handed over as text.
            options = {"connect_args": {"timeout": LOCK_SECONDS}, "paramstyle": "named"} if sqlite else {}
            self.engine = create_engine(url, **options)
        except (ArgumentError, NoSuchModuleError) as error:
            raise UsageError(f"the ledger's URL cannot be used: {error}") from error
        except ValueError as error:
            raise UsageError("the ledger's URL cannot be used: its host or port cannot be read") from error
        except ModuleNotFoundError as error:
            raise UsageError(
                f"the ledger's URL asks for the package {error.name}, which is not installed"
            ) from error
        self.name = url.database if sqlite else url.render_as_string(hide_password=True)
        self._is_given_up = False
        self._reading = self.engine.execution_options(tamis_reads=True)
        if sqlite:
            _configure_sqlite(self.engine)
        try:
            self._prepare()
        except BaseException:
            self.engine.dispose()
            raise

    def write(self, unit: Callable[[Connection], T]) -> T:
        """Do a unit in a transaction that may write; see `attempt`. Raises StorageError."""
        return self.attempt(lambda: _in_transaction(self.engine, unit))

    def read(self, unit: Callable[[Connection], T]) -> T:
        """Do a unit in a transaction that only reads, and never waits for a writer. Raises StorageError."""
        return self.attempt(lambda: _in_transaction(self._reading, unit))

    def attempt(self, unit: Callable[[], T]) -> T:
        """Do a unit; where the database went away, wait for it and do the unit once more.

        A transaction that was cut is rolled back, unless its commit had just arrived. So a unit must give the
        same when it is repeated. Raises StorageError for any other failure, and where the database stays
        away; from then on, no unit waits until one succeeds.
        """
        deadline = time.monotonic() + (0 if self._is_given_up else PATIENCE_SECONDS)
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                result = unit()
            except (DBAPIError, sqlite3.Error) as error:
                self._is_given_up = _is_away(error)
                if not self._is_given_up or time.monotonic() + pause > deadline:
                    raise self._storage_error(error) from error
                logger.warning("%s; trying again in %.1f s", self._storage_error(error), pause)
                time.sleep(pause)
                pause = min(2 * pause, LAST_PAUSE_SECONDS)
            else:
                self._is_given_up = False
                return result

    def rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """Return all rows of a query."""
        return self.read(lambda connection: connection.execute(query).all())

    def paged(self, query: Select[Any], key: ColumnElement[str]) -> Iterator[Row[Any]]:
        """Yield the rows of a query by a key of theirs; no transaction stays open in between."""
        after = None
        while True:
            page = query.order_by(key).limit(ROWS_PER_QUERY)
            rows = self.rows(page if after is None else page.where(key > after))
            yield from rows
            if len(rows) < ROWS_PER_QUERY:
                return
            after = rows[-1].url

    def _storage_error(self, error: DBAPIError | sqlite3.Error) -> StorageError:
        message = str(error.orig if isinstance(error, DBAPIError) else error).strip()
        advice = next(
            (advice for words, advice in _ADVICE.items() if words in message.lower()),
            "see the database's own log",
        )
        return StorageError(f"the ledger {self.name} failed ({message}): {advice}")

    def _prepare(self) -> None:
        version = self.read(_version)
        if version is None:
            version = self.write(_create)
        if version > LEDGER_VERSION:
            raise NewerFormat(
                f"the ledger {self.name} has version {version}, this Tamis knows {LEDGER_VERSION}: "
                "install a newer Tamis"
            )
        if version < LEDGER_VERSION:
            self.write(lambda connection: migrate(connection, _version(connection) or LEDGER_VERSION))


def _in_transaction(engine: Engine, unit: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return unit(connection)


def _is_away(error: DBAPIError | sqlite3.Error) -> bool:
    """Whether a server could not be reached, refuses connections for the moment, or cut one.

    SQLAlchemy tells which connections were cut; for one that was not made, only the message tells why.
    """
    if not isinstance(error, DBAPIError) or isinstance(error.orig, sqlite3.Error):
        return False
    message = str(error.orig)
    is_unreachable = "connection failed" in message or "failed to resolve" in message
    is_refused = "FATAL" in message and not any(words in message for words in _BRIEF_REFUSALS)
    return error.connection_invalidated or (is_unreachable and not is_refused)


def _create(connection: Connection) -> int:
    """Make the tables, unless another process has made them; return their version."""
    metadata.create_all(connection)
    version = _version(connection)
    if version is None:
        version = LEDGER_VERSION
        connection.execute(insert(about).values(version=version))
    return version


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(about.name):
        return None
    return connection.execute(select(about.c.version).order_by(about.c.version.desc()).limit(1)).scalar()


def _configure_sqlite(engine: Engine) -> None:
    """Use a write-ahead log, and let SQLAlchemy alone begin transactions.

    Writers take the lock when they begin. Otherwise they fail where another wrote after their first read.
    """

    @event.listens_for(engine, "connect")
    def connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        dbapi_connection.execute("PRAGMA journal_mode=WAL")
        dbapi_connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("tamis_reads", False)
        driver: Any = connection.connection.dbapi_connection
        driver.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
