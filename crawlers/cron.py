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
    return line


def _is_valid(part: str, least: int, greatest: int, names: dict[str, int]) -> bool:
    match = _PART.fullmatch(part)
    if match is None or (match["step"] is not None and int(match["step"]) == 0):
        return False
    if match["all"]:
        return True
    ends = [names.get(end, int(end) if end.isdigit() else -1) for end in (match["from"], match["to"]) if end]
    return all(least <= end <= greatest for end in ends) and ends == sorted(ends)
