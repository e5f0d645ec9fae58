"""Shingles to measure overlap, and anchors to find it: the hashes that a text is made of.

A *shingle* is eight letters of the folded text. They are characters, not words, since Chinese has no spaces.
An *anchor* is a longer run of letters whose hash is the least in some window of letters (winnowing:
Schleimer, Wilkerson and Aiken 2003). Two texts that share a passage as long as window and anchor therefore
choose an anchor in common, wherever the passage stands.

Many texts are processed at once, one behind the other in one array. numpy handles a hundred thousand letters
at little more cost than a thousand. No text affects its neighbours.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from cleaning.relations.fold import LINE_END, Codes, Fold, Positions

# Few texts of a language share eight letters in a row (all longer ones share five), and one slip spoils no
# more than eight shingles.
SHINGLE_LETTERS = 8
# Enough letters to be rare (12 letters of English lead to ten times as many unrelated texts as 24), and few
# enough to survive one slip in thirty letters.
_ANCHOR_LETTERS, _ANCHOR_LETTERS_CJK = 24, 16
# Chinese says in 100 letters what English says in 200.
_WINDOW_LETTERS, _WINDOW_LETTERS_CJK = 200, 100
# At least so many windows a text, so that a short one does not depend on a single anchor.
_MIN_WINDOWS = 4
_CJK_RANGE = (0x3400, 0x3134F)
_IS_FIGURE = np.zeros(1 << 16, np.bool_)
_IS_FIGURE[[ord(c) for c in "0123456789一二三四五六七八九十百千零"]] = True
# Longer texts are compared by their beginning; their fingerprint covers the whole.
MAX_LETTERS = 1 << 20
# A batch's arrays fit into the cache of a processor core.
_BATCH_CHARACTERS, _BATCH_TEXTS = 1 << 16, 1 << 10
# Odd constants that spread bits: the golden ratio's (Knuth), MurmurHash3's finaliser, xxHash's primes.
_HASH_BASE = 0x9E3779B1
_HASH_MIX = np.uint32(0x2C1B3C6D)
_HASH_PRIMES = [np.uint64(prime) for prime in (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)]
_BASE_POWERS = {n: np.uint32(pow(_HASH_BASE, n, 1 << 32)) for n in (1, 2, 4, 8)}
# Anchors are integers that any SQL database holds; 48 bits keep a row small.
_ANCHOR_BITS = np.uint64(48)
_ANCHOR_MASK = np.uint64((1 << 48) - 1)
_NO_ANCHOR = np.uint64((1 << 64) - 1)
# In a window the twelve highest bits of a hash decide, then its position. Both fit into 32 bits.
_POSITION_MASK = np.uint32(MAX_LETTERS - 1)
_NO_HASH = np.uint32(0xFFFF_FFFF)

Hashes: TypeAlias = npt.NDArray[np.uint64]
_T = TypeVar("_T")


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Shingled:
    """A folded text and its hashes.

    `letters` are at most MAX_LETTERS, `shingles` the hash of the eight letters from each on. `lines` counts
    letters up to the end of each line, `figures` are the positions of digits. `cjk` counts CJK characters.
    `beyond` is a digest of the letters beyond MAX_LETTERS.
    """

    letters: Codes
    shingles: Codes
    lines: Positions
    figures: Positions
    cjk: int
    beyond: bytes = b""

    @property
    def chinese(self) -> bool:
        """Return whether most letters are CJK characters. Limits in letters differ between the two."""
        return self.cjk * 2 > self.letters.size

    def passage(self, start: int, end: int) -> str:
        """Return the letters of a stretch."""
        return self.letters[start:end].tobytes().decode("utf-32-le", "replace")

    def fingerprint(self) -> int:
        """Return a signed 64-bit number that texts share if they fold to the same letters, or 0 without
        letters.
        """
        digest = hashlib.sha256(self.letters.data)
        digest.update(self.beyond)
        return int.from_bytes(digest.digest()[:8], "little", signed=True) if self.letters.size else 0


def shingle(texts: Iterable[str], fold: Fold) -> list[Shingled]:
    """Fold and shingle texts."""
    shingled: list[Shingled] = []
    for some in batches_by_size(texts, len):
        if len(some[0]) > MAX_LETTERS:
            shingled.append(_long_text(some[0], fold))
        else:
            shingled += _shingled_texts(*_letters(some, fold))
    return shingled


def batches_by_size(items: Iterable[_T], size: Callable[[_T], int]) -> Iterator[list[_T]]:
    """Yield consecutive items in batches of limited size. A large item comes alone."""
    some: list[_T] = []
    total = 0
    for item in items:
        if some and (total + size(item) > _BATCH_CHARACTERS or len(some) == _BATCH_TEXTS):
            yield some
            some, total = [], 0
        some.append(item)
        total += size(item)
    if some:
        yield some


def _letters(texts: Sequence[str], fold: Fold) -> tuple[Codes, Positions, Positions, Positions]:
    """Return the letters of texts, and where in them each text, each line and each text's last line ends."""
    folded, ends = fold(texts)
    places = (folded > LINE_END).nonzero()[0]
    breaks = (folded == LINE_END).nonzero()[0]
    after = breaks.searchsorted(ends)
    return folded.take(places), places.searchsorted(ends), places.searchsorted(breaks), after


