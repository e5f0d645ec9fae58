"""trafilatura as an engine: which blocks of the page it would keep.

Its text is aligned with the blocks by letters and digits only, in order. Long lines that occur once are the
anchors, and short and repeated lines are searched between them. So its changes to white space and markers do
not matter, and each removed block is known.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version

from cleaning.page.kinds import kind_by_place
from cleaning.page.labels import Label
from cleaning.page.parse import Block, Parsed
from cleaning.text.lines import word_key

RULE = "engine:trafilatura"
_ANCHOR_CHARACTERS = 24  # letters and digits; a shorter line may occur many times
_PIECE_CHARACTERS = 12  # letters and digits; pieces show which blocks were kept in part
_MIN_PIECE_SHARE = 0.5  # of a block's pieces, which the text must hold for the block to stay

# A larger page would keep trafilatura busy for seconds or minutes.
_MAX_BLOCKS, _MAX_CHARACTERS = 5_000, 1_000_000


@functools.cache
def engine_version() -> str:
    """Return the engine's name and version for a document's provenance."""
    return f"trafilatura-{version('trafilatura')}"


def label(parsed: Parsed) -> list[Label]:
    """Return a label for every block as trafilatura's defaults keep it. Without a result, none is content.

    It reads the tree that the blocks came from, so that nothing is lost to its own parser.
    """
    kept = keep(parsed.blocks, _extract(parsed.tree.html or ""))
    return [Label(None, RULE, score=1.0) if i in kept else _dropped(b) for i, b in enumerate(parsed.blocks)]


def affordable(parsed: Parsed) -> bool:
    """Return whether a page is small enough for trafilatura, whose time grows faster than the page."""
    return len(parsed.blocks) <= _MAX_BLOCKS and len(parsed.text) <= _MAX_CHARACTERS


def keep(blocks: Sequence[Block], text: str) -> frozenset[int]:
    """Return the indices of the blocks that occur in an extractor's `text`."""
    keys = [word_key(block.text) for block in blocks]
    whole = word_key(text)
    often = Counter(key for key in keys if len(key) >= _ANCHOR_CHARACTERS)
    found = [(i, whole.find(key)) for i, key in enumerate(keys) if often[key] == 1]
    kept = {i for i, at in found if at >= 0}
    missed = {i: _pieces(keys[i]) for i, at in found if at < 0}
    there = _pieces_in_text(set(itertools.chain.from_iterable(missed.values())), whole)
    kept.update(
        i
        for i, pieces in missed.items()
        if sum(piece in there for piece in pieces) > _MIN_PIECE_SHARE * len(pieces)
    )
    anchors = _in_order([(i, at, at + len(keys[i])) for i, at in found if at >= 0])
    edges = [(-1, 0, 0), *anchors, (len(keys), len(whole), len(whole))]
    for (left, _, start), (right, stop, _) in itertools.pairwise(edges):
        gap = [i for i in range(left + 1, right) if i not in kept and keys[i]]
        kept |= _found_in_gap(gap, keys, whole, start, stop, up=left < 0)
    done = {keys[i] for i in kept}
    for i, key in enumerate(keys):  # of long lines that the page repeats in another order, one is kept
        if often[key] > 1 and key not in done and key in whole:
            kept.add(i)
            done.add(key)
    return frozenset(kept)


def _in_order(places: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the longest run of places whose starts in the text rise with the blocks (patience sorting)."""
    tails: list[int] = []  # the least start that ends a run of each length
    ends: list[int] = []  # the place of that start
    before: list[int] = []
    for n, (_, start, _) in enumerate(places):
        length = bisect.bisect_left(tails, start)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(start)
            ends.append(n)
        else:
            tails[length], ends[length] = start, n
    run = []
    n = ends[-1] if ends else -1
    while n >= 0:
        run.append(places[n])
        n = before[n]
    run.reverse()
    return [
        place
        for place, after in zip(run, [*run[1:], (0, sys.maxsize, 0)], strict=False)
        if place[2] <= after[1]
    ]


def _found_in_gap(
    gap: Sequence[int], keys: Sequence[str], whole: str, start: int, stop: int, *, up: bool
) -> set[int]:
    """Return the blocks of a gap between two anchors whose words occur between them in the text, in order.

    Before the first anchor the search goes up from it. Lines next to the text belong to it, but a menu that
    repeats its words does not. A match may skip little, since a word found far away is chance.
    """
    kept = set()
    for i in reversed(gap) if up else gap:
        reach = len(keys[i]) + max(_ANCHOR_CHARACTERS, 4 * len(keys[i]))
        at = (
            whole.rfind(keys[i], max(start, stop - reach), stop)
            if up
            else whole.find(keys[i], start, min(stop, start + reach))
        )
        if at >= 0:
            kept.add(i)
            start, stop = (start, at) if up else (at + len(keys[i]), stop)
    return kept


def _pieces(key: str) -> list[str]:
    return [
        key[i : i + _PIECE_CHARACTERS] for i in range(0, len(key) - _PIECE_CHARACTERS + 1, _PIECE_CHARACTERS)
    ]


def _pieces_in_text(pieces: set[str], whole: str) -> set[str]:
    """Return the pieces that occur in the text, in one pass over it."""
    return pieces.intersection(
        whole[i : i + _PIECE_CHARACTERS] for i in range(len(whole) - _PIECE_CHARACTERS + 1 if pieces else 0)
    )


def _dropped(block: Block) -> Label:
    return Label(kind_by_place(block), RULE)


def _extract(html: str) -> str:
    """Return trafilatura's text of a page, or "" where it finds none or fails.

    Its `deduplicate` option stays off, since it makes a page depend on those before it.
    """
    import trafilatura  # takes 0.25 s, which commands without an engine save

    try:
        return trafilatura.extract(html, include_comments=False) or ""
    except Exception:  # another project's parser on any input: it finds no text then
        return ""
