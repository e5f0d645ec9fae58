"""Texts as the hashes of what they are made of: shingles to measure overlap, anchors to find it.

A *shingle* is eight letters of the folded text: characters and not words, for Chinese has no spaces.
An *anchor* is a longer run of letters, chosen for its hash alone as the least in some window of letters
(winnowing: Schleimer, Wilkerson and Aiken 2003), so that two texts that share a passage as long as
window and anchor choose an anchor in common, wherever in them the passage stands.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from cleaning.fold import LINE_END, Codes, Fold, code_points

# Letters of a shingle. Eight of them stand in few texts of a language (five stand in every longer one), and
# one slip spoils no more than eight.
SHINGLE = 8
# Letters of an anchor: enough to be rare (12 letters of English lead to ten times as many strangers as 24),
# few enough to survive one slip in thirty letters.
_ANCHOR, _ANCHOR_CJK = 24, 16
# Letters of a window. Chinese says in 100 letters what English says in 200.
_WINDOW, _WINDOW_CJK = 200, 100
# A text has no fewer windows than this, so that a short one does not hang on a single anchor.
_WINDOWS = 4
_CJK = (0x3400, 0x3134F)
# A look at every fourth shingle tells strangers from kin.
SAMPLED = 4
# Longer texts are compared by their beginning; their fingerprint is that of the whole.
MAX_LETTERS = 1 << 20
# Odd constants that spread: the golden ratio's (Knuth), and MurmurHash3's finaliser.
_BASE = 0x9E3779B1
_BASE_64 = 0x9E3779B97F4A7C15
_MIX, _MIX_64 = np.uint32(0x2C1B3C6D), np.uint64(0xFF51AFD7ED558CCD)


_P32 = {n: np.uint32(pow(_BASE, n, 1 << 32)) for n in (1, 2, 4)}
_P64 = {n: np.uint64(pow(_BASE_64, n, 1 << 64)) for n in (1, 2, 4, 8)}
# Anchors are stored as whole numbers that any SQL database holds; 48 bits keep a row small.
_ANCHOR_BITS = np.uint64((1 << 48) - 1)
_NONE = np.uint64((1 << 64) - 1)

Hashes: TypeAlias = npt.NDArray[np.uint64]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Shingled:
    """A folded text: its letters (at most MAX_LETTERS), the hash of the eight that begin at each, the letters
    up to the end of each line, whether most letters are CJK characters (for measures in letters differ by
    two), every SAMPLED-th shingle, and a digest of the letters beyond MAX_LETTERS.
    """

    letters: Codes
    shingles: Codes
    lines: npt.NDArray[np.int64]
    chinese: bool
    sample: Codes
    beyond: bytes = b""

    def fingerprint(self) -> int:
        """A signed 64-bit number that texts have in common if they fold to the same; 0 without letters."""
        digest = hashlib.blake2b(self.letters.data, digest_size=8)
        digest.update(self.beyond)
        return int.from_bytes(digest.digest(), "little", signed=True) if self.letters.size else 0


def shingle(text: str, fold: Fold) -> Shingled:
    """Folds and shingles a text."""
    if len(text) <= MAX_LETTERS:
        letters, lines = _letters(text, fold)
        return _shingled(letters, lines)
    parts, kept, beyond = [], 0, hashlib.blake2b(digest_size=8)
    for start in range(0, len(text), MAX_LETTERS):
        letters, lines = _letters(text[start : start + MAX_LETTERS], fold)
        if kept < MAX_LETTERS:
            parts.append((letters, lines + kept))
        else:
            beyond.update(letters.data)
        kept += letters.size
    letters = np.concatenate([letters for letters, _ in parts])
    beyond.update(letters[MAX_LETTERS:].data)
    lines = np.concatenate([lines for _, lines in parts]).clip(max=MAX_LETTERS)
    return _shingled(letters[:MAX_LETTERS], lines, beyond.digest())


def _letters(text: str, fold: Fold) -> tuple[Codes, npt.NDArray[np.int64]]:
    """The letters of a text, and how many there are up to the end of each line."""
    folded = fold(code_points(text))
    places = (folded > LINE_END).nonzero()[0]
    ends = places.searchsorted((folded == LINE_END).nonzero()[0])
    return folded.take(places), np.concatenate((ends, [places.size]))


def _shingled(letters: Codes, lines: npt.NDArray[np.int64], beyond: bytes = b"") -> Shingled:
    some = letters[::8]  # enough to tell a language by
    chinese = np.count_nonzero(_cjk(some)) * 2 > some.size
    shingles = _shingles(letters)
    return Shingled(letters, shingles, lines, bool(chinese), shingles[::SAMPLED].copy(), beyond)


def _shingles(letters: Codes) -> Codes:
    """A polynomial hash of the eight letters from each on, in 32 bits; wraps around on purpose."""
    if letters.size < SHINGLE:
        return np.zeros(0, np.uint32)
    two = letters[:-1] * _P32[1]
    two += letters[1:]
    four = two[:-2] * _P32[2]
    four += two[2:]
    eight = four[:-4] * _P32[4]
    eight += four[4:]
    eight ^= eight >> np.uint32(15)
    eight *= _MIX
    return eight


def _cjk(letters: Codes) -> npt.NDArray[np.bool_]:
    return (letters >= _CJK[0]) & (letters <= _CJK[1])


def anchors(letters: Codes) -> Hashes:
    """The distinct anchors of a text, in rising order; none for a text shorter than one of them.

    Chinese and other passages of one text are anchored each in its own way, so that what is quoted from
    half of a bilingual page is found.
    """
    if letters.size < _ANCHOR_CJK:
        return np.zeros(0, np.uint64)
    eight = _eights(letters)
    sixteen = eight[:-8] * _P64[8]
    sixteen += eight[8:]
    # A figure or a name inside Chinese counts as Chinese: the beginning or the end of its anchor is.
    cjk = _cjk(letters)
    cjk = cjk[: sixteen.size] | cjk[_ANCHOR_CJK - 1 :]
    chosen = _chosen(sixteen, cjk, _WINDOW_CJK)
    if letters.size >= _ANCHOR and not cjk.all():
        twenty_four = sixteen[:-8] * _P64[8]
        twenty_four += eight[16:]
        chosen = np.concatenate((chosen, _chosen(twenty_four, ~cjk[: twenty_four.size], _WINDOW)))
    return np.unique(chosen & _ANCHOR_BITS)


def _eights(letters: Codes) -> Hashes:
    """A polynomial hash of the eight letters from each on, in 64 bits; wraps around on purpose."""
    wide = letters.astype(np.uint64)
    two = wide[:-1] * _P64[1]
    two += wide[1:]
    four = two[:-2] * _P64[2]
    four += two[2:]
    eight = four[:-4] * _P64[4]
    eight += four[4:]
    return eight


def _chosen(hashes: Hashes, among: npt.NDArray[np.bool_], window: int) -> Hashes:
    """The least hash of each window, of those that it is to be chosen among."""
    count = np.count_nonzero(among)
    if count < _ANCHOR:
        return np.zeros(0, np.uint64)
    mixed = hashes ^ (hashes >> np.uint64(32))
    mixed *= _MIX_64
    if count < mixed.size:
        mixed[~among] = _NONE
    least = _least(mixed, max(1, min(window, mixed.size // _WINDOWS)))
    chosen = np.append(least[np.flatnonzero(least[1:] != least[:-1])], least[-1:])
    real: Hashes = chosen[chosen != _NONE]
    return real


def _least(hashes: Hashes, window: int) -> Hashes:
    """The least of each window of hashes, by doubling; there are at least `window`."""
    least, width = hashes, 1
    while width * 2 <= window:
        least = np.minimum(least[:-width], least[width:])
        width *= 2
    if rest := window - width:
        return np.asarray(np.minimum(least[:-rest], least[rest:]))
    return least
