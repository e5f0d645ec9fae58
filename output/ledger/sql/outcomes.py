"""What became of a URL: its record, its outcome, and what the next run will know of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from output.base.errors import StorageError
from output.base.records import Outcome
from output.ledger.records import (
    CLOSED,
    FORGOTTEN,
    GONE,
    MOVED,
    OUTCOMES_WITHOUT_BODY,
    TERMINAL_OUTCOMES,
    Fetched,
    Settled,
)
from output.ledger.sql.rows import storable, to_text
from output.ledger.sql.statements import Statements


def fetched(
    connection: Connection, sql: Statements, source_id: str, run_id: str, one: Fetched, end: Settled
) -> None:
    """Keep where the record of a visit lies, its outcome, and what its answer tells of the URL.

    A body that came whole with a status of 2xx is what the next request is conditional on; a 304
    renews it, and any other answer leaves it as it was. A URL that was withdrawn meanwhile is refused.
    Raises StorageError for a URL never scheduled.
    """
    at = to_text(one.fetched_at)
    record = {
        "status": one.status,
        "file": one.ref.file,
        "offset": one.ref.offset,
        "length": one.ref.length,
        "record": one.record,
        "sha256": one.sha256,
        "body_bytes": one.body_bytes,
        "fetched_at": at,
    }
    if sql.forgotten.execute(connection, {"of_url": one.url}).scalar():
        end = Settled(one.url, Outcome.REFUSED, FORGOTTEN)
    kind = sql.archived.execute(connection, _outcome(run_id, end) | record).scalar()
    if kind is None:
        raise _never_scheduled(run_id, one.url)
    etag, last_modified = storable(one.etag), storable(one.last_modified)
    if one.status == 304:
        validators = {"new_etag": etag, "new_last_modified": last_modified, "at": at}
        sql.page_not_modified.execute(connection, {"of_source": source_id, "of_url": one.url} | validators)
    elif 200 <= one.status < 300 and end.outcome not in OUTCOMES_WITHOUT_BODY:
        body = one.revisit_of or one.ref
        page = {
            "source_id": source_id,
            "url": one.url,
            "kind": kind,
            "etag": etag,
            "last_modified": last_modified,
            "sha256": one.sha256,
            "file": body.file,
            "offset": body.offset,
            "length": body.length,
            "fetched_at": at,
            "checked_at": at,
            "settled": end.outcome in TERMINAL_OUTCOMES and one.record == "response",
            "ended": "",
            "ended_run": "",
        }
        sql.page.execute(connection, page)
    _end_pages(connection, sql, source_id, run_id, [end])


def settle(
    connection: Connection, sql: Statements, source_id: str, run_id: str, settled: Sequence[Settled]
) -> None:
    """Keep outcomes, that their bodies are dealt with, and the versions of documents that now stand."""
    if not settled:
        return
    found = sql.settle.execute_many(connection, [_outcome(run_id, one) for one in settled]).rowcount
    if found < len(settled):
        raise _never_scheduled(run_id, ", ".join(one.url for one in settled[:3]))
    # Where a page has moved says nothing of the body that it had.
    dealt_with = [one.url for one in settled if one.outcome in TERMINAL_OUTCOMES and one.reason != MOVED]
    if dealt_with:
        sql.page_settled.execute_many(
            connection, [{"of_source": source_id, "of_url": url} for url in dealt_with]
        )
    _end_pages(connection, sql, source_id, run_id, settled)
    versions = [
        {"source_id": source_id, "id": document_id, "version": version, "url": one.url, "run_id": run_id}
        for one in settled
        for document_id, version in one.documents
    ]
    if versions:
        sql.document.execute_many(connection, versions)


def succeed(connection: Connection, sql: Statements, source_id: str, succeeded: Collection[str]) -> None:
    """Keep that documents stand no more. A page that ended is cleaned again if it comes back as it was."""
    for one in succeeded:
        url = sql.document_gone.execute(connection, {"of_source": source_id, "of_id": one}).scalar()
        sql.page_left.execute(connection, {"of_source": source_id, "of_url": url})


def _end_pages(
    connection: Connection, sql: Statements, source_id: str, run_id: str, settled: Sequence[Settled]
) -> None:
    """Keep that pages are gone, or closed to us, for those that were known."""
    ends = [
        {"of_source": source_id, "of_url": one.url, "of_run": run_id, "end": _end_of(one)}
        for one in settled
        if _end_of(one)
    ]
    if ends:
        sql.page_ended.execute_many(connection, ends)


def _end_of(one: Settled) -> str:
    if one.outcome is Outcome.GONE:
        return GONE
    if one.outcome is Outcome.REJECTED and one.reason == MOVED:
        return MOVED
    return one.reason if one.outcome is Outcome.REFUSED and one.reason in CLOSED else ""


def _outcome(run_id: str, end: Settled) -> dict[str, object]:
    return {
        "of_run": run_id,
        "of_url": end.url,
        "outcome": Outcome(end.outcome).value,
        "reason": storable(end.reason),
        "detail": storable(end.detail),
    }


def _never_scheduled(run_id: str, urls: str) -> StorageError:
    return StorageError(
        f"run {run_id} never scheduled what is given an outcome, among {urls}: a defect of Tamis"
    )
