"""The ledger: what each run scheduled, fetched and made of it, and what is known of each URL over runs.

It is the frontier, the crawl state, the archive's index and the run history, in SQLite or PostgreSQL.
A record exists in the archive once `fetched` has committed its place; each scheduled URL ends with
one outcome. Any number of processes may use a ledger; a run is written by the one that holds its
source's lease.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from output.base.errors import UsageError
from output.base.records import Outcome, RunReport
from output.ledger.records import (
    FORGOTTEN,
    MOVED,
    OPT_OUT,
    Acceptance,
    ArchiveFile,
    Fetched,
    Known,
    RunRow,
    RunStatus,
    Scheduled,
    Settled,
    Tombstone,
    UrlState,
    Visit,
)
from output.ledger.sql import history, leases, outcomes, withdrawals
from output.ledger.sql.current_state import current_state, redirect_targets
from output.ledger.sql.database import Database
from output.ledger.sql.leases import LEASE_SECONDS
from output.ledger.sql.rows import (
    AnyRow,
    as_known,
    as_report,
    as_row,
    as_run,
    as_scheduled,
    as_url_state,
    as_visit,
)
from output.ledger.sql.statements import Statements
from output.ledger.sql.tables import archive_files, documents, pages, runs, visits

__all__ = [
    "FORGOTTEN",
    "MOVED",
    "OPT_OUT",
    "Acceptance",
    "ArchiveFile",
    "Fetched",
    "Known",
    "Ledger",
    "RunRow",
    "RunStatus",
    "Scheduled",
    "Settled",
    "Tombstone",
    "UrlState",
    "Visit",
]

# Rows a query: iterators hold no transaction open between two of them.
PAGE = 1000


class Ledger:
    """The ledger in a SQLite file or in the database that a URL names. Any method may raise StorageError."""

    def __init__(self, url_or_path: str | Path) -> None:
        """Open it, and make it where it is not there. Raises NewerFormat for one that a newer Tamis wrote."""
        self._database = Database(url_or_path)
        self._source_of: dict[str, str] = {}
        self._sql = Statements(self._database.engine)

    @property
    def engine(self) -> Engine:
        """The database, for tables that others keep beside the ledger's own."""
        return self._database.engine

    def close(self) -> None:
        """Close its connections; it opens new ones when it is used again."""
        self._database.engine.dispose()

    # Runs

    def open_run(self, source_id: str, *, now: datetime, run_id: str | None = None) -> tuple[str, bool]:
        """The source's unfinished run, or a new one: (run id, whether it goes on).

        Ids sort by time: the start in UTC, then the source. Raises UsageError for a `run_id` that
        has ended or is another source's.
        """
        with self._database.writing() as connection:
            return history.open_run(connection, source_id, now, run_id)

    def run(self, run_id: str) -> RunRow:
        """One run. Raises UsageError where there is none of that id."""
        with self._database.reading() as connection:
            row = connection.execute(select(runs).where(runs.c.run_id == run_id)).one_or_none()
        if row is None:
            raise UsageError(f"the ledger {self._database.name} holds no run {run_id}")
        return as_run(row)

    def runs(self, source_id: str | None = None, limit: int | None = None) -> list[RunRow]:
        """Runs, the newest first."""
        with self._database.reading() as connection:
            return [as_run(row) for row in history.listed(connection, source_id, limit)]

    def set_status(self, run_id: str, status: RunStatus, now: datetime, report_json: str = "") -> None:
        """Move a run on; a report, once given, stays until another is."""
        with self._database.writing() as connection:
            history.set_status(connection, run_id, status, now, report_json)

    def reports(self) -> list[RunReport]:
        """The reports that were stored, the oldest first."""
        with self._database.reading() as connection:
            return [
                as_report(row) for row in reversed(history.listed(connection, None, None)) if row.report_json
            ]

    def lease(self, source_id: str, holder: str, *, now: datetime, seconds: int = LEASE_SECONDS) -> None:
        """Hold a source for this run alone. Raises Busy, naming the holder and since when."""
        with self._database.writing() as connection:
            leases.acquire(connection, source_id, holder, now, seconds)

    def renew(self, source_id: str, holder: str, *, now: datetime, seconds: int = LEASE_SECONDS) -> None:
        """The holder's sign of life. Raises Busy where the lease has passed to somebody else."""
        with self._database.writing() as connection:
            leases.renew(connection, source_id, holder, now, seconds)

    def release(self, source_id: str, holder: str) -> None:
        """Give a lease back."""
        with self._database.writing() as connection:
            leases.release(connection, source_id, holder)

    # What people decided

    def forget(self, urls: Collection[str], *, now: datetime, by: str, reason: str = "") -> None:
        """Bury URLs: no run schedules, keeps or cleans them again, and nothing is known of them any more."""
        with self._database.writing() as connection:
            withdrawals.forget(connection, urls, now, by, reason)

    def clean_again(self, urls: Collection[str]) -> None:
        """Have the next runs that ask these pages clean them, though they have not changed."""
        with self._database.writing() as connection:
            withdrawals.clean_again(connection, urls)

    def tombstones(self) -> list[Tombstone]:
        """Every URL that was withdrawn, by URL."""
        with self._database.reading() as connection:
            return withdrawals.all_tombstones(connection)

    def sources_of(self, urls: Collection[str]) -> list[str]:
        """The sources that have scheduled one of these URLs."""
        with self._database.reading() as connection:
            return withdrawals.sources_of(connection, urls)

    def accept(
        self, run_id: str, problems: Sequence[str], *, now: datetime, by: str, reason: str = ""
    ) -> None:
        """Keep who published a run although it breaks these expectations of its source, and why."""
        with self._database.writing() as connection:
            withdrawals.accept(connection, run_id, problems, now, by, reason)

    def acceptances(self) -> list[Acceptance]:
        """Every run that was so published, by id."""
        with self._database.reading() as connection:
            return withdrawals.all_acceptances(connection)

    # The frontier

    def schedule(self, run_id: str, urls: Iterable[Scheduled]) -> list[Scheduled]:
        """Put URLs on the run's list, once each; gives those that were not on it yet, in the order given.

        A URL that was withdrawn is put there as refused, and not given.
        """
        asked = {scheduled.url: scheduled for scheduled in reversed(list(urls))}
        if not asked:
            return []
        with self._database.writing() as connection:
            buried = withdrawals.forgotten(connection, asked)
            rows = [as_row(run_id, one, forgotten=one.url in buried) for one in asked.values()]
            new = set(connection.execute(self._sql.schedule, rows).scalars())
        return [one for one in reversed(asked.values()) if one.url in new - buried]

    def waiting(self, run_id: str) -> list[Scheduled]:
        """What the run scheduled and has neither fetched nor settled, the shallowest first."""
        query = (
            select(visits)
            .where(visits.c.run_id == run_id, visits.c.outcome == Outcome.PENDING, visits.c.file.is_(None))
            .order_by(visits.c.depth, visits.c.url)
        )
        with self._database.reading() as connection:
            return [as_scheduled(row) for row in connection.execute(query)]

    def known(self, source_id: str, url: str) -> Known | None:
        """What is kept of a URL from earlier fetches."""
        with self._database.reading() as connection:
            row = self._sql.known.execute(connection, {"of_source": source_id, "of_url": url}).one_or_none()
        return None if row is None else as_known(row)

    def known_urls(self, source_id: str, kind: str = "page") -> Iterator[Known]:
        """What is kept of every URL of a source, in the order of their URLs."""
        query = select(pages).where(pages.c.source_id == source_id, pages.c.kind == kind)
        return map(as_known, self._paged(query, pages.c.url))

    # Outcomes

    def fetched(self, run_id: str, arrived: Iterable[tuple[Fetched, Settled]]) -> None:
        """Commit places of records in the archive and what became of their URLs, in one transaction.

        A body that came whole with a status of 2xx is what the next run's request is conditional on;
        any other answer leaves that as it was. Raises StorageError for a URL that the run never scheduled.
        """
        source_id = self._source(run_id)
        with self._database.writing() as connection:
            for fetched, end in arrived:
                outcomes.fetched(connection, self._sql, source_id, run_id, fetched, end)

    def settle(self, run_id: str, url: str, outcome: Outcome, reason: str = "", detail: str = "") -> None:
        """Give one URL its outcome."""
        self.settle_many(run_id, [Settled(url, outcome, reason, detail)])

    def settle_many(self, run_id: str, settled: Iterable[Settled], succeeded: Collection[str] = ()) -> None:
        """Give URLs their outcomes, and their documents the versions that now stand, in one transaction.

        `succeeded` are ids of documents that stand no more: others have taken their places.
        """
        source_id = self._source(run_id)
        with self._database.writing() as connection:
            outcomes.settle(connection, self._sql, source_id, run_id, list(settled))
            outcomes.succeed(connection, self._sql, source_id, succeeded)

    def visits(self, run_id: str, outcome: Outcome | None = None) -> Iterator[Visit]:
        """The URLs of a run, in their order; what was given may be settled before the next is asked."""
        query = select(visits).where(visits.c.run_id == run_id)
        if outcome is not None:
            query = query.where(visits.c.outcome == outcome.value)
        return map(as_visit, self._paged(query, visits.c.url))

    def visit(self, run_id: str, url: str) -> Visit | None:
        """One URL of a run; None where the run never scheduled it."""
        query = select(visits).where(visits.c.run_id == run_id, visits.c.url == url)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else as_visit(row)

    def counts(self, run_id: str) -> dict[tuple[str, str], int]:
        """The URLs of a run by (outcome, reason)."""
        columns = (visits.c.outcome, visits.c.reason)
        query = (
            select(*columns, func.count())
            .where(visits.c.run_id == run_id)
            .group_by(*columns)
            .order_by(*columns)
        )
        with self._database.reading() as connection:
            return {(outcome, reason): n for outcome, reason, n in connection.execute(query)}

    def ended(self, run_id: str) -> list[tuple[str, str]]:
        """The published pages that this run was the first to find gone or closed: (why, URL), in order."""
        with self._database.reading() as connection:
            return withdrawals.ended(connection, run_id)

    def redirect_targets(self, source_id: str, urls: Collection[str]) -> dict[str, str]:
        """Where those of these URLs lead that had moved when they last answered a run of the source."""
        with self._database.reading() as connection:
            return redirect_targets(connection, source_id, urls)

    def current_state(self, source_id: str) -> list[UrlState]:
        """Where each URL of a source stands after all its runs, in the order of their URLs."""
        with self._database.reading() as connection:
            return [as_url_state(row) for row in connection.execute(current_state(source_id))]

    def document_versions(self, source_id: str) -> dict[str, str]:
        """The version of each document of a source that stands, by document id."""
        query = select(documents.c.id, documents.c.version).where(documents.c.source_id == source_id)
        with self._database.reading() as connection:
            return {row.id: row.version for row in connection.execute(query)}

    def document_pages(self, source_id: str) -> dict[str, str]:
        """The URL of the page that each document of a source that stands is from, by document id."""
        query = select(documents.c.id, documents.c.url).where(documents.c.source_id == source_id)
        with self._database.reading() as connection:
            return {row.id: row.url for row in connection.execute(query)}

    # The archive's index

    def archive_end(self, file: str) -> int:
        """Where the last committed record of an archive file ends, in bytes; 0 for a file with none."""
        last = (
            select(visits.c.offset + visits.c.length)
            .where(visits.c.file == file)
            .order_by(visits.c.offset.desc())
        )
        with self._database.reading() as connection:
            return connection.execute(last.limit(1)).scalar() or 0

    def archive_files(self) -> list[ArchiveFile]:
        """Every file that holds a committed record, or was closed, by name."""
        end = func.max(visits.c.offset + visits.c.length).label("end")
        used = select(visits.c.file, end).where(visits.c.file.is_not(None)).group_by(visits.c.file)
        with self._database.reading() as connection:
            ends = {row.file: row.end for row in connection.execute(used)}
            closed = {row.file: row for row in connection.execute(select(archive_files))}
        return [
            ArchiveFile(
                file,
                ends.get(file, 0),
                *((closed[file].sha256, closed[file].size) if file in closed else ("", 0)),
            )
            for file in sorted(ends.keys() | closed.keys())
        ]

    def close_file(self, file: str, sha256: str, size: int) -> None:
        """Keep the SHA-256 of an archive file's first `size` bytes: all of it, unless its run goes on."""
        with self._database.writing() as connection:
            self._sql.file_closed.execute(connection, {"file": file, "sha256": sha256, "size": size})

    def _source(self, run_id: str) -> str:
        if run_id not in self._source_of:
            self._source_of[run_id] = self.run(run_id).source_id
        return self._source_of[run_id]

    def _paged(self, query: Select[Any], key: ColumnElement[str]) -> Iterator[AnyRow]:
        after = None
        while True:
            page = query.order_by(key).limit(PAGE)
            with self._database.reading() as connection:
                rows = connection.execute(page if after is None else page.where(key > after)).all()
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1].url
