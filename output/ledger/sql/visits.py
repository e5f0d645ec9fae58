"""Queries for the URLs of a run: the frontier, the outcomes, the places of records in the archive."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, literal_column, select

from output.base.records import Outcome
from output.ledger.records import ArchiveFile
from output.ledger.sql.tables import archive_files, runs, visits


def waiting(run_id: str) -> Select[Any]:
    """Select the URLs of a run that are neither fetched nor settled, the smallest depth first."""
    return (
        select(visits)
        .where(visits.c.run_id == run_id, visits.c.outcome == Outcome.PENDING, visits.c.file.is_(None))
        .order_by(visits.c.depth, visits.c.url)
    )


def deferred(source_id: str, but_run_id: str) -> Select[Any]:
    """Select the URLs that runs of a source deferred, and that none of its later runs but one scheduled."""
    later_visits, later_runs = visits.alias(), runs.alias()
    is_taken = (
        select(later_visits.c.url)
        .join(later_runs, later_runs.c.run_id == later_visits.c.run_id)
        .where(later_runs.c.source_id == source_id, later_runs.c.run_id != but_run_id)
        .where(later_runs.c.started_at > runs.c.started_at, later_visits.c.url == visits.c.url)
        .exists()
    )
    return (
        select(visits)
        .join(runs, runs.c.run_id == visits.c.run_id)
        .where(runs.c.source_id == source_id, runs.c.run_id != but_run_id)
        # As text, since a parameter would not let SQLite use the partial index.
        .where(visits.c.outcome == literal_column(f"'{Outcome.DEFERRED.value}'"), ~is_taken)
        .order_by(visits.c.depth, visits.c.url)
    )


def visits_of(run_id: str, outcome: Outcome | None) -> Select[Any]:
    """Select the URLs of a run, all or those with this outcome."""
    query = select(visits).where(visits.c.run_id == run_id)
    return query if outcome is None else query.where(visits.c.outcome == outcome.value)


def counts(connection: Connection, run_id: str) -> dict[tuple[str, str], int]:
    """Count the URLs of a run by (outcome, reason)."""
    columns = (visits.c.outcome, visits.c.reason)
    query = (
        select(*columns, func.count()).where(visits.c.run_id == run_id).group_by(*columns).order_by(*columns)
    )
    return {(outcome, reason): n for outcome, reason, n in connection.execute(query)}


def archive_end(connection: Connection, file: str) -> int:
    """Return where the last committed record of an archive file ends, in bytes; 0 without one."""
    last = (
        select(visits.c.offset + visits.c.length)
        .where(visits.c.file == file)
        .order_by(visits.c.offset.desc())
        .limit(1)
    )
    return connection.execute(last).scalar() or 0


def all_archive_files(connection: Connection) -> list[ArchiveFile]:
    """Return every file that holds a committed record, or was closed, by name."""
    end = func.max(visits.c.offset + visits.c.length).label("end")
    used = select(visits.c.file, end).where(visits.c.file.is_not(None)).group_by(visits.c.file)
    ends = {row.file: row.end for row in connection.execute(used)}
    closed = {row.file: (row.sha256, row.size) for row in connection.execute(select(archive_files))}
    return [
        ArchiveFile(file, ends.get(file, 0), *closed.get(file, ("", 0)))
        for file in sorted(ends.keys() | closed.keys())
    ]
