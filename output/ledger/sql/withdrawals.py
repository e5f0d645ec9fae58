"""Decisions of people: URLs withdrawn on request, and runs published although they break expectations."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, delete, select, update

from output.base.records import Outcome
from output.ledger.records import FORGOTTEN, Acceptance, Tombstone
from output.ledger.sql.rows import from_text, storable, to_text
from output.ledger.sql.statements import in_chunks, insert_for
from output.ledger.sql.tables import acceptances, documents, pages, runs, tombstones, visits
from output.ledger.tombstones import hashed_url, url_hash

# A damaged line of a list is no hash.
_SHA256 = re.compile("[0-9a-f]{64}")


def forget(connection: Connection, urls: Collection[str], now: datetime, by: str, reason: str) -> None:
    """Withdraw URLs: their state is deleted, and pending visits of them are refused.

    An earlier tombstone stays as it is.
    """
    rows = [
        {"url": url, "forgotten_at": to_text(now), "forgotten_by": storable(by), "reason": storable(reason)}
        for url in sorted(urls)
    ]
    if rows:
        connection.execute(insert_for(connection)(tombstones).on_conflict_do_nothing(), rows)
    refused = {"outcome": Outcome.REFUSED.value, "reason": FORGOTTEN, "detail": ""}
    for chunk in in_chunks(urls):
        connection.execute(delete(pages).where(pages.c.url.in_(chunk)))
        connection.execute(delete(documents).where(documents.c.url.in_(chunk)))
        pending = visits.c.url.in_(chunk), visits.c.outcome == Outcome.PENDING.value
        connection.execute(update(visits).where(*pending).values(refused))


def adopt(connection: Connection, hashes: Collection[str], now: datetime, by: str, reason: str) -> None:
    """Withdraw the URLs with these hashes, known to the ledger or not; those withdrawn already stay."""
    known = set(map(url_hash, connection.execute(select(tombstones.c.url)).scalars()))
    missing = set(filter(_SHA256.fullmatch, hashes)) - known
    if not missing:
        return
    urls = {url_hash(url): url for column in (visits.c.url, pages.c.url) for url in _each(connection, column)}
    withdrawn = [urls.get(digest, hashed_url(digest)) for digest in missing]
    forget(connection, withdrawn, now, by, reason)


def _each(connection: Connection, column: Column[str]) -> Iterator[str]:
    return iter(connection.execute(select(column).distinct()).scalars())


def clean_again(connection: Connection, urls: Collection[str]) -> None:
    """Mark the bodies of these pages as not settled, so that the next run cleans them."""
    for chunk in in_chunks(urls):
        connection.execute(update(pages).where(pages.c.url.in_(chunk)).values(settled=False))


def forgotten(connection: Connection, urls: Collection[str]) -> set[str]:
    """Return those of the URLs that are withdrawn."""
    names = {url: url for url in urls} | {hashed_url(url_hash(url)): url for url in urls}
    found: set[str] = set()
    for chunk in in_chunks(names):
        rows = connection.execute(select(tombstones.c.url).where(tombstones.c.url.in_(chunk)))
        found.update(names[name] for name in rows.scalars())
    return found


def all_tombstones(connection: Connection) -> list[Tombstone]:
    """Return every tombstone, in the order of the URLs."""
    rows = connection.execute(select(tombstones).order_by(tombstones.c.url))
    return [Tombstone(row.url, from_text(row.forgotten_at), row.forgotten_by, row.reason) for row in rows]


def sources_of(connection: Connection, urls: Collection[str]) -> list[str]:
    """Return the sources of which a run has scheduled one of the URLs."""
    found: set[str] = set()
    for chunk in in_chunks(urls):
        sources = select(runs.c.source_id).join(visits, visits.c.run_id == runs.c.run_id).distinct()
        found.update(connection.execute(sources.where(visits.c.url.in_(chunk))).scalars())
    return sorted(found)


def accept(
    connection: Connection, run_id: str, problems: Sequence[str], now: datetime, by: str, reason: str
) -> None:
    """Record who published a run although it breaks these expectations; a later record replaces it."""
    row: dict[str, Any] = {
        "accepted_at": to_text(now),
        "accepted_by": storable(by),
        "reason": storable(reason),
        "problems": storable(json.dumps([*problems], ensure_ascii=False)),
    }
    new = insert_for(connection)(acceptances).values(run_id=run_id, **row)
    connection.execute(new.on_conflict_do_update(index_elements=["run_id"], set_=row))


def all_acceptances(connection: Connection) -> list[Acceptance]:
    """Return every acceptance, by run."""
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
