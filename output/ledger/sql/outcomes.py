"""Outcomes of URLs: their records in the archive, and the state that the next run finds."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from output.base.errors import StorageError
from output.base.records import Outcome
from output.ledger.records import (
    CLOSED_REASONS,
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
from output.ledger.tombstones import hashed_url, url_hash


def fetched(
    connection: Connection, sql: Statements, source_id: str, run_id: str, response: Fetched, settled: Settled
) -> None:
    """Store the place of a response's record, the outcome of its URL, and the state of that URL.

    The next request is conditional on the last body that came whole with a status of 2xx. A 304 renews it,
    and any other answer, such as a page that says that it has moved, leaves it as it was. A URL that was
    withdrawn meanwhile is refused. Raises StorageError for a URL never scheduled.
    """
    names = {"of_url": response.url, "hashed": hashed_url(url_hash(response.url))}
    if sql.forgotten.execute(connection, names).scalar():
        settled = Settled(response.url, Outcome.REFUSED, FORGOTTEN)
    values = _outcome_values(run_id, settled) | _record_values(response)
    kind = sql.archived.execute(connection, values).scalar()
    if kind is None:
        raise _never_scheduled(run_id, response.url)
    is_moved = settled.outcome is Outcome.REJECTED and settled.reason == MOVED
    if response.status == 304:
        sql.page_not_modified.execute(connection, _renewed_values(source_id, response))
    elif 200 <= response.status < 300 and settled.outcome not in OUTCOMES_WITHOUT_BODY and not is_moved:
        sql.page.execute(connection, _page_values(source_id, kind, response, settled))
    _end_pages(connection, sql, source_id, run_id, [settled])


def settle(
    connection: Connection, sql: Statements, source_id: str, run_id: str, settled: Sequence[Settled]
) -> None:
    """Store outcomes, mark their bodies as settled, and store the current versions of documents."""
    if not settled:
        return
    found = sql.settle.execute_many(connection, [_outcome_values(run_id, one) for one in settled]).rowcount
    if found < len(settled):
        raise _never_scheduled(run_id, ", ".join(one.url for one in settled[:3]))
    # That a page has moved says nothing about its earlier body.
    pages = [
        {"of_source": source_id, "of_url": one.url}
        for one in settled
        if one.outcome in TERMINAL_OUTCOMES and one.reason != MOVED
    ]
    if pages:
        sql.page_settled.execute_many(connection, pages)
    _end_pages(connection, sql, source_id, run_id, settled)
    versions = [
        {"source_id": source_id, "id": document_id, "version": version, "url": one.url, "run_id": run_id}
        for one in settled
        for document_id, version in one.documents
    ]
    if versions:
        sql.document.execute_many(connection, versions)


def remove_replaced(
    connection: Connection, sql: Statements, source_id: str, replaced: Collection[str]
) -> None:
    """Remove replaced documents. A page that is unavailable is cleaned again if it comes back unchanged."""
    for document_id in replaced:
        url = sql.document_gone.execute(connection, {"of_source": source_id, "of_id": document_id}).scalar()
        sql.page_left.execute(connection, {"of_source": source_id, "of_url": url})


def _end_pages(
    connection: Connection, sql: Statements, source_id: str, run_id: str, settled: Sequence[Settled]
) -> None:
    """Record that known pages are gone, moved, or closed by their site."""
    ended = [
        {"of_source": source_id, "of_url": one.url, "of_run": run_id, "end": reason}
        for one in settled
        if (reason := _unavailable_reason(one))
    ]
    if ended:
        sql.page_ended.execute_many(connection, ended)


def _unavailable_reason(one: Settled) -> str:
    if one.outcome is Outcome.GONE:
        return GONE
    if one.outcome is Outcome.REJECTED and one.reason == MOVED:
        return MOVED
    return one.reason if one.outcome is Outcome.REFUSED and one.reason in CLOSED_REASONS else ""


def _outcome_values(run_id: str, settled: Settled) -> dict[str, object]:
    return {
        "of_run": run_id,
        "of_url": settled.url,
        "outcome": Outcome(settled.outcome).value,
        "reason": storable(settled.reason),
        "detail": storable(settled.detail),
    }


def _record_values(response: Fetched) -> dict[str, object]:
    return {
        "status": response.status,
        "file": response.ref.file,
        "offset": response.ref.offset,
        "length": response.ref.length,
        "record": response.record,
        "sha256": response.sha256,
        "body_bytes": response.body_bytes,
        "fetched_at": to_text(response.fetched_at),
    }


def _renewed_values(source_id: str, response: Fetched) -> dict[str, object]:
    return {
        "of_source": source_id,
        "of_url": response.url,
        "new_etag": storable(response.etag),
        "new_last_modified": storable(response.last_modified),
        "at": to_text(response.fetched_at),
    }


def _page_values(source_id: str, kind: str, response: Fetched, settled: Settled) -> dict[str, object]:
    body = response.revisit_of or response.ref
    return {
        "source_id": source_id,
        "url": response.url,
        "kind": kind,
        "etag": storable(response.etag),
        "last_modified": storable(response.last_modified),
        "sha256": response.sha256,
        "file": body.file,
        "offset": body.offset,
        "length": body.length,
        "fetched_at": to_text(response.fetched_at),
        "checked_at": to_text(response.fetched_at),
        "settled": settled.outcome in TERMINAL_OUTCOMES and response.record == "response",
        "ended": "",
        "ended_run": "",
    }


def _never_scheduled(run_id: str, urls: str) -> StorageError:
    return StorageError(
        f"run {run_id} never scheduled some of the URLs that get an outcome, among {urls}: a defect of Tamis"
    )
