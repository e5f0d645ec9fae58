"""Where each URL of a source stands after all its runs: what a report of completeness counts."""

from __future__ import annotations

from sqlalchemy import Select, case, func, select

from output.records import Outcome
from output.sql.tables import documents, pages, runs, visits


def standing(source_id: str) -> Select[tuple[str, str, str, str, str, str, bool, bool]]:
    """A row a URL: its last outcome but "unchanged", where it has another, whether its body is kept, and
    whether a document of it stands.
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
    return (
        select(
            ranked.c.url,
            ranked.c.kind,
            ranked.c.outcome,
            ranked.c.reason,
            ranked.c.detail,
            ranked.c.hint,
            ranked.c.url.in_(kept).label("fetched"),
            ranked.c.url.in_(stands).label("published"),
        )
        .where(ranked.c.place == 1)
        .order_by(ranked.c.url)
    )
