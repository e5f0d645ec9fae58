"""The watch over a crawl's memory, in a crawl that a large process started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SIZE = """
from types import SimpleNamespace
from crawlers.memory import CurrentMemoryUsage
print(CurrentMemoryUsage.get_virtual_size(SimpleNamespace()))
"""
LARGE = """
import subprocess, sys
held = bytearray(600 << 20)
held[:: 4096] = b"x" * len(held[:: 4096])
subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc on this system")
def test_the_memory_of_the_process_that_started_the_crawl_is_not_its_own() -> None:
    told = subprocess.run(
        [sys.executable, "-c", LARGE, SIZE], capture_output=True, text=True, check=True, timeout=60
    )
    assert 10 << 20 < int(told.stdout) < 400 << 20
