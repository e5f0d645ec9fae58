"""A limit on the CPU time that one page may cost, whatever its bytes do to a parser."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# A page takes a hundredth of a second, a file of 500 printed pages ten seconds.
CPU_SECONDS = 120.0


class OutOfTime(BaseException):
    """The CPU limit is reached. Not an `Exception`, so that no parser catches it as a broken page."""


@contextmanager
def cpu_limit(seconds: float = CPU_SECONDS) -> Iterator[None]:
    """Raise OutOfTime where the block takes this process more CPU seconds than that.

    Waiting takes none, so that a busy machine stops nothing. Only the main thread gets signals: in any other
    thread there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
