"""The runs of the ledger: how they begin, their status, their list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from output.base.errors import UsageError
from output.ledger.records import UNFINISHED, RunStatus
from output.ledger.sql.rows import AnyRow, from_text, storable, to_text
from output.ledger.sql.statements import insert_for
from output.ledger.sql.tables import runs

_SECOND = timedelta(seconds=1)


def open_run(connection: Connection, source_id: str, now: datetime, run_id: str | None) -> tuple[str, bool]:
    """Return the source's unfinished run or a new one, with `run_id` that run; see `Ledger.open_run`."""
    if run_id is None:
        unfinished = select(runs.c.run_id).where(runs.c.source_id == source_id, runs.c.status.in_(UNFINISHED))
        found = connection.execute(unfinished.order_by(runs.c.started_at.desc()).limit(1)).scalar()
        return (found, True) if found else (_begin_new(connection, source_id, now), False)
    if _begin(connection, run_id, source_id, now):
        return run_id, False
    run = connection.execute(select(runs).where(runs.c.run_id == run_id)).one()
    if run.source_id != source_id or run.status not in UNFINISHED:
        raise UsageError(f"run {run_id} of source {run.source_id} is {run.status}: give another run id")
    return run_id, True


def set_status(
    connection: Connection, run_id: str, status: RunStatus, now: datetime, report_json: str
) -> None:
    """Set the status of a run, and store its report where one is given."""
    finished = None if status in UNFINISHED else to_text(now)
    values: dict[str, Any] = {"status": status.value, "finished_at": finished}
    values |= {"report_json": report_json} if report_json else {}
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(values))


def set_archive(connection: Connection, run_id: str, archive: str) -> None:
    """Set where a run's archive lies: a run that goes on elsewhere has no record yet."""
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(archive=storable(archive)))


def list_runs(connection: Connection, source_id: str | None, limit: int | None) -> list[AnyRow]:
    """Return the rows of runs, the newest first."""
    query = select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
    if source_id is not None:
        query = query.where(runs.c.source_id == source_id)
    return list(connection.execute(query))


def _begin_new(connection: Connection, source_id: str, now: datetime) -> str:
    """Begin a run whose id sorts by time, and return the id.

    The newest run's documents are the current ones. So a run begins at least a second after the run before
    began, and after its end, even where the clock has been set back since.
    """
    last = select(func.max(runs.c.started_at), func.max(runs.c.finished_at))
    last_start, last_end = connection.execute(last.where(runs.c.source_id == source_id)).one()
    start = max(now, from_text(last_start) + _SECOND) if last_start else now
    start = max(start, from_text(last_end)) if last_end else start
    while not _begin(
        connection, run_id := f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}-{source_id}", source_id, start
    ):
        start += _SECOND
    return run_id


def _begin(connection: Connection, run_id: str, source_id: str, now: datetime) -> bool:
    """Add a run; return False where its id is taken."""
    row = {
        "run_id": run_id,
        "source_id": source_id,
        "status": RunStatus.CRAWLING.value,
        "started_at": to_text(now),
    }
    new = insert_for(connection)(runs).values(row).on_conflict_do_nothing().returning(runs.c.run_id)
    return connection.execute(new).scalar() is not None
