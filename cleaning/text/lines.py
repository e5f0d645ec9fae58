"""Folding of lines for comparison. Only keys are folded; texts are stored as written."""

from __future__ import annotations

import re
from typing import Final

# U+FF01 to U+FF5E are ASCII in full width; the spaces are those that pages use for layout.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys([0x3000, 0x00A0, 0x2007, 0x202F], " ")
_FOLD = str.maketrans({**_WIDTH, **_SPACES, 0x200B: None, 0xFEFF: None, 0x00AD: None})
# Most lines have nothing to fold, and this check is cheaper than folding.
_NEEDS_FOLDING = re.compile("[\uff01-\uff5e\u3000\u00a0\u2007\u202f\u200b\ufeff\u00ad]")

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
# No paragraph is longer; the beginning of a line of many megabytes is enough.
_MAX_CHARACTERS = 50_000
# A list item or a note, which is no byline.
NUMBERED = re.compile(r"\d+\. ")
_NOT_WORD = re.compile(r"[\W_]+")
# Raised and lowered digits, which page heads write as plain ones.
_RAISED_OR_LOWERED = re.compile("[\u00b2\u00b3\u00b9\u2070-\u2089]")
LEVEL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")


def fold_line(line: str) -> str:
    """Return the line in half width, stripped, with each run of white space as one space."""
    if line.isascii() and line.isprintable() and "  " not in line:  # most lines
        return line.strip()
    return " ".join(_folded(line).split())


def word_count(text: str) -> int:
    """Return the number of words in a line, a hanzi as one. Only the beginning of an endless line counts."""
    return len(_WORD.findall(text[:_MAX_CHARACTERS]))


def word_key(text: str) -> str:
    """Return only the letters and digits, in half width and lower case, to compare renderings of a line."""
    key = _NOT_WORD.sub("", _folded(text)).lower()
    return key.translate(LEVEL) if not key.isascii() and _RAISED_OR_LOWERED.search(key) else key


def _folded(text: str) -> str:
    return text if text.isascii() or not _NEEDS_FOLDING.search(text) else text.translate(_FOLD)


_ELISION: Final = re.compile(r"^\[\s*(?:…|\.\.\.|……)\s*\]$")


def is_elision(line: str) -> bool:
    """Return whether a line is only a mark of omission, `[…]`."""
    return ("[" in line or "［" in line) and bool(_ELISION.match(fold_line(line)))
