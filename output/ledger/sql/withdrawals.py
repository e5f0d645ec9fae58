"""What people decided: URLs withdrawn on request, and runs published although they break expectations."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select, update

from output.base.records import Outcome
from output.ledger.records import FORGOTTEN, Acceptance, Tombstone
from output.ledger.sql.rows import from_text, storable, to_text
from output.ledger.sql.statements import insert_for, some
from output.ledger.sql.tables import acceptances, documents, pages, runs, tombstones, visits


def forget(connection: Connection, urls: Collection[str], now: datetime, by: str, reason: str) -> None:
    """Bury URLs: nothing is known of them any more, and what a run still had to do with them is refused.

    A tombstone that stands is left as it is.
    """
    rows = [
        {"url": url, "forgotten_at": to_text(now), "forgotten_by": storable(by), "reason": storable(reason)}
        for url in sorted(urls)
    ]
    if rows:
        connection.execute(insert_for(connection)(tombstones).on_conflict_do_nothing(), rows)
    refused = {"outcome": Outcome.REFUSED.value, "reason": FORGOTTEN, "detail": ""}
    for few in some(urls):
        connection.execute(delete(pages).where(pages.c.url.in_(few)))
        connection.execute(delete(documents).where(documents.c.url.in_(few)))
        pending = visits.c.url.in_(few), visits.c.outcome == Outcome.PENDING.value
        connection.execute(update(visits).where(*pending).values(refused))


def clean_again(connection: Connection, urls: Collection[str]) -> None:
    """Count the bodies of these pages as not dealt with."""
    for few in some(urls):
        connection.execute(update(pages).where(pages.c.url.in_(few)).values(settled=False))


def forgotten(connection: Connection, urls: Collection[str]) -> set[str]:
    """Those of the URLs that are withdrawn."""
    found: set[str] = set()
    for few in some(urls):
        found.update(connection.execute(select(tombstones.c.url).where(tombstones.c.url.in_(few))).scalars())
    return found


def all_tombstones(connection: Connection) -> list[Tombstone]:
    """Every tombstone, by URL."""
    rows = connection.execute(select(tombstones).order_by(tombstones.c.url))
    return [Tombstone(row.url, from_text(row.forgotten_at), row.forgotten_by, row.reason) for row in rows]


def sources_of(connection: Connection, urls: Collection[str]) -> list[str]:
    """The sources of which a run has scheduled one of the URLs."""
    found: set[str] = set()
    for few in some(urls):
        asked = select(runs.c.source_id).join(visits, visits.c.run_id == runs.c.run_id).distinct()
        found.update(connection.execute(asked.where(visits.c.url.in_(few))).scalars())
    return sorted(found)


def ended(connection: Connection, run_id: str) -> list[tuple[str, str]]:
    """The pages with a document that stands which this run was the first to find ended: (why, URL)."""
    stands = and_(documents.c.source_id == pages.c.source_id, documents.c.url == pages.c.url)
    found = (
        select(pages.c.ended, pages.c.url)
        .join(documents, stands)
        .where(pages.c.ended_run == run_id)
        .distinct()
        .order_by(pages.c.ended, pages.c.url)
    )
    return [(why, url) for why, url in connection.execute(found)]


def accept(
    connection: Connection, run_id: str, problems: Sequence[str], now: datetime, by: str, reason: str
) -> None:
    """Keep who published a run although it breaks these expectations; the last word on a run counts."""
    row: dict[str, Any] = {
        "accepted_at": to_text(now),
        "accepted_by": storable(by),
        "reason": storable(reason),
        "problems": storable(json.dumps([*problems], ensure_ascii=False)),
    }
    new = insert_for(connection)(acceptances).values(run_id=run_id, **row)
    connection.execute(new.on_conflict_do_update(index_elements=["run_id"], set_=row))


def all_acceptances(connection: Connection) -> list[Acceptance]:
    """Every acceptance, by run."""
    rows = connection.execute(select(acceptances).order_by(acceptances.c.run_id))
    return [
        Acceptance(
            row.run_id,
            from_text(row.accepted_at),
            row.accepted_by,
            row.reason,
            tuple(json.loads(row.problems)),
        )
        for row in rows
    ]
