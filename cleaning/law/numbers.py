"""Numbers as laws write them: hanzi numerals, document numbers in Chinese and English."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = {
    char: value
    for value, chars in enumerate(("零〇○", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}

# 国发〔2014〕33号: the issuer's short name, year, serial (GB/T 9704-2012). Pages write any bracket.
_FAWEN = re.compile(
    r"[\u4e00-\u9fff]{1,12}\s?[〔\[(【（]\s?(?:19|20)\d{2}\s?[〕\])】）]\s?第?\s?\d{1,5}\s?号"
)
_DECREE_ZH = re.compile(
    r"(?:中华人民共和国)?[\u4e00-\u9fff]{2,24}?(?:令|公告)\s?[第(]?\s?[\d一二三四五六七八九十百]+\s?号"
)
_DECREE_EN = re.compile(
    r"([A-Z][\w’'-]*(?: (?:[A-Z][\w’'-]*|of|and|for|the)|,)*? (?:Decree|Order))\s*\(?No\.?\s?(\d+)\)?"
)
_TRANSLITERATED = re.compile(
    r"^[A-Z][A-Za-z]{0,12}(?: [A-Z][a-z]{1,8}){0,3} (?:No\. ?)?[\[(〔]\d{4}[\])〕] ?(?:No\. ?)?\d{1,4}$"
)
_COUNTRY = re.compile(r"^(?:The )?People[’']s Republic of China,? ")
_HEAD_LINES = 8  # a document's own number stands above its text
_LINE_MAX = 120  # characters: a longer line is prose, and what it numbers is another document


def chinese_number(text: str) -> int | None:
    """The value of hanzi or Arabic digits up to 9,999 (`二十一`, `一百零三`, `二〇二一`), or None."""
    if text.isdecimal() and text.isascii():
        return int(text)
    if not any(char in _UNITS for char in text):
        digits = [_DIGITS.get(char) for char in text]
        return None if None in digits or not digits else int("".join(map(str, digits)))
    total, digit = 0, 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        elif char in _DIGITS:
            digit = _DIGITS[char]
        else:
            return None
    return total + digit


def document_number(lines: list[str]) -> str | None:
    """A document's own number as written, from the short lines at its head; None where it gives none.

    A decree's name and number may stand on two lines. A number inside a sentence belongs to a cited document.
    """
    head = [line.strip() for line in lines[:_HEAD_LINES]]
    for i, line in enumerate(head):
        if not line or len(line) > _LINE_MAX:
            continue
        both = f"{line} {head[i + 1]}" if i + 1 < len(head) and len(head[i + 1]) < 20 else line
        for pattern in (_FAWEN, _DECREE_ZH, _TRANSLITERATED):
            if (match := pattern.search(line)) and len(match[0]) > 0.6 * len(line.strip("()（）[]【】 ")):
                return match[0]
        if (match := _DECREE_EN.match(_COUNTRY.sub("", both))) and len(match[0]) > 0.6 * len(
            _COUNTRY.sub("", both)
        ):
            return f"{match[1]} No. {match[2]}"
    return None
