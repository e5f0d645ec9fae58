"""The filters of a release, with the checks of their values."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from output.base.errors import UsageError
from output.base.records import Access

_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Choice:
    """The filters of a release. An empty filter takes all; a document must pass every other.

    `languages` are BCP 47 ranges: "zh" takes zh-Hans too. `since` and `until` are ISO dates, both inclusive,
    for the document's first known date (published, issued, effective); a document without a date passes
    neither. `licences` are words; the licence must contain one, in any case. `access` are the verdicts to
    take, () all. `duplicates` also takes the duplicates of relations `same`. Raises UsageError for an invalid
    date or verdict.
    """

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    licences: tuple[str, ...] = ()
    access: tuple[str, ...] = (Access.FULL.value,)
    duplicates: bool = False

    def __post_init__(self) -> None:
        for day in (self.since, self.until):
            if day is not None and not _is_day(day):
                raise UsageError(f"{day!r} is no date: write it as 2026, 2026-01 or 2026-01-31")
        for verdict in self.access:
            if verdict not in set(Access):
                raise UsageError(f"{verdict!r} is no verdict; the verdicts are {', '.join(Access)}")
        if self.since and self.until and self.since > f"{self.until}~":
            raise UsageError(f"no date is from {self.since} on and until {self.until}; swap the two dates")

    def parameters(self) -> dict[str, Any]:
        """Return the filters as the manifest keeps them, with sorted values."""
        values = dataclasses.asdict(self)
        return {name: sorted(set(v)) if isinstance(v, tuple) else v for name, v in values.items()}


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"{text}-01-01"[: max(10, len(text))])
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None
