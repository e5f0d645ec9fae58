"""The day that a listing gives for a page: in the item that the link stands in, else in the page's URL."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WRITTEN = (
    re.compile(
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)"
    ),
    re.compile(rf"(?i)\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_NAME},?\s+(?P<year>(?:19|20)\d\d)\b"),
    re.compile(rf"(?i)\b{_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b"),
)
# /2024/03/01/, /2024-03/01/, /20240301/, t20240301_
_IN_URL = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:[-/]?)(?P<month>0[1-9]|1[0-2])(?:[-/]?)(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)


def day_of(item: str, anchor: str, url: str) -> str:
    """The day as ISO 8601 at midnight UTC; "" where none is told. `item` is the text around the link.

    A date in the words of the link itself is part of a title: it says what a page is about, not when it came.
    """
    around = item.replace(anchor, " ", 1) if anchor else item
    for pattern in _WRITTEN:
        if (found := pattern.search(around)) and (day := _day(found)):
            return day
    found = _IN_URL.search(url)
    return _day(found) if found else ""


def _day(found: re.Match[str]) -> str:
    month = found["month"]
    number = int(month) if month.isdecimal() else _MONTHS.index(month.lower()) + 1
    try:
        return datetime(int(found["year"]), number, int(found["day"]), tzinfo=UTC).isoformat()
    except ValueError:
        return ""
