"""Dates as pages write them, to ISO 8601. An incomplete date gives none: nothing is guessed."""

from __future__ import annotations

import datetime
import re
from typing import Final

from cleaning.text.lines import fold_line
from cleaning.text.numerals import chinese_number

_MONTHS: Final = {
    name: n
    for n, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"), 1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_OPTIONAL_TIME = r"(?:[ T-]{1,2}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
_NUMERIC = re.compile(rf"(?<!\d)(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}})(?!\d){_OPTIONAL_TIME}")
_ZH = re.compile(
    r"(?<!\d)(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日(?:\s?(\d{1,2})[:时](\d{2})(?:[:分](\d{2}))?)?"
)
# Years since 1911, as Taiwan counts them.
_TAIWAN_ERA = re.compile(r"民[国國]\s?(\d{1,3})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
_HANZI = re.compile(
    r"([〇零○ＯO一二三四五六七八九]{4})年(元|正|[一二三四五六七八九十]{1,2})月([一二三四五六七八九十廿卅]{1,3})日"
)
_MDY = re.compile(rf"(?i)\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})(?!\d)")
_DMY = re.compile(rf"(?i)\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})\.?,? (\d{{4}})(?!\d)")
_DMY_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d/-])")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(?=$|[Z+-])")
_YEAR = re.compile(r"\d{4}|年")  # without one there is no date; this skips most lines
_PLAUSIBLE_YEARS = range(1900, 2101)  # no web page has another year

# Any of the above without its time, for patterns with a date in them.
ANY_DATE: Final = "(?:" + "|".join((
    r"\d{4}-\d{1,2}-\d{1,2}",
    r"\d{4}/\d{1,2}/\d{1,2}",
    r"\d{4}\.\d{1,2}\.\d{1,2}",
    r"\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日",
    r"(?:中[华華])?民[国國]\s?\d{1,3}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日",
    r"[〇零○ＯO一二三四五六七八九]{4}年[元正一二三四五六七八九十]{1,2}月[一二三四五六七八九十廿卅]{1,3}日",
    rf"(?i:{_MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}",
    rf"\d{{1,2}}(?:st|nd|rd|th)? (?i:{_MONTH}),? \d{{4}}",
)) + ")"  # fmt: skip
_DATE_LINE = re.compile(rf"^(?:[\[(]?{ANY_DATE}[\])]?\s*){{1,2}}$")


def first_date(text: str) -> str | None:
    """Return the first date in `text`, with its time where it has one, or None.

    `2017-09-07 18:12:55` gives `2017-09-07T18:12:55`. A time zone is kept, never added.
    """
    if not _YEAR.search(text):
        return None
    folded = fold_line(text)
    found = []
    for pattern, read in (
        (_NUMERIC, _numeric),
        (_ZH, _zh),
        (_TAIWAN_ERA, _taiwan_era),
        (_HANZI, _hanzi),
        (_MDY, _mdy),
        (_DMY, _dmy),
        (_DMY_NUMERIC, _dmy_numeric),
        (_COMPACT, _compact),
    ):
        match = pattern.search(folded)
        if match and (iso := read(match)):
            found.append((match.start(), iso))
    return min(found)[1] if found else None


def is_date_line(line: str) -> bool:
    """Return whether a line is only a date, perhaps in brackets, perhaps in two languages."""
    return len(line) <= 60 and bool(_DATE_LINE.match(fold_line(line)))


def _iso(
    year: int, month: int, day: int, clock: tuple[str | None, ...] = (), zone: str | None = None
) -> str | None:
    try:
        date = datetime.date(year, month, day)
    except ValueError:
        return None
    if year not in _PLAUSIBLE_YEARS:
        return None
    if not clock or clock[0] is None or clock[1] is None:
        return date.isoformat()
    try:
        time = datetime.time(int(clock[0]), int(clock[1]), int(clock[2] or 0) if len(clock) > 2 else 0)
    except ValueError:
        return date.isoformat()
    if zone and zone != "Z" and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{date.isoformat()}T{time.isoformat()}{zone or ''}"


def _numeric(m: re.Match[str]) -> str | None:
    return _iso(int(m[1]), int(m[3]), int(m[4]), (m[5], m[6], m[7]), m[8])


def _zh(m: re.Match[str]) -> str | None:
    return _iso(int(m[1]), int(m[2]), int(m[3]), (m[4], m[5], m[6]))


def _taiwan_era(m: re.Match[str]) -> str | None:
    return _iso(int(m[1]) + 1911, int(m[2]), int(m[3]))


def _hanzi(m: re.Match[str]) -> str | None:
    year = chinese_number(re.sub("[○ＯO]", "〇", m[1]))
    month = 1 if m[2] in "元正" else chinese_number(m[2])
    day = chinese_number(m[3].replace("廿", "二十").replace("卅", "三十"))
    return _iso(year, month, day) if year and month and day else None


def _mdy(m: re.Match[str]) -> str | None:
    return _iso(int(m[3]), _MONTHS[m[1].lower()], int(m[2]))


def _dmy(m: re.Match[str]) -> str | None:
    return _iso(int(m[3]), _MONTHS[m[2].lower()], int(m[1]))


def _dmy_numeric(m: re.Match[str]) -> str | None:
    """Return the date of day and month in figures, in either order, where only one order is possible.

    3/4/2019 allows both, so it gives None.
    """
    first, second, year = int(m[1]), int(m[3]), int(m[4])
    if m[2] == "." or first > 12 or first == second:
        return _iso(year, second, first)
    return _iso(year, first, second) if second > 12 else None


def _compact(m: re.Match[str]) -> str | None:
    return _iso(int(m[1]), int(m[2]), int(m[3]), (m[4], m[5], m[6]))
