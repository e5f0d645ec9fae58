"""Numbers in laws: hanzi and English numerals, and document numbers in Chinese and English."""

from __future__ import annotations

import re
from typing import Final

from cleaning.text.lines import fold_line

_DIGITS: Final = {
    char: value
    for value, chars in enumerate(("零〇○", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}

# 国发〔2014〕33号: the issuer's short name, year, serial (GB/T 9704-2012). Pages write any bracket.
_FAWEN_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{1,12}\s?[〔\[(【（]\s?(?:19|20)\d{2}\s?[〕\])】）]\s?第?\s?\d{1,5}\s?[号號]"
)
_DECREE_ZH = re.compile(
    r"(?:中华人民共和国)?[\u4e00-\u9fff]{2,24}?(?:令|公告)\s?[第(]?\s?[\d一二三四五六七八九十百]+\s?[号號]"
)
_DECREE_EN = re.compile(
    r"([A-Z][\w’'-]*(?: (?:[A-Z][\w’'-]*|of|and|for|the)|,)*? (?:Decree|Order))\s*\(?No\.?\s?(\d+)\)?"
)
_TRANSLITERATED = re.compile(
    r"^[A-Z][A-Za-z]{0,12}(?: [A-Z][a-z]{1,8}){0,3} (?:No\. ?)?[\[(〔]\d{4}[\])〕] ?(?:No\. ?)?\d{1,4}$"
)
_BARE_NUMBER = re.compile(
    r"^(?:(?:Order|Decree|Document) )?No\.?\s?\d{1,5}$|^(?:令"
    r"|公告)?\s?第?\s?[\d一二三四五六七八九十百]{1,5}\s?[号號]$"
)
_YEAR_SERIAL = re.compile(r"[〔\[(【]\s?((?:19|20)\d{2})\s?[〕\])】]\D{0,6}?(\d{1,5})")
_SERIAL = re.compile(r"(?:第|No\.?|\()\s?([\d一二三四五六七八九十百]+)")
_COUNTRY_NAME = re.compile(r"^(?:The )?People[’']s Republic of China,? ")
# The patterns for document numbers anywhere in a text.
DOCUMENT_NUMBERS: Final = (_FAWEN_NUMBER, _DECREE_ZH, _DECREE_EN)
_HEAD_LINES = 8  # a document's own number stands above its text
_LINE_MAX = 120  # characters; a longer line is prose, and its number belongs to another document


def chinese_number(text: str) -> int | None:
    """Return the value of hanzi or Arabic digits up to 9,999 (`二十一`, `一百零三`, `二〇二一`), or None."""
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


_ENGLISH_UNITS: Final = {
    word: n
    for n, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
         "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"), 1,
    )
}  # fmt: skip
_ENGLISH_TENS: Final = {
    word: 10 * n
    for n, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2
    )
}
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def english_number(text: str) -> int | None:
    """Return the value of digits, Roman numerals, or an English number or ordinal up to ninety-nine; else
    None.
    """
    if text.isdecimal() and text.isascii():
        return int(text)
    if text and all(char in _ROMAN for char in text):
        values = [_ROMAN[char] for char in text]
        return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
    tens, _, ones = text.lower().rpartition("-")
    value = _ENGLISH_UNITS.get(ones) or _ORDINALS.get(ones) or _ENGLISH_UNITS.get(ones.removesuffix("th"))
    if tens:
        return _ENGLISH_TENS[tens] + value if tens in _ENGLISH_TENS and value else None
    return value or _ENGLISH_TENS.get(ones)


def document_number(lines: list[str]) -> str | None:
    """Return a document's own number as written, from the short lines at its head, or None.

    A decree's name and number may stand on two lines. A number inside a sentence belongs to a cited document.
    """
    head = [line.strip() for line in lines[:_HEAD_LINES]]
    for i, line in enumerate(head):
        if not line or len(line) > _LINE_MAX:
            continue
        both = f"{line} {head[i + 1]}" if i + 1 < len(head) and len(head[i + 1]) < 20 else line
        for pattern in (_FAWEN_NUMBER, _DECREE_ZH, _TRANSLITERATED):
            if (match := pattern.search(line)) and len(match[0]) > 0.6 * len(line.strip("()（）[]【】 ")):
                return match[0]
        if (match := _DECREE_EN.match(_COUNTRY_NAME.sub("", both))) and len(match[0]) > 0.6 * len(
            _COUNTRY_NAME.sub("", both)
        ):
            return f"{match[1]} No. {match[2]}"
    return next((line for line in head[:3] if _BARE_NUMBER.match(line)), None)


def is_bare(number: str) -> bool:
    """Return whether a number names no issuer: `No. 25`, `第25号`."""
    return bool(_BARE_NUMBER.match(number.strip()))


def code_of(number: str) -> str:
    """Return what stands before the year in a document number (`国发`, `GF`), or ""."""
    match = _YEAR_SERIAL.search(number)
    return re.sub(r"(?i)\s*No\.?\s*$", "", number[: match.start()]).strip() if match else ""


def number_key(number: str, issuer: str) -> str:
    """Return one spelling for all spellings of a number: `cn-sc:2014:33`, `cn-miit:order:25`; "" for none.

    It holds issuer, year and serial. `issuer` is the body's id, or its name without one: the same serial of
    two bodies is two numbers.
    """
    folded = fold_line(number)
    if match := _YEAR_SERIAL.search(folded):
        return f"{issuer}:{match[1]}:{int(match[2])}"
    if (match := _SERIAL.search(folded)) and (serial := chinese_number(match[1])):
        return f"{issuer}:order:{serial}"
    return ""
