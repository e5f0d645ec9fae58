"""Folding: the form in which texts are compared. It keeps what a reader calls the same letters, and is never
stored.

It is NFKC in lower case, Simplified Chinese, without accents, and holds only letters and digits. So width,
punctuation, white space and script make no difference. A table over all code points folds each character in
one look-up. It fills itself as characters occur.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from importlib import resources
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Codes: TypeAlias = npt.NDArray[np.uint32]
Positions: TypeAlias = npt.NDArray[np.intp]

_CODE_POINTS = 0x110000
# Table entries above every code point: not seen yet, and folds to several letters.
_UNSEEN = 0xFFFF_FFFF
_MANY_LETTERS = 0xFFFF_FFFE
# Line ends are kept as this code; every letter is above it.
LINE_END = 10


def code_points(text: str) -> Codes:
    """Return the code points of a text, lone surrogates included."""
    # numpy stores strings so. For Chinese it costs an eighth of encoding to UTF-32.
    return np.array([text]).view(np.uint32)[: len(text)]


class Fold:
    """A folder of texts. One instance serves any number of texts, and earlier texts change no result."""

    def __init__(self) -> None:
        self._table: Codes = np.full(_CODE_POINTS, _UNSEEN, np.uint32)
        self._several: dict[int, str] = {}

    def __call__(self, texts: Sequence[str]) -> tuple[Codes, Positions]:
        """Return the folded code points of texts in one array, and where each text ends.

        Line ends become LINE_END, other characters that do not count become 0. A text grows where a character
        folds to several letters (½, ㎡, ﬁ).
        """
        codes = code_points("".join(texts))
        ends: Positions = np.cumsum([len(text) for text in texts], dtype=np.intp)
        folded: Codes = self._table.take(codes)
        if not codes.size or folded.max() < _MANY_LETTERS:
            return folded, ends
        for code in np.unique(codes[folded == _UNSEEN]).tolist():
            letters = fold_character(chr(code))
            self._table[code] = _MANY_LETTERS if len(letters) > 1 else ord(letters) if letters else 0
            if len(letters) > 1:
                self._several[code] = letters
        return self._spread(codes, self._table.take(codes), ends)

    def _spread(self, codes: Codes, folded: Codes, ends: Positions) -> tuple[Codes, Positions]:
        """Insert all letters of the characters that fold to several."""
        several = folded == _MANY_LETTERS
        places = several.nonzero()[0]
        spelt = [self._several[code] for code in codes[places].tolist()]
        more = np.array([0, *map(len, spelt)]).cumsum() - np.arange(places.size + 1)
        spread = np.zeros(folded.size + more[-1], np.uint32)
        counts = np.diff(more) + 1
        at = (places + more[:-1] - counts.cumsum() + counts).repeat(counts) + np.arange(counts.sum())
        single = np.ones(spread.size, np.bool_)
        single[at] = False
        spread[single] = folded[~several]
        spread[at] = code_points("".join(spelt))
        return spread, ends + more[places.searchsorted(ends)]


def fold_character(character: str) -> str:
    """Return the letters and digits of a character: lower case, simplified, without accents."""
    if character.splitlines() == [""]:
        return chr(LINE_END)
    kept = []
    for variant in unicodedata.normalize("NFKC", character).lower():
        letter = _simplified().get(variant, variant)
        # A Hangul syllable decomposes into its letters, which are not accents.
        base = letter if "가" <= letter <= "힣" else unicodedata.normalize("NFD", letter)[0]
        if unicodedata.category(base)[0] in "LN":
            kept.append(base)
    return "".join(kept)


@functools.cache
def _simplified() -> dict[str, str]:
    """Return the map from Traditional to Simplified characters. The file names its source and licence."""
    lines = resources.files("cleaning.text").joinpath("simplified.txt").read_text("utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("#")]
    return {
        t: s for old, new in zip(lines[::2], lines[1::2], strict=True) for t, s in zip(old, new, strict=True)
    }
