"""The ledger: the URLs that each run scheduled and fetched, their outcomes, and the state of each URL.

It is the frontier, the crawl state, the archive's index and the run history, in SQLite or PostgreSQL.
A record exists in the archive once `fetched` has committed its place; each scheduled URL ends with
one outcome. Any number of processes may use a ledger. Only the holder of a source's lease writes its run.
Each method is one transaction that may be repeated, so that a database that restarts is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.sql.elements import ColumnElement

from output.base.errors import UsageError
from output.base.records import ArchiveRef, Outcome, RunReport
from output.ledger.records import (
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
from output.ledger.sql import history, leases, outcomes, rebuilt, withdrawals
from output.ledger.sql import visits as visit_queries
from output.ledger.sql.current_state import current_state, newly_unavailable, redirect_targets
from output.ledger.sql.database import Database
from output.ledger.sql.leases import LEASE_SECONDS
from output.ledger.sql.rows import as_known, as_report, as_row, as_run, as_scheduled, as_url_state, as_visit
from output.ledger.sql.statements import Statements
from output.ledger.sql.tables import documents, pages, runs, visits

T = TypeVar("T")


class Ledger:
    """A ledger in a SQLite file, or in the database of a URL. Any method may raise StorageError."""

    def __init__(self, url_or_path: str | Path) -> None:
        """Open the ledger, or make a new one. Raises NewerFormat for one that a newer Tamis wrote."""
        self._database = Database(url_or_path)
        self._source_of: dict[str, str] = {}
        self._sql = Statements(self._database.engine)

    @property
    def engine(self) -> Engine:
        """The database, for tables beside those of the ledger; `attempt` what you do there."""
        return self._database.engine

    def attempt(self, unit: Callable[[], T]) -> T:
        """Do a unit of work on `engine`, and once more each time that the database went away meanwhile.

        The unit must give the same when it is repeated. See `Database.attempt`. Raises StorageError.
        """
        return self._database.attempt(unit)

    def close(self) -> None:
        """Close the connections; the ledger opens new ones when it is used again."""
        self._database.engine.dispose()

    # Runs

    def open_run(
        self, source_id: str, *, now: datetime, run_id: str | None = None, archive: str = ""
    ) -> tuple[str, bool]:
        """Return the source's unfinished run, or begin one: (run id, whether it was there already).

        Ids sort by time: the start in UTC, then the source. `archive` is where the run writes its archive.
        Raises UsageError for a `run_id` that has ended or belongs to another source.
        """

        def open_one(connection: Connection) -> tuple[str, bool]:
            opened = history.open_run(connection, source_id, now, run_id)
            history.set_archive(connection, opened[0], archive)
            return opened

        return self._database.write(open_one)

    def run(self, run_id: str) -> RunRow:
        """Return one run. Raises UsageError for an unknown id."""
        for row in self._database.rows(select(runs).where(runs.c.run_id == run_id)):
            return as_run(row)
        raise UsageError(
            f"the ledger {self._database.name} holds no run {run_id}; `tamis report` lists the runs"
        )

    def runs(self, source_id: str | None = None, limit: int | None = None) -> list[RunRow]:
        """Return the runs, the newest first."""
        rows = self._database.read(lambda connection: history.list_runs(connection, source_id, limit))
        return [as_run(row) for row in rows]

    def set_status(self, run_id: str, status: RunStatus, now: datetime, report_json: str = "") -> None:
        """Set the status of a run, and its report where one is given."""
        self._database.write(
            lambda connection: history.set_status(connection, run_id, status, now, report_json)
        )

    def reports(self) -> list[RunReport]:
        """Return the stored reports, the oldest first."""
        newest_first = self._database.read(lambda connection: history.list_runs(connection, None, None))
        return [as_report(row) for row in reversed(newest_first) if row.report_json]

    def lease(self, source_id: str, holder: str, *, now: datetime, seconds: int = LEASE_SECONDS) -> None:
        """Take the lease of a source. Raises Busy with the holder, and since when it holds it."""
        self._database.write(lambda connection: leases.acquire(connection, source_id, holder, now, seconds))

    def renew(self, source_id: str, holder: str, *, now: datetime, seconds: int = LEASE_SECONDS) -> None:
        """Renew a lease that is held. Raises Busy where another holder has taken it."""
        self._database.write(lambda connection: leases.renew(connection, source_id, holder, now, seconds))

    def release(self, source_id: str, holder: str) -> None:
        """Give a lease back."""
        self._database.write(lambda connection: leases.release(connection, source_id, holder))

    # Decisions of people: withdrawals and acceptances

    def forget(self, urls: Collection[str], *, now: datetime, by: str, reason: str = "") -> None:
        """Withdraw URLs: their state is deleted, and no run schedules, keeps or cleans them again."""
        self._database.write(lambda connection: withdrawals.forget(connection, urls, now, by, reason))

    def adopt_forgotten(self, hashes: Collection[str], *, now: datetime) -> None:
        """Withdraw the URLs with these hashes, which a ledger that was lost has left beside the archive."""
        self._database.write(
            lambda connection: withdrawals.adopt(connection, hashes, now, "", "listed in the archive")
        )

    def clean_again(self, urls: Collection[str]) -> None:
        """Have the next runs that ask for these pages clean them again, even if they are unchanged."""
        self._database.write(lambda connection: withdrawals.clean_again(connection, urls))

    def tombstones(self) -> list[Tombstone]:
        """Return every withdrawn URL, in the order of the URLs."""
        return self._database.read(withdrawals.all_tombstones)

    def sources_of(self, urls: Collection[str]) -> list[str]:
        """Return the sources that have scheduled one of these URLs."""
        return self._database.read(lambda connection: withdrawals.sources_of(connection, urls))

    def accept(
        self, run_id: str, problems: Sequence[str], *, now: datetime, by: str, reason: str = ""
    ) -> None:
        """Record who published a run although it breaks these expectations of its source, and why."""
        self._database.write(
            lambda connection: withdrawals.accept(connection, run_id, problems, now, by, reason)
        )

    def acceptances(self) -> list[Acceptance]:
        """Return every run that was published although it breaks expectations, by id."""
        return self._database.read(withdrawals.all_acceptances)

    # The frontier

    def schedule(self, run_id: str, urls: Iterable[Scheduled]) -> list[Scheduled]:
        """Schedule URLs for the run, once each; return those that are new, in the given order.

        A URL that was withdrawn is scheduled as refused, and not returned.
        """
        by_url = {scheduled.url: scheduled for scheduled in reversed(list(urls))}
        if not by_url:
            return []

        def schedule(connection: Connection) -> set[str]:
            forgotten = withdrawals.forgotten(connection, by_url)
            rows = [as_row(run_id, one, forgotten=one.url in forgotten) for one in by_url.values()]
            return set(connection.execute(self._sql.schedule, rows).scalars()) - forgotten

        new = self._database.write(schedule)
        return [one for one in reversed(by_url.values()) if one.url in new]

    def waiting(self, run_id: str) -> list[Scheduled]:
        """Return the URLs of the run that are neither fetched nor settled, the smallest depth first."""
        return [as_scheduled(row) for row in self._database.rows(visit_queries.waiting(run_id))]

    def deferred(self, source_id: str, *, but: str) -> list[Visit]:
        """Return the URLs that runs of a source deferred, as far as no later run took them.

        The run `but` does not count: it is the one that takes them now.
        """
        return [as_visit(row) for row in self._database.rows(visit_queries.deferred(source_id, but))]

    def known(self, source_id: str, url: str) -> Known | None:
        """Return what earlier fetches left of a URL, None for a URL that never gave a body."""
        of = {"of_source": source_id, "of_url": url}
        row = self._database.read(lambda connection: self._sql.known.execute(connection, of).one_or_none())
        return None if row is None else as_known(row)

    def known_urls(self, source_id: str, kind: str = "page") -> Iterator[Known]:
        """Yield what earlier fetches left of every URL of a source, in the order of the URLs."""
        query = select(pages).where(pages.c.source_id == source_id, pages.c.kind == kind)
        return map(as_known, self._database.paged(query, pages.c.url))

    # Outcomes

    def fetched(self, run_id: str, responses: Iterable[tuple[Fetched, Settled]]) -> None:
        """Commit the places of records in the archive and the outcomes of their URLs, in one transaction.

        The next run's request is conditional on the last body that came whole with a status of 2xx; any other
        answer leaves that as it was. Raises StorageError for a URL that the run never scheduled.
        """
        source_id, committed = self._source(run_id), list(responses)

        def fetched(connection: Connection) -> None:
            for response, outcome in committed:
                outcomes.fetched(connection, self._sql, source_id, run_id, response, outcome)

        self._database.write(fetched)

    def settle(self, run_id: str, url: str, outcome: Outcome, reason: str = "", detail: str = "") -> None:
        """Set the outcome of one URL."""
        self.settle_many(run_id, [Settled(url, outcome, reason, detail)])

    def settle_many(self, run_id: str, settled: Iterable[Settled], replaced: Collection[str] = ()) -> None:
        """Set the outcomes of URLs and the current versions of their documents, in one transaction.

        `replaced` are ids of documents whose place others have taken, so that they are no longer current.
        """
        source_id, ended = self._source(run_id), list(settled)

        def settle(connection: Connection) -> None:
            outcomes.settle(connection, self._sql, source_id, run_id, ended)
            outcomes.remove_replaced(connection, self._sql, source_id, replaced)

        self._database.write(settle)

    def visits(self, run_id: str, outcome: Outcome | None = None) -> Iterator[Visit]:
        """Yield the URLs of a run in their order; each may be settled before the next is asked for."""
        return map(as_visit, self._database.paged(visit_queries.visits_of(run_id, outcome), visits.c.url))

    def visit(self, run_id: str, url: str) -> Visit | None:
        """Return one URL of a run, None where the run never scheduled it."""
        query = select(visits).where(visits.c.run_id == run_id, visits.c.url == url)
        return next(map(as_visit, self._database.rows(query)), None)

    def counts(self, run_id: str) -> dict[tuple[str, str], int]:
        """Count the URLs of a run by (outcome, reason)."""
        return self._database.read(lambda connection: visit_queries.counts(connection, run_id))

    def newly_unavailable(self, run_id: str) -> list[tuple[str, str]]:
        """Return the published pages that this run was the first to find gone or closed: (reason, URL)."""
        return self._database.read(lambda connection: newly_unavailable(connection, run_id))

    def redirect_targets(self, source_id: str, urls: Collection[str]) -> dict[str, str]:
        """Return the targets of those URLs that had moved when they last answered a run of the source."""
        return self._database.read(lambda connection: redirect_targets(connection, source_id, urls))

    def current_state(self, source_id: str) -> list[UrlState]:
        """Return the state of each URL of a source after all its runs, in the order of the URLs."""
        return [as_url_state(row) for row in self._database.rows(current_state(source_id))]

    def document_versions(self, source_id: str) -> dict[str, str]:
        """Return the version of each current document of a source, by document id."""
        return self._of_documents(source_id, documents.c.version)

    def document_pages(self, source_id: str) -> dict[str, str]:
        """Return the URL of the page of each current document of a source, by document id."""
        return self._of_documents(source_id, documents.c.url)

    def take_over(self, other: Ledger, run_ids: Iterable[str], lost: Collection[ArchiveRef]) -> None:
        """Take over what these runs came to in another ledger; pages of `lost` records are known no more."""
        taken, gone = [*run_ids], [*lost]

        def take_over(source: Connection) -> None:
            self._database.write(lambda target: rebuilt.take_over(source, target, taken, gone))

        other._database.read(take_over)

    # The archive's index

    def archive_end(self, file: str) -> int:
        """Return where the last committed record of an archive file ends, in bytes; 0 without one."""
        return self._database.read(lambda connection: visit_queries.archive_end(connection, file))

    def archive_files(self) -> list[ArchiveFile]:
        """Return every file that holds a committed record, or was closed, by name."""
        return self._database.read(visit_queries.all_archive_files)

    def close_file(self, file: str, sha256: str, size: int) -> None:
        """Record the SHA-256 of an archive file's first `size` bytes: all of it, unless its run goes on."""
        closed = {"file": file, "sha256": sha256, "size": size}
        self._database.write(lambda connection: self._sql.file_closed.execute(connection, closed))

    def _of_documents(self, source_id: str, column: ColumnElement[str]) -> dict[str, str]:
        query = select(documents.c.id, column).where(documents.c.source_id == source_id)
        return {row[0]: row[1] for row in self._database.rows(query)}

    def _source(self, run_id: str) -> str:
        if run_id not in self._source_of:
            self._source_of[run_id] = self.run(run_id).source_id
        return self._source_of[run_id]
