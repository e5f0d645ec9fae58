"""Features of the second pass: what the first pass says of a block's surroundings.

Whether a short line belongs to the text shows best in the lines around it. The second pass therefore sees the
first pass's probabilities averaged over neighbours, containers and the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaning.page.block import Block
from cleaning.page.containers import as_numbers, containers

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_OFFSETS: Final = (-3, -2, -1, 1, 2, 3)
_WINDOW_RADII: Final = (2, 5, 15)
_CONTAINER_LEVELS: Final = 5
# The weight of a block without words, in tokens.
LEAST_WEIGHT: Final = 0.1
# No block weighs more in the choice, since a page may hold one of a hundred thousand keywords.
_MAX_BLOCK_TOKENS: Final = 1000
# If all blocks stand or fall together, the probability must pass one of these, all equally likely.
_THRESHOLD_QUANTILES: Final = (np.arange(24) + 0.5) / 24
NAMES: Final = (
    "guess",
    *(f"guess_{step:+d}" for step in _OFFSETS),
    *(f"guess_window{radius}" for radius in _WINDOW_RADII),
    *(f"guess_tokens_window{radius}" for radius in _WINDOW_RADII),
    *(f"guess_level{level}" for level in range(_CONTAINER_LEVELS)),
    *(f"guess_blocks_level{level}" for level in range(3)),
    "guess_element",
    "guess_page",
    "guess_blocks_page",
    "guess_best",
    "guess_rank",
    "chosen",
    "chosen_share",
    "chosen_threshold",
    "chosen_before",
    "chosen_after",
    "blocks_since_chosen",
    "blocks_until_chosen",
    "expected_f1",
)


def context(blocks: Sequence[Block], tokens: Floats, guess: Floats) -> Floats:
    """Return the rows of `NAMES`, from each block's tokens and its probability in the first pass."""
    n = len(blocks)
    weight = tokens + LEAST_WEIGHT
    columns = [guess]
    for step in _OFFSETS:
        shifted = np.full(n, -1.0)
        if step < 0:
            shifted[-step:] = guess[:step]
        else:
            shifted[:-step] = guess[step:]
        columns.append(shifted)
    columns += [_window(guess, np.ones(n), radius) for radius in _WINDOW_RADII]
    columns += [_window(guess, weight, radius) for radius in _WINDOW_RADII]
    levels = containers(blocks, _CONTAINER_LEVELS)
    columns += [mean_by(level, guess, weight) for level in levels]
    columns += [mean_by(level, guess, np.ones(n)) for level in levels[:3]]
    kept, threshold, expected = choose(guess, tokens)
    chosen = np.where(kept, weight, 0.0)
    running = np.cumsum(chosen)
    total = max(running[-1], 1e-9)
    last = np.concatenate([[-1], np.maximum.accumulate(np.where(kept, np.arange(n), -1))[:-1]])
    following = (
        n
        - 1
        - np.concatenate([[-1], np.maximum.accumulate(np.where(kept[::-1], np.arange(n), -1))[:-1]])[::-1]
    )
    at_block = np.arange(n)
    return np.column_stack(
        [
            *columns,
            mean_by(as_numbers([block.element for block in blocks]), guess, weight),
            np.full(n, (guess * weight).sum() / weight.sum()),
            np.full(n, guess.mean()),
            np.full(n, guess.max()),
            np.argsort(np.argsort(guess, kind="stable"), kind="stable") / n,
            kept,
            np.full(n, total / weight.sum()),
            np.full(n, threshold),
            (running - chosen) / total,
            1 - running / total,
            np.log1p(at_block - last),
            np.log1p(following - at_block),
            np.full(n, expected),
        ]
    )


def choose(guess: Floats, tokens: Floats) -> tuple[npt.NDArray[np.bool_], float, float]:
    """Return the blocks that maximise the expected F1 of tokens, the threshold used, and that F1.

    For independent blocks the best choice is all above some threshold (Ye et al., "Optimizing F-measure",
    2012). Blocks of a page are neither independent nor fully dependent, so the mean of both expectations
    counts. The tokens of one block are kept or removed together: beyond `_MAX_BLOCK_TOKENS` they weigh no
    more.
    """
    order = np.argsort(-guess, kind="stable")
    ranked, weight = guess[order], np.minimum(tokens, _MAX_BLOCK_TOKENS)[order]
    kept, likely = np.cumsum(weight) + 1e-9, np.cumsum(ranked * weight)
    apart = 2 * likely / (kept + likely[-1])
    wanted = np.append(0.0, kept)[np.searchsorted(-ranked, -_THRESHOLD_QUANTILES)][:, None]
    together = (2 * np.minimum(kept, wanted) / (kept + wanted)).mean(axis=0)
    f1 = (apart + together) / 2
    best = int(np.argmax(f1))
    threshold = float(ranked[best])
    return guess >= threshold, threshold, float(f1[best])


def _window(values: Floats, weight: Floats, radius: int) -> Floats:
    """Return the weighted mean over the blocks up to `radius` before and after."""
    at = np.arange(len(values))
    first, last = np.maximum(at - radius, 0), np.minimum(at + radius + 1, len(values))
    sums = np.concatenate([[0.0], np.cumsum(values * weight)])
    weights = np.concatenate([[0.0], np.cumsum(weight)])
    means: Floats = (sums[last] - sums[first]) / (weights[last] - weights[first])
    return means


def mean_by(group: Integers, values: Floats, weight: Floats) -> Floats:
    """Return the weighted mean over each block's group. Groups are numbered from 0."""
    means: Floats = np.bincount(group, values * weight) / np.bincount(group, weight)
    return means[group]
