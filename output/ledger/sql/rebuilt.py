"""What the runs of a ledger came to when they were done again in another ledger, taken over from there."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, bindparam, delete, select, update

from output.base.records import ArchiveRef
from output.base.sql import ROWS_AT_ONCE, replace_rows
from output.ledger.sql.statements import insert_for
from output.ledger.sql.tables import documents, pages, runs, visits

_OUTCOME = ("outcome", "reason", "detail")


def take_over(
    source: Connection, target: Connection, run_ids: Iterable[str], lost: Collection[ArchiveRef]
) -> None:
    """Take over the current documents, and the outcomes and reports of these runs.

    A URL whose newest body is one of the `lost` records is known no more, so that it is fetched again.
    """
    replace_rows(documents, source, target)
    insert = insert_for(target)(visits)
    upsert = insert.on_conflict_do_update(
        index_elements=["run_id", "url"], set_={name: insert.excluded[name] for name in _OUTCOME}
    )
    for run_id in run_ids:
        query = select(visits).where(visits.c.run_id == run_id).execution_options(yield_per=ROWS_AT_ONCE)
        for rows in source.execute(query).mappings().partitions():
            target.execute(upsert, [dict(row) for row in rows])
        report = source.execute(select(runs.c.report_json).where(runs.c.run_id == run_id)).scalar_one()
        target.execute(update(runs).where(runs.c.run_id == run_id).values(report_json=report))
    if lost:
        is_lost = (pages.c.file == bindparam("of_file")) & (pages.c.offset == bindparam("at"))
        target.execute(delete(pages).where(is_lost), [{"of_file": r.file, "at": r.offset} for r in lost])
