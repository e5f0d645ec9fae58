"""The lease of a source: held while it is run, and renewed by a heartbeat."""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from output.base.errors import Busy, TamisError
from output.ledger.ledger import Ledger
from output.ledger.sql.leases import LEASE_SECONDS, holder_name


@contextmanager
def holding(ledger: Ledger, source_id: str, clock: Callable[[], datetime]) -> Iterator[None]:
    """Hold the source's lease while the context lasts, renewed four times in its duration.

    Raises Busy where another process holds it, or takes it over later. The main thread is then interrupted,
    because two processes must not write one source.
    """
    holder, ended = holder_name(), threading.Event()
    ledger.lease(source_id, holder, now=clock())
    lost: list[Busy] = []

    def renew() -> None:
        while not ended.wait(LEASE_SECONDS / 4):
            try:
                ledger.renew(source_id, holder, now=clock())
            except Busy as busy:
                lost.append(busy)
                _interrupt()
                return
            except TamisError:
                # The database is unreachable for a moment; the lease outlives three missed renewals.
                continue

    heartbeat = threading.Thread(target=renew, name=f"lease of {source_id}", daemon=True)
    heartbeat.start()
    try:
        yield
    except KeyboardInterrupt:
        if lost:
            raise lost[0] from None
        raise
    finally:
        ended.set()
        heartbeat.join()
        ledger.release(source_id, holder)


def _interrupt() -> None:
    """Interrupt the main thread, or terminate a process that ignores interrupts, like a background job."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        _thread.interrupt_main()
