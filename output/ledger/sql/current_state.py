"""The state of each URL of a source after all its runs, redirects and newly unavailable pages among them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Select, and_, case, func, select

from output.base.records import Outcome
from output.ledger.records import FORGOTTEN, MOVED
from output.ledger.sql.statements import in_chunks
from output.ledger.sql.tables import documents, pages, runs, tombstones, visits

# Outcomes of URLs that were not asked for, or gave no usable answer.
_UNANSWERED = [Outcome.FAILED.value, Outcome.REFUSED.value, Outcome.DEFERRED.value]


def current_state(source_id: str) -> Select[tuple[str, str, str, str, str, str, bool, bool]]:
    """Select a row for each URL: its last outcome, whether its body is kept, whether a document is current.

    "unchanged" counts only where a URL has no other outcome, and "deferred" only where it has neither. A URL
    that was withdrawn since is refused.
    """
    says_little = case(
        (visits.c.outcome == Outcome.DEFERRED.value, 2),
        (visits.c.outcome == Outcome.UNCHANGED.value, 1),
        else_=0,
    )
    order = (says_little, runs.c.started_at.desc(), runs.c.run_id.desc())
    ranked = (
        select(visits, func.row_number().over(partition_by=visits.c.url, order_by=order).label("position"))
        .join(runs, runs.c.run_id == visits.c.run_id)
        .where(runs.c.source_id == source_id)
        .subquery()
    )
    fetched = select(pages.c.url).where(pages.c.source_id == source_id, pages.c.file.is_not(None))
    published = select(documents.c.url).where(documents.c.source_id == source_id)
    is_forgotten = ranked.c.url.in_(select(tombstones.c.url))
    return (
        select(
            ranked.c.url,
            ranked.c.kind,
            case((is_forgotten, Outcome.REFUSED.value), else_=ranked.c.outcome).label("outcome"),
            case((is_forgotten, FORGOTTEN), else_=ranked.c.reason).label("reason"),
            ranked.c.detail,
            ranked.c.hint,
            ranked.c.url.in_(fetched).label("fetched"),
            ranked.c.url.in_(published).label("published"),
        )
        .where(ranked.c.position == 1)
        .order_by(ranked.c.url)
    )


def redirect_targets(connection: Connection, source_id: str, urls: Collection[str]) -> dict[str, str]:
    """Return the targets of those URLs that had moved when they last answered a run of the source."""
    found: dict[str, str] = {}
    for chunk in in_chunks(urls):
        answered = (
            select(visits.c.url, visits.c.reason, visits.c.detail)
            .join(runs, runs.c.run_id == visits.c.run_id)
            .where(runs.c.source_id == source_id, visits.c.url.in_(chunk))
            .where(visits.c.outcome.not_in(_UNANSWERED))
            .order_by(runs.c.started_at)
        )
        for url, reason, detail in connection.execute(answered):
            found[url] = detail if reason == MOVED else ""
    return {url: target for url, target in found.items() if target}


def newly_unavailable(connection: Connection, run_id: str) -> list[tuple[str, str]]:
    """Return (reason, URL) of the published pages that this run was the first to find gone or closed."""
    is_published = and_(documents.c.source_id == pages.c.source_id, documents.c.url == pages.c.url)
    found = (
        select(pages.c.ended, pages.c.url)
        .join(documents, is_published)
        .where(pages.c.ended_run == run_id)
        .distinct()
        .order_by(pages.c.ended, pages.c.url)
    )
    return [(reason, url) for reason, url in connection.execute(found)]
