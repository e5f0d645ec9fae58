"""The most memory that a piece of work takes, measured in a process of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path


def peak_kib() -> int:
    """The most memory that this process had since the last reset, in KiB."""
    found = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def reset_peak() -> None:
    """Begin to measure anew."""
    Path("/proc/self/clear_refs").write_text("5")


def megabytes_above_idle(work: Callable[[], str]) -> tuple[int, str]:
    """The MB that the work takes above what its process had before, and what it returns."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        reset_peak()
        idle = peak_kib()
        try:
            said = work()
        except BaseException as error:  # the child must not go on with the parent's tests
            said = repr(error)
        os.write(writer, f"{(peak_kib() - idle) // 1024}\n{said}".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        megabytes, _, said = answer.read().partition("\n")
    os.waitpid(child, 0)
    return int(megabytes), said
