"""CPU and peak memory of a process and of all that it starts, by what each is for, from /proc."""

from __future__ import annotations

import os
import re
import threading
from collections import defaultdict
from pathlib import Path
from types import TracebackType

from tests.processes import descendants

SAMPLE_SECONDS = 0.2
# What a process is for, by a word of its command line.
KINDS = {"crawlers": "crawler", "spawn_main": "worker", "flows.cli": "main"}
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Usage:
    """Samples a process tree while the context lasts; of a process that ends, the last sample counts."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seen: dict[int, tuple[str, float, int]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Usage:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def cpu_seconds(self) -> dict[str, float]:
        """Seconds of CPU, in user and system, by kind."""
        found: dict[str, float] = defaultdict(float)
        for kind, cpu, _ in self._seen.values():
            found[kind] += cpu
        return found

    def peak_megabytes(self) -> dict[str, int]:
        """The most memory that a single process of a kind held, in MB."""
        found: dict[str, int] = defaultdict(int)
        for kind, _, peak in self._seen.values():
            found[kind] = max(found[kind], peak)
        return found

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            for pid in (self._pid, *descendants(self._pid)):
                if sample := _sample(pid):
                    self._seen[pid] = sample


def _sample(pid: int) -> tuple[str, float, int] | None:
    folder = Path(f"/proc/{pid}")
    try:
        command = (folder / "cmdline").read_bytes().decode(errors="replace")
        times = (folder / "stat").read_text().rpartition(")")[2].split()
        peak = re.search(r"VmHWM:\s*(\d+)", (folder / "status").read_text())
    except OSError:
        return None
    kind = next((kind for word, kind in KINDS.items() if word in command), "")
    if not kind or not peak:
        return None
    return kind, (int(times[11]) + int(times[12])) / _TICKS_A_SECOND, int(peak.group(1)) // 1024
