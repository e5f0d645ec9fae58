"""Warnings about a title or a text, which stays as it was written."""

from __future__ import annotations

import re
from typing import Final

from cleaning.text.language import traditional_share

_BIDI_MARKS: Final = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
# Of the characters that only Simplified or only Traditional Chinese writes, the rarer script's share and
# number from which on it is no quotation.
_MIXED_MIN_SHARE, _MIXED_MIN_CHARACTERS = 0.1, 4


def text_warnings(title: str, text: str) -> list[str]:
    """Return the warnings about a title and its text.

    `bidi_marks`: they have marks that change the direction of writing. `scripts_mixed`: the text mixes
    Simplified and Traditional Chinese.
    """
    found = []
    if (not title.isascii() or not text.isascii()) and (
        _BIDI_MARKS.search(title) or _BIDI_MARKS.search(text)
    ):
        found.append("bidi_marks")
    simplified, traditional = traditional_share(text)
    rarer = min(simplified, traditional)
    if rarer >= _MIXED_MIN_CHARACTERS and rarer >= _MIXED_MIN_SHARE * (simplified + traditional):
        found.append("scripts_mixed")
    return found
