"""Conversion between rows of the ledger's tables and its records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from output.base.records import ArchiveRef, Outcome, RunReport
from output.ledger.records import FORGOTTEN, Known, RunRow, RunStatus, Scheduled, UrlState, Visit

AnyRow = Row[Any]


def to_text(time: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC, always of the same length, so that texts sort as times."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """Return the time that `to_text` wrote."""
    return datetime.fromisoformat(text)


def storable(text: str) -> str:
    """Return a text with NUL and lone surrogates, which databases refuse, as escapes."""
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()


def as_run(row: AnyRow) -> RunRow:
    """Return a row of `runs` as its record."""
    return RunRow(
        row.run_id,
        row.source_id,
        RunStatus(row.status),
        from_text(row.started_at),
        _time(row.finished_at),
        row.report_json,
        row.archive,
    )


def as_report(row: AnyRow) -> RunReport:
    """Return the report in a row of `runs`, which holds it as the JSON of `as_dict`."""
    values = json.loads(row.report_json)
    return RunReport(**{name: _as_tuples(value) for name, value in values.items()})


def as_scheduled(row: AnyRow) -> Scheduled:
    """Return a row of `visits` as the URL that was scheduled."""
    return Scheduled(row.url, row.kind, row.discovered_from, row.depth, row.hint)


def as_row(run_id: str, one: Scheduled, *, forgotten: bool) -> dict[str, Any]:
    """Return the row of `visits` for a scheduled URL; a withdrawn URL is refused from the start."""
    return {
        "run_id": run_id,
        "url": one.url,
        "kind": one.kind,
        "depth": one.depth,
        "discovered_from": one.discovered_from,
        "hint": storable(one.hint),
        "outcome": (Outcome.REFUSED if forgotten else Outcome.PENDING).value,
        "reason": FORGOTTEN if forgotten else "",
    }


def as_visit(row: AnyRow) -> Visit:
    """Return a row of `visits` as its record."""
    return Visit(
        run_id=row.run_id,
        url=row.url,
        kind=row.kind,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        detail=row.detail,
        status=row.status,
        ref=_ref(row),
        record=row.record,
        sha256=row.sha256,
        body_bytes=row.body_bytes,
        fetched_at=_time(row.fetched_at),
        depth=row.depth,
        discovered_from=row.discovered_from,
        hint=row.hint,
    )


def as_url_state(row: AnyRow) -> UrlState:
    """Return a row of `current_state` as its record."""
    return UrlState(
        url=row.url,
        kind=row.kind,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        detail=row.detail,
        hint=row.hint,
        fetched=bool(row.fetched),
        published=bool(row.published),
    )


def as_known(row: AnyRow) -> Known:
    """Return a row of `pages` as its record."""
    return Known(
        url=row.url,
        kind=row.kind,
        etag=row.etag,
        last_modified=row.last_modified,
        sha256=row.sha256,
        ref=_ref(row),
        fetched_at=from_text(row.fetched_at),
        checked_at=from_text(row.checked_at),
        settled=bool(row.settled),
        ended=row.ended,
    )


def _ref(row: AnyRow) -> ArchiveRef | None:
    return None if row.file is None else ArchiveRef(row.file, row.offset, row.length)


def _time(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value
