"""Leases with a heartbeat, so that one process at a time runs a source.

A holder renews its lease well before it ends. A lease that is not renewed ends by itself. One whose holder
was a process of this machine ends with that process, so that after a kill the same command goes on at once.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select

from output.base.errors import Busy
from output.ledger.sql.rows import from_text, to_text
from output.ledger.sql.statements import insert_for
from output.ledger.sql.tables import leases

# Four missed heartbeats of 15 s.
LEASE_SECONDS = 60


def holder_name() -> str:
    """Return this process as a holder, "host:pid", by which a dead holder is recognised."""
    return f"{socket.gethostname()}:{os.getpid()}"


def acquire(connection: Connection, source_id: str, holder: str, now: datetime, seconds: int) -> None:
    """Take the lease, also from a holder whose lease has ended. Raises Busy with the holder and its start."""
    held = connection.execute(select(leases).where(leases.c.source_id == source_id)).one_or_none()
    if held is not None and held.holder != holder and _is_dead(held.holder):
        connection.execute(
            delete(leases).where(leases.c.source_id == source_id, leases.c.holder == held.holder)
        )
    row = {
        "holder": holder,
        "since": to_text(now),
        "seen_at": to_text(now),
        "expires_at": to_text(now + timedelta(seconds=seconds)),
    }
    # A heartbeat further ahead than a lease lasts is from before the clock was set back.
    is_free = or_(
        leases.c.holder == holder,
        leases.c.expires_at <= to_text(now),
        leases.c.seen_at > to_text(now + timedelta(seconds=seconds)),
    )
    statement = insert_for(connection)(leases).values(source_id=source_id, **row)
    taken = statement.on_conflict_do_update(index_elements=["source_id"], set_=row, where=is_free)
    if connection.execute(taken.returning(leases.c.holder)).scalar() is None:
        held = connection.execute(select(leases).where(leases.c.source_id == source_id)).one()
        raise Busy(
            f"source {source_id} is being run by {held.holder} "
            f"since {from_text(held.since):%Y-%m-%d %H:%M:%S} UTC: "
            f"wait for it, or end it; its lease ends {seconds} s after its last sign of life"
        )


def renew(connection: Connection, source_id: str, holder: str, now: datetime, seconds: int) -> None:
    """Renew the lease. Raises Busy where another holder has taken it meanwhile."""
    values = {"seen_at": to_text(now), "expires_at": to_text(now + timedelta(seconds=seconds))}
    mine = (leases.c.source_id == source_id) & (leases.c.holder == holder)
    if connection.execute(leases.update().where(mine).values(values)).rowcount == 0:
        held = connection.execute(select(leases.c.holder).where(leases.c.source_id == source_id)).scalar()
        raise Busy(
            f"source {source_id} is no longer leased to {holder} but to {held or 'nobody'}: run it again"
        )


def release(connection: Connection, source_id: str, holder: str) -> None:
    """Give the lease back; a lease of another holder stays."""
    connection.execute(delete(leases).where(leases.c.source_id == source_id, leases.c.holder == holder))


def _is_dead(holder: str) -> bool:
    host, _, pid = holder.rpartition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
