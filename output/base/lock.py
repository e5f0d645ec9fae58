"""Lock of a folder: one process writes at a time, the others wait, then fail with the holder's name."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from output.base.errors import Busy

# A publish or a release of a large dataset takes minutes. A process that holds the lock for longer hangs.
MAX_WAIT_SECONDS = 600.0


@contextmanager
def locked(folder: Path, wait: float = MAX_WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock `folder`/.lock; the system releases it when the process ends, however it ends.

    The folder is made where it is missing. Raises Busy with the number of the holding process after
    `wait` seconds, OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+") as file:
        deadline = time.monotonic() + wait
        while not _try_lock(file.fileno()):
            if time.monotonic() >= deadline:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise Busy(
                    f"{folder}: process {holder} has been writing for over {wait:.0f} s; "
                    "wait for it or end it, then run the same command again"
                )
            time.sleep(0.05)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
