"""Cleaning that no page can end: what raises costs the page that it raises for, and that page is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cleaning.pipeline import Cleaned, assemble
from cleaning.result import rejected
from flows.workspace.limits import CPU_SECONDS, OutOfTime, cpu_limit
from output.base.errors import TamisError
from output.base.records import RawPage, Rejection

# The reasons of pages that cleaning failed for: the fault is not theirs.
CLEANING_ERROR, CLEANING_TIMEOUT = "cleaning_error", "cleaning_timeout"
_MAX_DETAIL_CHARACTERS = 500


def cleaned_in_time(page: RawPage, clean: Callable[[], Cleaned]) -> Cleaned:
    """Return the page cleaned, or rejected where that fails or takes too much CPU time."""
    try:
        with cpu_limit():
            return cleaned_or_rejected(page, clean)
    except OutOfTime:
        return rejected(page, CLEANING_TIMEOUT, f"more than {CPU_SECONDS:.0f} seconds of CPU")


def cleaned_or_rejected(page: RawPage, clean: Callable[[], Cleaned]) -> Cleaned:
    """Return the page cleaned, or rejected where that fails. Raises TamisError, such as of a full disk."""
    try:
        return clean()
    except TamisError:
        raise
    except Exception as error:
        return rejected(page, CLEANING_ERROR, _detail(error))


def assembled(pages: Sequence[Cleaned]) -> list[Cleaned]:
    """Return the pages assembled; one that cannot be is rejected, and the others are assembled without it.

    Raises what `assemble` raises for pages that can each be assembled alone.
    """
    try:
        return assemble(pages)
    except Exception:
        checked = [_assembled_alone(page) for page in pages]
        if not any(page.rejection for page in checked):
            raise
        sound = iter(assemble([page for page, alone in zip(pages, checked, strict=True) if alone.documents]))
        return [next(sound) if alone.documents else alone for alone in checked]


def _assembled_alone(page: Cleaned) -> Cleaned:
    try:
        return assemble([page])[0]
    except Exception as error:
        first = page.documents[0]
        why = Rejection(
            first.source_id, first.input_id, first.run_id, first.url, CLEANING_ERROR, _detail(error),
            first.raw_sha256,
        )  # fmt: skip
        return Cleaned((), page.removals, why)


def _detail(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_MAX_DETAIL_CHARACTERS]
