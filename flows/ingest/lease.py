"""Holding a source for as long as it is run, with a heartbeat."""

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
    """Hold the source's lease, renewed four times a lease.

    Raises Busy where somebody else holds it, or has taken it over since: what is under way in the main
    thread is then interrupted, for two must not write one source.
    """
    holder, ended = holder_name(), threading.Event()
    ledger.lease(source_id, holder, now=clock())
    lost: list[Busy] = []

    def beat() -> None:
        while not ended.wait(LEASE_SECONDS / 4):
            try:
                ledger.renew(source_id, holder, now=clock())
            except Busy as busy:
                lost.append(busy)
                _interrupt()
                return
            except TamisError:
                # A database that is away for a moment; the lease outlives three missed beats.
                continue

    heart = threading.Thread(target=beat, name=f"lease of {source_id}", daemon=True)
    heart.start()
    try:
        yield
    except KeyboardInterrupt:
        if lost:
            raise lost[0] from None
        raise
    finally:
        ended.set()
        heart.join()
        ledger.release(source_id, holder)


def _interrupt() -> None:
    """End what the main thread does. A script's background job ignores interrupts; it is terminated."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        _thread.interrupt_main()
