"""Processes of this machine as /proc shows them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def until(found: Callable[[], T | bool | None], what: str, seconds: float = 60) -> T:
    """What `found` gives, once it is true; the test fails with `what` when it does not become so."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.2)
    return value  # type: ignore[return-value]


def children(pid: int, word: str = "") -> list[int]:
    """The living children of a process whose command line has a word in it."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            numbers = task.read_text().split()
        except OSError:
            continue
        for child in map(int, numbers):
            try:
                command = Path(f"/proc/{child}/cmdline").read_bytes().decode()
            except OSError:
                continue
            if word in command:
                found.append(child)
    return found


def descendants(pid: int) -> list[int]:
    """The living children of a process, and theirs."""
    found = children(pid)
    return [*found, *(one for child in found for one in descendants(child))]


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def can_mount() -> bool:
    """Tell whether this machine lets us mount a small disk in a namespace of its own."""
    try:
        command = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
