"""A page as if it were Chinese: for the block model to learn from beside itself.

There are some hundred labelled pages in Chinese, and two thousand six hundred others whose layouts, places
and proportions teach the same. Words become hanzi, the same word the same ones: cues of furniture become
Chinese cues of the same kind, words of grammar particles or nothing, marks those of Chinese. No sentence
makes sense; what the features count of one (hanzi, particles, marks, lengths, cues, what repeats the title)
is near to what they count of Chinese pages.
"""

from __future__ import annotations

import calendar
import dataclasses
import functools
import hashlib
import re

from cleaning.blocks import Parsed
from cleaning.features_text import CUES, PARTICLES, ZH_CUES
from cleaning.lines import HAN

_GRAMMAR = {word for cue in ("grammar", "person") for word in CUES[cue].split()}
_CUE_OF = {word: cue for cue in reversed(list(ZH_CUES)) for word in CUES[cue].split()}
_CHINESE_CUES = {
    cue: [word for word in words.split() if not word.isascii()] for cue, words in ZH_CUES.items()
}
_MONTH_OF = {
    name.lower(): n
    for names in (calendar.month_name, calendar.month_abbr)
    for n, name in enumerate(names)
    if name not in ("", "May")
}
_MARKS = {",": "，", "?": "？", "!": "！", ";": "；", ":": "：", "(": "（", ")": "）"}
_PIECES = re.compile(rf"[^\W\d_{HAN}]+(?:['’][^\W\d_{HAN}]+)?|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
_IS_HANZI = re.compile(f"[{HAN}]")
# Chinese writes no space beside a hanzi or a mark of its own.
_WIDE = rf"{HAN}\u3000-\u303f\uff00-\uffef"
_SPACE = re.compile(rf"(?<=[{_WIDE}\d]) +(?=[{_WIDE}])|(?<=[{_WIDE}]) +(?=\d)")
# The hanzi that words become: so many from the beginning of their block.
_FIRST, _HANZI = 0x4E00, 6000
# Words of so many letters are one hanzi, of so many two, and of longer ones a third three; of sixteen hanzi
# one is a particle; a tenth of the capitalised words are names that stay Latin.
_ONE, _TWO, _THREE, _PARTICLE, _LATIN = 3, 8, 3, 16, 10
_DESCRIPTIONS = {"og:title", "og:description", "description"}


def as_chinese(page: Parsed) -> Parsed:
    """The page with its blocks, title and descriptions as if they were Chinese; the tree stays as it is."""
    return dataclasses.replace(
        page,
        blocks=tuple(block._replace(text=translated(block.text)) for block in page.blocks),
        title=translated(page.title),
        meta={
            name: tuple(map(translated, contents)) if name in _DESCRIPTIONS else contents
            for name, contents in page.meta.items()
        },
    )


def translated(text: str) -> str:
    """A line in hanzi; never empty where the line is not."""
    pieces = _PIECES.findall(text)
    found = []
    for before, piece, after in zip(["", *pieces], pieces, [*pieces[1:], " "], strict=False):
        if piece[0].isalpha() and not _IS_HANZI.match(piece):
            found.append(_word(piece))
        elif piece == "." and after.isspace() and (len(before) > 1 or before.isdigit()):
            found.append("。")
        elif piece in "()" or after.isspace():
            found.append(_MARKS.get(piece, " " if piece.isspace() else piece))
        else:
            found.append(" " if piece.isspace() else piece)
    return _SPACE.sub("", "".join(found)).strip() or text


@functools.cache
def _word(word: str) -> str:
    lower = word.lower()
    chance = int.from_bytes(hashlib.blake2b(lower.encode(), digest_size=12).digest(), "big")
    if lower in _MONTH_OF:
        return f"{_MONTH_OF[lower]}月"
    if lower in _CUE_OF:
        cues = _CHINESE_CUES[_CUE_OF[lower]]
        return cues[chance % len(cues)]
    if lower in _GRAMMAR:
        return "" if chance % 2 else PARTICLES[chance // 2 % len(PARTICLES)]
    if word[0].isupper() and chance % _LATIN == 0:
        return word
    length = 1 if len(lower) <= _ONE else 2 if len(lower) <= _TWO or chance % _THREE else 3
    hanzi = ""
    for _ in range(length):
        chance, particle = divmod(chance, _PARTICLE)
        chance, place = divmod(chance, _HANZI)
        hanzi += PARTICLES[place % len(PARTICLES)] if particle == 0 else chr(_FIRST + place)
    return hanzi
