"""Validation of a cron line's five fields, before a server is asked to follow them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAY_NAMES = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
# The most days that a month can have, for months shorter than 31 days.
_SHORT_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_PART = re.compile(r"(?:(?P<all>\*)|(?P<from>\w+)(?:-(?P<to>\w+))?)(?:/(?P<step>\d+))?")


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five fields: its name, its range, and the names that stand for numbers."""

    name: str
    least: int
    greatest: int
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        """Return the number that a text stands for; -1 for none."""
        return self.numbers.get(text, int(text) if text.isdigit() else -1)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTH_NAMES, 1)}),
    _Field("day of week", 0, 7, {name: number for number, name in enumerate(_DAY_NAMES)}),
)
_DAY_OF_MONTH, _MONTH = _FIELDS[2:4]


def check_cron(line: str) -> str:
    """Return a valid cron line as it is. Raises ValueError, which names the wrong field."""
    fields = line.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{line!r} has {len(fields)} fields; cron has 5: minute hour day month weekday")
    for text, cron_field in zip(fields, _FIELDS, strict=True):
        for part in text.lower().split(","):
            if not _is_valid(part, cron_field):
                raise ValueError(
                    f"{part!r} in {line!r} is not a valid {cron_field.name} "
                    f"({cron_field.least}-{cron_field.greatest})"
                )
    if _never_matches(fields):
        raise ValueError(f"{line!r} never runs: none of its months has a day {fields[2]}")
    return line


def _is_valid(part: str, cron_field: _Field) -> bool:
    match = _PART.fullmatch(part)
    if match is None or (match["step"] is not None and int(match["step"]) == 0):
        return False
    if match["all"]:
        return True
    ends = [cron_field.number(end) for end in (match["from"], match["to"]) if end]
    return all(cron_field.least <= end <= cron_field.greatest for end in ends) and ends == sorted(ends)


def _never_matches(fields: list[str]) -> bool:
    """Whether no month of a line has one of its days; with a weekday given, some day always matches."""
    days, months, weekday = fields[2:]
    if weekday != "*":
        return False
    first_day = min(min(_matching_numbers(part, _DAY_OF_MONTH)) for part in days.split(","))
    matching = {n for part in months.lower().split(",") for n in _matching_numbers(part, _MONTH)}
    return all(first_day > _SHORT_MONTHS.get(month, 31) for month in matching)


def _matching_numbers(part: str, cron_field: _Field) -> range:
    """Return the numbers that a valid part of a field matches."""
    match = _PART.fullmatch(part)
    assert match  # noqa: S101 - checked by the caller
    if match["all"]:
        first, last = cron_field.least, cron_field.greatest
    else:
        first = cron_field.number(match["from"])
        last = cron_field.number(match["to"]) if match["to"] else first
        last = cron_field.greatest if match["step"] and not match["to"] else last
    return range(first, last + 1, int(match["step"] or 1))
