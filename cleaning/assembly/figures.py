"""Figures that a text and its translation must share: years, dates, amounts. Another figure is a mistake."""

from __future__ import annotations

import re
from typing import Final

from cleaning.text.lines import fold_line
from cleaning.text.numerals import chinese_number, english_number

_DIGITS: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_HANZI: Final = re.compile(r"(百分之)?([〇零一二三四五六七八九十百千两]{2,})(万|亿)?(年)?")
_MONTHS: Final = {
    name: n
    for n, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
         "november", "december"), 1,
    )
}  # fmt: skip
_WORD: Final = re.compile(
    r"(?i)\b(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-\w+|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|ten)\b"
)
_YEARS: Final = range(1800, 2200)
_FIGURE_MIN_VALUE = 10  # small numbers are written in too many ways: "a pair", "both", 一


def figures(text: str) -> frozenset[str]:
    """Return the figures of a text from ten up.

    Each is given by its leading digits: 5千, 5,000 and "5 thousand" are one.
    """
    folded = fold_line(text)
    found: set[str] = set()
    for match in _DIGITS.finditer(folded):
        found |= _figure(match[0].replace(",", "").rstrip("."))
    for match in _WORD.finditer(folded):
        if (value := english_number(match[0])) is not None:
            found |= _figure(str(value))
    for match in _HANZI.finditer(folded):
        value = chinese_number(match[2])
        counted = any(char in "十百千" for char in match[2]) or match[4]
        if value is not None and (match[1] or match[3] or counted):
            found |= _figure(str(value))
    return frozenset(found)


def slips(text: str, translation: str) -> str:
    """Return the figures that differ as `2035 | 2013`, where each side has one that the other lacks; else "".

    A figure on one side alone may be an addition, a year left out or a list's number: no mistake.
    """
    named, others = figures(text), figures(translation)
    here, there = named - others, others - named
    # A month may be a figure on one side and a name on the other.
    months = {str(n) for word, n in _MONTHS.items() if word in translation.lower() or word in text.lower()}
    here, there = here - months, there - months
    if not here or not there:
        return ""
    years, other_years = _years(here), _years(there)
    if years and other_years:
        return f"{', '.join(sorted(years))} | {', '.join(sorted(other_years))}"
    if years or other_years:
        return ""
    return f"{', '.join(sorted(here))} | {', '.join(sorted(there))}"


def _figure(digits: str) -> set[str]:
    if "." in digits:
        return {digits}
    value = int(digits)
    if value < _FIGURE_MIN_VALUE:
        return set()
    if value in _YEARS:
        return {str(value)}
    return {str(value).rstrip("0")}


def _years(found: frozenset[str] | set[str]) -> set[str]:
    return {figure for figure in found if figure.isdigit() and int(figure) in _YEARS and len(figure) == 4}
