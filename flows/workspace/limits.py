"""A bound on the work that one page may cost, whatever its bytes lead a parser into."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# A page takes a hundredth of a second, a file of 500 printed pages ten.
CPU_SECONDS = 120.0


class OutOfTime(BaseException):
    """The work took more than it may. No `Exception`: a parser that mends errors must not mend this one."""


@contextmanager
def cpu_limit(seconds: float = CPU_SECONDS) -> Iterator[None]:
    """Raise OutOfTime where the block costs this process more CPU than that.

    Waiting costs none, so that a busy machine ends nothing. Only a main thread gets signals: in any other
    there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ended(*_: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, ended)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
