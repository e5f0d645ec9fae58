"""One writer at a time below a folder: the others wait, then are told who holds it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from output.base.errors import Busy

# A publish or a release of a large dataset takes minutes; who holds on longer has most likely been stopped.
WAIT_SECONDS = 600.0


@contextmanager
def locked(folder: Path, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold `folder`/.lock, made if need be; the system lets go of it when the process ends, however it ends.

    Raises Busy naming the holder's process after `wait` seconds, OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+") as file:
        deadline = time.monotonic() + wait
        while not _taken(file.fileno()):
            if time.monotonic() >= deadline:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise Busy(
                    f"{folder}: process {holder} is writing, for over {wait:.0f} s; wait for it or end it"
                )
            time.sleep(0.05)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