def _shingled_texts(letters: Codes, ends: Positions, breaks: Positions, after: Positions) -> list[Shingled]:
    """Return the texts that stand one behind the other in `letters`, with their lines."""
    sizes = np.diff(ends, prepend=0)
    cjk = _span_counts(_is_cjk(letters), ends - sizes, sizes)
    shingles = _shingles(letters)
    figures = _IS_FIGURE.take(letters & np.uint32(0xFFFF)).nonzero()[0]
    lines = np.insert(breaks, after, ends)
    after = after + np.arange(1, ends.size + 1)
    starts, in_lines = ends - sizes, np.diff(after, prepend=0)
    lines = np.minimum(lines - starts.repeat(in_lines), MAX_LETTERS)
    of_figures = figures.searchsorted(ends)
    figures = figures - starts.repeat(np.diff(of_figures, prepend=0))
    shingled = []
    start = line = figure = 0
    columns = (column.tolist() for column in (ends, after, of_figures, cjk))
    for end, next_line, next_figure, of_cjk in zip(*columns, strict=True):
        kept = min(end, start + MAX_LETTERS)
        shingled.append(
            Shingled(
                letters[start:kept].copy(),
                shingles[start : max(start, kept - SHINGLE_LETTERS + 1)].copy(),
                lines[line:next_line],
                figures[figure:next_figure],
                of_cjk,
                hashlib.sha256(letters[kept:end].data).digest() if kept < end else b"",
            )
        )
        start, line, figure = end, next_line, next_figure
    return shingled


def _long_text(text: str, fold: Fold) -> Shingled:
    """Fold a text of more than MAX_LETTERS characters part by part."""
    parts, breaks, room, rest = [], [], MAX_LETTERS, hashlib.sha256()
    cut = False
    for start in range(0, len(text), MAX_LETTERS):
        letters, _, lines, _ = _letters([text[start : start + MAX_LETTERS]], fold)
        if room:
            parts.append(letters[:room])
            breaks.append(np.minimum(lines + (MAX_LETTERS - room), MAX_LETTERS))
        cut |= letters.size > room
        rest.update(letters[room:].data)
        room -= min(room, letters.size)
    kept, lines = np.concatenate(parts), np.concatenate(breaks)
    (shingled,) = _shingled_texts(kept, np.array([kept.size]), lines, np.array([lines.size]))
    return dataclasses.replace(shingled, beyond=rest.digest()) if cut else shingled


def _shingles(letters: Codes) -> Codes:
    """Return a 32-bit polynomial hash of the eight letters from each on. It overflows on purpose."""
    if letters.size < SHINGLE_LETTERS:
        return np.zeros(0, np.uint32)
    two = letters[:-1] * _BASE_POWERS[1]
    two += letters[1:]
    four = two[:-2] * _BASE_POWERS[2]
    four += two[2:]
    eight = four[:-4] * _BASE_POWERS[4]
    eight += four[4:]
    eight ^= eight >> np.uint32(15)
    eight *= _HASH_MIX
    return eight


def _is_cjk(letters: Codes) -> npt.NDArray[np.bool_]:
    return letters - np.uint32(_CJK_RANGE[0]) <= np.uint32(_CJK_RANGE[1] - _CJK_RANGE[0])


