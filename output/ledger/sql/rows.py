"""Rows of the ledger's tables as its records, and texts as its databases take them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from output.base.records import ArchiveRef, Outcome, RunReport
from output.ledger.records import FORGOTTEN, Known, RunRow, RunStatus, Scheduled, UrlState, Visit

AnyRow = Row[Any]


def to_text(time: datetime) -> str:
    """An aware time as the tables hold it: ISO 8601 in UTC, of one width, so that texts sort as times."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """The time that `to_text` wrote."""
    return datetime.fromisoformat(text)


def storable(text: str) -> str:
    """A text that came from outside, with what no database takes (NUL, lone surrogates) made visible."""
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()


def as_run(row: AnyRow) -> RunRow:
    """A row of `runs`."""
    return RunRow(
        row.run_id,
        row.source_id,
        RunStatus(row.status),
        from_text(row.started_at),
        _time(row.finished_at),
        row.report_json,
    )


def as_report(row: AnyRow) -> RunReport:
    """The report of a row of `runs` that has one: the JSON of `records.as_dict`."""
    values = json.loads(row.report_json)
    return RunReport(**{name: _frozen(value) for name, value in values.items()})


def as_scheduled(row: AnyRow) -> Scheduled:
    """A row of `visits`, as it was scheduled."""
    return Scheduled(row.url, row.kind, row.discovered_from, row.depth, row.hint)


def as_row(run_id: str, one: Scheduled, *, forgotten: bool) -> dict[str, Any]:
    """The row of `visits` for a URL that a run schedules; a withdrawn one has its outcome from the start."""
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
    """A row of `visits`."""
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
    """A row of `current_state`."""
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
    """A row of `pages`."""
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


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
