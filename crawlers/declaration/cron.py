"""The five fields of a cron line, checked before a server is asked to follow them."""

from __future__ import annotations

import re

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
# name, least, greatest, names that stand for numbers
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)
# The days of the longest month of its kind, for those that do not have 31.
_SHORT_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_PART = re.compile(r"(?:(?P<all>\*)|(?P<from>\w+)(?:-(?P<to>\w+))?)(?:/(?P<step>\d+))?")


def check_cron(line: str) -> str:
    """Give a cron line back, or raise a ValueError that names the field that is wrong."""
    fields = line.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{line!r} has {len(fields)} fields; cron has 5: minute hour day month weekday")
    for text, (name, least, greatest, names) in zip(fields, _FIELDS, strict=True):
        for part in text.lower().split(","):
            if not _is_valid(part, least, greatest, names):
                raise ValueError(f"{part!r} in {line!r} is no {name} ({least}-{greatest})")
    if _never_comes(fields):
        raise ValueError(f"{line!r} never comes: no such month has a day {fields[2]}")
    return line


def _never_comes(fields: list[str]) -> bool:
    """Whether the days and months of a line never meet; a weekday beside them always comes."""
    days, months, weekday = fields[2:]
    if weekday != "*":
        return False
    first = min(min(_numbers(part, 1, 31, {})) for part in days.split(","))
    named = {n for part in months.lower().split(",") for n in _numbers(part, 1, 12, _FIELDS[3][3])}
    return all(first > _SHORT_MONTHS.get(month, 31) for month in named)


def _numbers(part: str, least: int, greatest: int, names: dict[str, int]) -> range:
    """The numbers that a valid part of a field stands for."""
    match = _PART.fullmatch(part)
    assert match  # noqa: S101 - checked by the caller
    if match["all"]:
        first, last = least, greatest
    else:
        first = names.get(match["from"]) or int(match["from"])
        last = (names.get(match["to"]) or int(match["to"])) if match["to"] else first
        last = greatest if match["step"] and not match["to"] else last
    return range(first, last + 1, int(match["step"] or 1))


def _is_valid(part: str, least: int, greatest: int, names: dict[str, int]) -> bool:
    match = _PART.fullmatch(part)
    if match is None or (match["step"] is not None and int(match["step"]) == 0):
        return False
    if match["all"]:
        return True
    ends = [names.get(end, int(end) if end.isdigit() else -1) for end in (match["from"], match["to"]) if end]
    return all(least <= end <= greatest for end in ends) and ends == sorted(ends)
