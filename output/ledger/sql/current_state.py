"""Where each URL of a source stands after all its runs: what a report of completeness counts; and to where it
leads, if it moved.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Select, case, func, select

from output.base.records import Outcome
from output.ledger.records import FORGOTTEN, MOVED
from output.ledger.sql.statements import some
from output.ledger.sql.tables import documents, pages, runs, tombstones, visits


def current_state(source_id: str) -> Select[tuple[str, str, str, str, str, str, bool, bool]]:
    """A row a URL: its last outcome but "unchanged", where it has another, whether its body is kept, and
    whether a document of it stands. One that was withdrawn since is refused.
    """
    is_unchanged = case((visits.c.outcome == Outcome.UNCHANGED.value, 1), else_=0)
    order = (is_unchanged, runs.c.started_at.desc(), runs.c.run_id.desc())
    ranked = (
        select(visits, func.row_number().over(partition_by=visits.c.url, order_by=order).label("place"))
        .join(runs, runs.c.run_id == visits.c.run_id)
        .where(runs.c.source_id == source_id)
        .subquery()
    )
    kept = select(pages.c.url).where(pages.c.source_id == source_id, pages.c.file.is_not(None))
    stands = select(documents.c.url).where(documents.c.source_id == source_id)
    is_buried = ranked.c.url.in_(select(tombstones.c.url))
    return (
        select(
            ranked.c.url,
            ranked.c.kind,
            case((is_buried, Outcome.REFUSED.value), else_=ranked.c.outcome).label("outcome"),
            case((is_buried, FORGOTTEN), else_=ranked.c.reason).label("reason"),
            ranked.c.detail,
            ranked.c.hint,
            ranked.c.url.in_(kept).label("fetched"),
            ranked.c.url.in_(stands).label("published"),
        )
        .where(ranked.c.place == 1)
        .order_by(ranked.c.url)
    )


def redirect_targets(connection: Connection, source_id: str, urls: Collection[str]) -> dict[str, str]:
    """Where those of the URLs lead that had moved when a run of the source last had an answer of them."""
    found: dict[str, str] = {}
    for few in some(urls):
        answered = (
            select(visits.c.url, visits.c.reason, visits.c.detail)
            .join(runs, runs.c.run_id == visits.c.run_id)
            .where(runs.c.source_id == source_id, visits.c.url.in_(few))
            .where(visits.c.outcome.not_in([Outcome.FAILED.value, Outcome.REFUSED.value]))
            .order_by(runs.c.started_at)
        )
        for url, reason, detail in connection.execute(answered):
            found[url] = detail if reason == MOVED else ""
    return {url: target for url, target in found.items() if target}
