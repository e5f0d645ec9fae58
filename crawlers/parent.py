"""The end of this process when the process that started it is gone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

# A crawl whose parent is gone may finish the pages under way for so long. A page that it gives up is fetched
# again by the next run.
STOP_SECONDS = 5.0


def end_with_parent() -> None:
    """Have SIGTERM, and then the end of this process, follow the end of standard input.

    The parent holds the other end of that pipe, which closes when it ends, however it ends. Unlike Linux's
    PR_SET_PDEATHSIG, this works on every system, and does not depend on the thread that started this process.
    """
    # Unbuffered: the thread would hold the lock of a buffer, for which the interpreter waits at exit.
    pipe = sys.stdin.fileno()

    def watch() -> None:
        while os.read(pipe, 65536):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