def anchors(texts: Sequence[Shingled]) -> tuple[Positions, Hashes]:
    """Return the distinct anchors of texts: the index of the text and the anchor, both in rising order.

    A text shorter than an anchor has none. Chinese passages and others are anchored separately, so that a
    quotation from one half of a bilingual page is found.
    """
    found = [np.zeros(0, np.uint64)]
    places = range(len(texts))
    for cjk, length, window in (
        (True, _ANCHOR_LETTERS_CJK, _WINDOW_LETTERS_CJK),
        (False, _ANCHOR_LETTERS, _WINDOW_LETTERS),
    ):
        some = [n for n in places if (texts[n].cjk if cjk else texts[n].letters.size - texts[n].cjk)]
        for group in batches_by_size(some, lambda n: texts[n].letters.size):
            letters = [texts[n].letters for n in group]
            owners, names = _anchors(letters, cjk, length, window)
            found.append(np.array(group, np.uint64)[owners] << _ANCHOR_BITS | names)
    named = np.sort(np.concatenate(found))
    distinct = named[np.diff(named, prepend=_NO_ANCHOR) != 0]
    return (distinct >> _ANCHOR_BITS).astype(np.intp), distinct & _ANCHOR_MASK


def _anchors(texts: Sequence[Codes], cjk: bool, length: int, window: int) -> tuple[Positions, Hashes]:
    """Return the anchors of one script: the index of the text, and the anchor."""
    letters = np.concatenate(texts)
    sizes = np.array([text.size for text in texts])
    starts = sizes.cumsum() - sizes
    shingles = _shingles(letters)
    among = _is_cjk(letters)
    # A number or a name inside Chinese counts as Chinese, if the anchor's first or last letter is.
    among = among[: 1 - length] | among[length - 1 :] if cjk else ~among[: 1 - length]
    parts = [shingles[n : n + among.size] for n in range(0, length, SHINGLE_LETTERS)]
    hashes = parts[0]
    for part in parts[1:]:
        hashes = hashes * _BASE_POWERS[8] + part
    places = _window_minima(hashes, among, starts, sizes - length + 1, window)
    names = np.zeros(places.size, np.uint64)
    for part, prime in zip(parts, _HASH_PRIMES, strict=False):
        names += part[places] * prime
    names ^= names >> np.uint64(32)
    return starts.searchsorted(places, "right") - 1, names & _ANCHOR_MASK


def _window_minima(
    hashes: Codes, among: npt.NDArray[np.bool_], starts: Positions, counts: Positions, window: int
) -> Positions:
    """Return the positions of the least hash in each window of each text, among those marked in `among`.

    A text has `counts` hashes from its start on. A text with few is given windows of a power of two.
    """
    starts, counts = starts[counts > 0], counts[counts > 0]
    among = among & _spans(starts, counts, among.size)
    enough = _span_counts(among, starts, counts) >= _ANCHOR_LETTERS
    starts, counts = starts[enough], counts[enough]
    if not starts.size:
        return np.zeros(0, np.intp)
    shares = np.maximum(1, counts // _MIN_WINDOWS)
    widths = np.where(shares >= window, window, 1 << np.log2(shares).astype(np.intp))
    least = hashes & ~_POSITION_MASK | np.arange(hashes.size, dtype=np.uint32)
    least |= among.astype(np.uint32) - np.uint32(1)  # `_NO_HASH` outside `among`
    width, widest, chosen = 1, int(widths.max()), []
    while True:
        some = widths == width
        if some.any():
            chosen.append(_distinct(least, starts[some], counts[some] - width + 1))
        if width == widest:
            break
        more = min(width, widest - width)
        least = np.minimum(least[:-more], least[more:])
        width += more
    found = np.concatenate(chosen)
    places: Positions = (found[found != _NO_HASH] & _POSITION_MASK).astype(np.intp)
    return places


def _distinct(least: Codes, starts: Positions, counts: Positions) -> Codes:
    """Return what the windows of each text hold, once where neighbours hold the same."""
    wanted = _spans(starts, counts, least.size)
    wanted[1:] &= least[1:] != least[:-1]
    wanted[starts] = True
    return least[wanted]


def _spans(starts: Positions, counts: Positions, size: int) -> npt.NDArray[np.bool_]:
    """Return True for so many places from each start on, and False between."""
    edges = np.concatenate(([0], np.stack((starts, starts + counts), axis=1).ravel(), [size]))
    spans: npt.NDArray[np.bool_] = (np.arange(edges.size - 1) % 2 == 1).repeat(np.diff(edges))
    return spans


def _span_counts(flags: npt.NDArray[np.bool_], starts: Positions, sizes: Positions) -> Positions:
    """Return how many flags are set in each span. Spans are consecutive, and no flag stands between them."""
    some = sizes > 0
    counts = np.zeros(sizes.size, np.intp)
    if some.any():
        counts[some] = np.add.reduceat(flags, starts[some], dtype=np.intp)
    return counts
