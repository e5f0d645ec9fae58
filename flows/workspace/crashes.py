"""Work on a page that no page can end: what raises, or takes too long, costs the page that it does so for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flows.workspace.limits import CPU_SECONDS, OutOfTime, cpu_limit
from output.base.errors import TamisError

T = TypeVar("T")

# The reasons of pages that cleaning failed for: the fault is not theirs.
CLEANING_ERROR, CLEANING_TIMEOUT, CLEANING_CRASHED = "cleaning_error", "cleaning_timeout", "cleaning_crashed"
_MAX_DETAIL_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Crash:
    """A page on which cleaning itself failed; the page counts as failed, and the work goes on."""

    reason: str
    detail: str


def attempt(work: Callable[[], T]) -> T | Crash:
    """Return what the work gives, or how it failed. Raises TamisError, such as of a full disk."""
    try:
        return work()
    except TamisError:
        raise
    except Exception as error:
        detail = f"{type(error).__name__}: {error}"[:_MAX_DETAIL_CHARACTERS]
        return Crash(CLEANING_ERROR, detail)


def attempt_in_time(work: Callable[[], T]) -> T | Crash:
    """Return what `attempt` gives, within the CPU time that a page may cost."""
    try:
        with cpu_limit():
            return attempt(work)
    except OutOfTime:
        return Crash(CLEANING_TIMEOUT, f"more than {CPU_SECONDS:.0f} seconds of CPU")
