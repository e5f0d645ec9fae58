"""Cleaning that no page can end: what raises costs the page that it raises for, and that page is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cleaning.pipeline import Cleaned, assemble
from cleaning.result import rejected
from flows.workspace.crashes import Crash, attempt, attempt_in_time
from output.base.records import RawPage, Rejection


def cleaned_in_time(page: RawPage, clean: Callable[[], Cleaned]) -> Cleaned:
    """Return the page cleaned, or rejected where that fails or takes too much CPU time."""
    return _or_rejected(page, attempt_in_time(clean))


def cleaned_or_rejected(page: RawPage, clean: Callable[[], Cleaned]) -> Cleaned:
    """Return the page cleaned, or rejected where that fails. Raises TamisError, such as of a full disk."""
    return _or_rejected(page, attempt(clean))


def _or_rejected(page: RawPage, result: Cleaned | Crash) -> Cleaned:
    return rejected(page, result.reason, result.detail) if isinstance(result, Crash) else result


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
    result = attempt(lambda: assemble([page])[0])
    if isinstance(result, Cleaned):
        return result
    first = page.documents[0]
    why = Rejection(
        first.source_id, first.input_id, first.run_id, first.url, result.reason, result.detail,
        first.raw_sha256,
    )  # fmt: skip
    return Cleaned((), page.removals, why)
