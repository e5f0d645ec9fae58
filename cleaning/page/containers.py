"""Which blocks stand in the same containers: their paths, and the paths above them, as numbers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from cleaning.page.block import Block

Integers = npt.NDArray[np.int64]


def containers(blocks: Sequence[Block], levels: int) -> list[Integers]:
    """A number for each block's path, then for its parent's, and so on: blocks of one container share it."""
    paths = [block.path for block in blocks]
    of = as_numbers(paths)
    keys = list(dict.fromkeys(paths))
    found = [of]
    for _ in range(1, levels):
        keys = [key.rpartition("/")[0] or key for key in keys]
        found.append(as_numbers(keys)[of])
    return found


def as_numbers(keys: Sequence[Hashable]) -> Integers:
    """The keys as numbers from 0, in the order in which they first occur."""
    numbers = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], dtype=np.int64)
