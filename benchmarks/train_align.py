"""Which blocks of a page its gold text took: gold texts are plain, so they are aligned with the page.

A long block's share is that of its tokens in four-grams of the gold text at one place; a short block counts
when it stands in the gold text between the same neighbours as on the page.
"""

from __future__ import annotations

import bisect
import collections
import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_GRAM = 4
_LONG = 8


def align(blocks: Sequence[list[str]], gold: list[str]) -> Floats:
    """Return the share of each block, given as tokens, that stands in the gold text."""
    share = np.zeros(len(blocks))
    used = bytearray(len(gold))
    anchors = _long_blocks(blocks, gold, share, used)
    first: collections.defaultdict[str, list[int]] = collections.defaultdict(list)
    for at, token in enumerate(gold):
        if not used[at]:
            first[token].append(at)
    edges = [(-1, 0, 0), *_in_order(anchors, blocks), (len(blocks), len(gold), len(gold))]
    for (left, _, start), (right, stop, _) in itertools.pairwise(edges):
        low = start - 2 if left >= 0 else 0
        high = stop + 2 if right < len(blocks) else len(gold)
        for i in range(left + 1, right):
            block = blocks[i]
            if not block or len(block) >= _LONG:
                continue
            places = first[block[0]]
            for at in places[bisect.bisect_left(places, low - 2) :]:
                end = at + len(block)
                if end > high:
                    break
                if gold[at:end] == block and not any(used[at:end]):
                    share[i] = 1.0
                    used[at:end] = b"\1" * len(block)
                    low = end
                    break
    return share


def _long_blocks(
    blocks: Sequence[list[str]], gold: list[str], share: Floats, used: bytearray
) -> list[tuple[int, int, int]]:
    """Set the shares of the long blocks; return those found whole enough, with where they begin and end."""
    grams: collections.defaultdict[tuple[str, ...], list[int]] = collections.defaultdict(list)
    for at in range(len(gold) - _GRAM + 1):
        grams[tuple(gold[at : at + _GRAM])].append(at)
    anchors = []
    last = 0
    for i, block in enumerate(blocks):
        if len(block) < _LONG:
            continue
        hint, found = last, []
        own = 1 + i % 250
        for k in range(len(block) - _GRAM + 1):
            places = [
                p
                for p in grams.get(tuple(block[k : k + _GRAM]), ())
                if not (used[p] and used[p + _GRAM - 1]) or used[p] == own
            ]
            if places:
                at = min(places, key=lambda p: abs(p - hint))
                hint = at + 1
                found.append((at, k))
        if not found:
            continue
        shift = sorted(at - k for at, k in found)[len(found) // 2]
        found = [(at, k) for at, k in found if abs(at - k - shift) <= max(6, len(block) // 4)]
        covered = {k + n for _, k in found for n in range(_GRAM)}
        share[i] = len(covered) / len(block)
        if share[i] >= 0.5:
            begin, end = min(at for at, _ in found), max(at for at, _ in found) + _GRAM
            for at, _ in found:
                used[at : at + _GRAM] = bytes([own]) * _GRAM
            anchors.append((i, begin, end))
            last = end
    return anchors


def _in_order(anchors: list[tuple[int, int, int]], blocks: Sequence[list[str]]) -> list[tuple[int, int, int]]:
    """Return the heaviest chain of anchors that rises in both texts."""
    best: list[tuple[int, int]] = []
    for j, (i, begin, _) in enumerate(anchors):
        weight = len(blocks[i])
        before = max(
            ((best[k][0], k) for k in range(max(0, j - 200), j) if anchors[k][2] <= begin + 3),
            default=(0, -1),
        )
        best.append((before[0] + weight, before[1]))
    chain = []
    j = max(range(len(best)), key=lambda k: best[k][0], default=-1)
    while j >= 0:
        chain.append(anchors[j])
        j = best[j][1]
    return chain[::-1]
