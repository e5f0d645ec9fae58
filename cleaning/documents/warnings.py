"""What is odd in a title or a text, named in the document's warnings; the text stays as it was written."""

from __future__ import annotations

import re
from typing import Final

from cleaning.text.language import traditional_share

_BIDI: Final = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
# Of the characters that only one of the two scripts writes: a share of the rarer that is no quotation, and
# its least.
_MIXED, _MIXED_LEAST = 0.1, 4


def text_warnings(title: str, text: str) -> list[str]:
    """`bidi_marks`: marks that turn the direction of writing; `scripts_mixed`: Simplified among
    Traditional.
    """
    found = []
    if (not title.isascii() or not text.isascii()) and (_BIDI.search(title) or _BIDI.search(text)):
        found.append("bidi_marks")
    simplified, traditional = traditional_share(text)
    rarer = min(simplified, traditional)
    if rarer >= _MIXED_LEAST and rarer >= _MIXED * (simplified + traditional):
        found.append("scripts_mixed")
    return found
