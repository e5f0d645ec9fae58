"""Candidates: which texts are worth comparing with a new one, by the anchors that they share, best first.

An anchor counts less the more unrelated texts hold it. A formula that ten laws share is no sign of a
relation, unless it is half of the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from cleaning.relations.fold import Positions
from cleaning.relations.shingles import Hashes

# A new text is compared with so many others, those that share most of its anchors first.
_MAX_COMPARED_TEXTS = 12
# An anchor leads to no more texts than this: what many texts say shows no relation, and must cost nothing.
_MAX_ANCHOR_HOLDERS = 16
# One anchor held by four unrelated texts, or two held by eight. Below that most candidates are unrelated.
_MIN_ANCHOR_WEIGHT = 1 / 4

Postings: TypeAlias = tuple[Hashes, Positions]


def candidates(
    new: Postings, before: Postings, cluster: Mapping[int, int]
) -> tuple[dict[int, list[int]], npt.NDArray[np.bool_]]:
    """Return for each new text the earlier texts worth comparing, by number, and which new anchors to store.

    An anchor is stored while few texts hold it. `before` has the texts that hold the same anchors in the
    index, in any order, and `cluster` their clusters.
    """
    anchors = np.concatenate((before[0], new[0]))
    texts = np.concatenate((before[1], new[1]))
    order = np.lexsort((texts, anchors))
    anchors, texts = anchors[order], texts[order]
    opens = np.diff(anchors, prepend=~anchors[:1]) != 0
    starts = np.maximum.accumulate(np.where(opens, np.arange(opens.size), 0))
    earlier = np.minimum(np.arange(opens.size) - starts, _MAX_ANCHOR_HOLDERS)
    is_new = order >= before[0].size
    few = np.zeros(new[0].size, np.bool_)
    few[order[is_new] - before[0].size] = earlier[is_new] < _MAX_ANCHOR_HOLDERS
    # A row for each anchor of a new text and each of its earlier holders.
    asking = (is_new & (earlier > 0)).nonzero()[0]
    counts = earlier[asking]
    nth = np.arange(counts.sum()) - (counts.cumsum() - counts).repeat(counts)
    others = texts[starts[asking].repeat(counts) + nth]
    shares = 1 / _unrelated(texts, starts, cluster)[asking]
    return _best(texts[asking].repeat(counts), others, shares.repeat(counts), new[1]), few


def _unrelated(texts: Positions, starts: Positions, cluster: Mapping[int, int]) -> Positions:
    """Return for each holder of an anchor how many clusters its earlier holders belong to, at least 1."""
    cluster_numbers = texts
    if cluster:
        named, kept = np.array(sorted(cluster.items()), np.intp).T
        places = np.minimum(named.searchsorted(texts), named.size - 1)
        cluster_numbers = np.where(named[places] == texts, kept[places], texts)
    firsts = np.ones(texts.size, np.intp)
    # Only the first `_MAX_ANCHOR_HOLDERS` texts of an anchor count, so none looks further back.
    for back in range(1, _MAX_ANCHOR_HOLDERS):
        firsts[back:] &= (starts[back:] != starts[:-back]) | (
            cluster_numbers[back:] != cluster_numbers[:-back]
        )
    before = np.concatenate(([0], firsts.cumsum()))
    upto = np.minimum(np.arange(texts.size), starts + _MAX_ANCHOR_HOLDERS)
    unrelated: Positions = np.maximum(1, before[upto] - before[starts])
    return unrelated


def _best(
    texts: Positions, others: Positions, shares: npt.NDArray[np.float64], held: Positions
) -> dict[int, list[int]]:
    """Return the best candidates of each text, from one row for each shared anchor."""
    if not texts.size:
        return {}
    # Sorted by one key, since two keys take two passes.
    lowest = others.min()
    key = (texts - texts.min()) * (others.max() - lowest + 1) + (others - lowest)
    order = key.argsort(kind="stable")
    texts, others, key = texts[order], others[order], key[order]
    firsts = (np.diff(key, prepend=-1) != 0).nonzero()[0]
    weights = np.add.reduceat(shares[order], firsts)
    shared = np.diff(firsts, append=texts.size)
    texts, others = texts[firsts], others[firsts]
    numbers, own = np.unique(held, return_counts=True)
    enough = (weights >= _MIN_ANCHOR_WEIGHT) | (shared * 2 >= own[numbers.searchsorted(texts)])
    texts, others, weights = texts[enough], others[enough], weights[enough]
    best: dict[int, list[int]] = {}
    order = np.lexsort((others, -weights, texts))
    for text, other in zip(texts[order].tolist(), others[order].tolist(), strict=True):
        mine = best.setdefault(text, [])
        if len(mine) < _MAX_COMPARED_TEXTS:
            mine.append(other)
    return best
