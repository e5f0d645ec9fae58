"""The rows that the faults print: what was tried, and how often it held."""

from __future__ import annotations

import sys


def row(name: str, passed: int, tried: int) -> None:
    """Print one."""
    sys.stdout.write(f"{name} {passed}/{tried}\n")
