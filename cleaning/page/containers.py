"""Containers of blocks as numbers: the paths of the blocks, and the paths above them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from cleaning.page.block import Block

Integers = npt.NDArray[np.int64]


def containers(blocks: Sequence[Block], levels: int) -> list[Integers]:
    """Return a number for each block's path, then for its parent's, and so on. Blocks of one container share
    it.
    """
    paths = [block.path for block in blocks]
    of = as_numbers(paths)
    keys = list(dict.fromkeys(paths))
    found = [of]
    for _ in range(1, levels):
        keys = [key.rpartition("/")[0] or key for key in keys]
        found.append(as_numbers(keys)[of])
    return found


def as_numbers(keys: Sequence[Hashable]) -> Integers:
    """Return the keys as numbers from 0, in the order of their first occurrence."""
    numbers = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], dtype=np.int64)
