"""The SQL database of the ledger: its connections, its schema version, and errors with advice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, create_engine, event, insert, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.sql.elements import ColumnElement

from output.base.errors import NewerFormat, StorageError, UsageError
from output.ledger.sql.migrations import migrate
from output.ledger.sql.tables import LEDGER_VERSION, about, metadata

# A writer waits so long for another's lock. Transactions last milliseconds, a checkpoint seconds.
LOCK_SECONDS = 30

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
            # Parameters by name, as psycopg takes them too, for statements that are handed over as text.
            options = {"connect_args": {"timeout": LOCK_SECONDS}, "paramstyle": "named"} if sqlite else {}
            self.engine = create_engine(url, **options)
        except (ArgumentError, NoSuchModuleError) as error:
            raise UsageError(f"the ledger's URL cannot be used: {error}") from error
        except ModuleNotFoundError as error:
            raise UsageError(
                f"the ledger's URL asks for the package {error.name}, which is not installed"
            ) from error
        self.name = url.database if sqlite else url.render_as_string(hide_password=True)
        self._reading = self.engine.execution_options(tamis_reads=True)
        if sqlite:
            _configure_sqlite(self.engine)
        try:
            self._prepare()
        except BaseException:
            self.engine.dispose()
            raise

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may write. Raises StorageError."""
        with self._storage_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads, and never waits for a writer. Raises StorageError."""
        with self._storage_errors(), self._reading.begin() as connection:
            yield connection

    def paged(self, query: Select[Any], key: ColumnElement[str]) -> Iterator[Row[Any]]:
        """Yield the rows of a query by a key of theirs; no transaction stays open in between."""
        after = None
        while True:
            page = query.order_by(key).limit(ROWS_PER_QUERY)
            with self.reading() as connection:
                rows = connection.execute(page if after is None else page.where(key > after)).all()
            yield from rows
            if len(rows) < ROWS_PER_QUERY:
                return
            after = rows[-1].url

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            message = str(error.orig if isinstance(error, DBAPIError) else error).strip()
            advice = next(
                (advice for words, advice in _ADVICE.items() if words in message.lower()),
                "see the database's own log",
            )
            raise StorageError(f"the ledger {self.name} failed ({message}): {advice}") from error

    def _prepare(self) -> None:
        with self.reading() as connection:
            version = _version(connection)
        if version is None:
            with self.writing() as connection:
                metadata.create_all(connection)
                version = _version(connection)
                if version is None:
                    version = LEDGER_VERSION
                    connection.execute(insert(about).values(version=version))
        if version > LEDGER_VERSION:
            raise NewerFormat(
                f"the ledger {self.name} has version {version}, this Tamis knows {LEDGER_VERSION}: "
                "install a newer Tamis"
            )
        if version < LEDGER_VERSION:
            with self.writing() as connection:
                migrate(connection, _version(connection) or version)


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
