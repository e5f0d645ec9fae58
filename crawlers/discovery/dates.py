"""The date of a listed page: from the list item around its link, else from its URL."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WRITTEN_DATES = (
    re.compile(
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)"
    ),
    re.compile(rf"(?i)\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH_NAME},?\s+(?P<year>(?:19|20)\d\d)\b"),
    re.compile(rf"(?i)\b{_MONTH_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b"),
)
# /2024/03/01/, /2024-03/01/, /20240301/, t20240301_
_URL_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:[-/]?)(?P<month>0[1-9]|1[0-2])(?:[-/]?)(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)


def listed_date(item: str, anchor: str, url: str) -> str:
    """Return the date as ISO 8601 at midnight UTC, or "". `item` is the text around the link.

    A date in the link's own text is part of a title: it is the date of a subject, not of publication.
    """
    around = item.replace(anchor, " ", 1) if anchor else item
    for pattern in _WRITTEN_DATES:
        if (match := pattern.search(around)) and (day := _iso_date(match)):
            return day
    match = _URL_DATE.search(url)
    return _iso_date(match) if match else ""


def _iso_date(match: re.Match[str]) -> str:
    month = match["month"]
    number = int(month) if month.isdecimal() else _MONTH_NAMES.index(month.lower()) + 1
    try:
        return datetime(int(match["year"]), number, int(match["day"]), tzinfo=UTC).isoformat()

    except ValueError:
        return ""
