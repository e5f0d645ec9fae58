"""Gradient-boosted trees in numpy: the model file is read without the library that trained it.

That library needs a shared object (libgomp) that a bare machine may lack, and takes longer to import than
many pages take to clean. All trees are walked level by level for many rows at once, as complete trees. Node
`i` of a level has its children at `2 * i` and `2 * i + 1` of the next, so no look-up is needed.
"""

from __future__ import annotations

import dataclasses
import functools
import io
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.signedinteger]

# The arrays of so many rows stay in the processor's cache.
_BATCH_ROWS: Final = 128


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """Trees as arrays over all nodes. A row goes left where its feature is at most the threshold.

    `children` holds the children of node `i` at `2 * i` (left) and `2 * i + 1` (right). A leaf is its own
    child. `roots` has one node a tree. `depth` is the longest path from a root to a leaf, 1 or more.
    """

    feature: Integers
    threshold: Floats
    children: Integers
    value: Floats
    roots: Integers
    depth: int

    def scores(self, rows: Floats) -> npt.NDArray[np.float64]:
        """Return the sum of the trees' leaves for each row, before any link function."""
        trees = len(self.roots)
        (root, split), *deeper = self._levels
        first = np.arange(0, 2 * trees, 2)[:, None]
        scores = np.empty(len(rows))
        for start in range(0, len(rows), _BATCH_ROWS):
            part = np.ascontiguousarray(rows[start : start + _BATCH_ROWS], dtype=np.float32)
            flat = part.ravel()
            at = np.tile(np.arange(0, part.size, part.shape[1]), trees)
            node = (first + (part.T[root] > split[:, None])).ravel()
            for feature, threshold in deeper:
                place = feature.take(node, mode="wrap")
                place += at
                right = flat.take(place, mode="wrap") > threshold.take(node, mode="wrap")
                node += node
                node += right
            values = self._leaves.take(node, mode="wrap").reshape(trees, len(part))
            scores[start : start + _BATCH_ROWS] = values.sum(axis=0, dtype=np.float64)
        return scores

    @functools.cached_property
    def _levels(self) -> list[tuple[Integers, Floats]]:
        """Return feature and threshold of each node, level by level. Below a leaf all rows go left."""
        levels = []
        nodes = self.roots
        for _ in range(self.depth):
            children = self.children.reshape(-1, 2)[nodes]
            is_leaf = children[:, 0] == nodes
            levels.append((self.feature[nodes], np.where(is_leaf, np.float32(np.inf), self.threshold[nodes])))
            nodes = children.ravel()
        return levels

    @functools.cached_property
    def _leaves(self) -> Floats:
        """Return the values at the nodes below the last level."""
        nodes = self.roots
        for _ in range(self.depth):
            nodes = self.children.reshape(-1, 2)[nodes].ravel()
        return self.value[nodes]


def load(data: bytes) -> tuple[Ensemble, ...]:
    """Read the ensembles of a file that `dump` wrote, in their order."""
    with np.load(io.BytesIO(data)) as arrays:
        return tuple(
            Ensemble(
                feature=arrays[f"feature{n}"].astype(np.intp),
                threshold=arrays[f"threshold{n}"],
                children=arrays[f"children{n}"].astype(np.intp),
                value=arrays[f"value{n}"],
                roots=arrays[f"roots{n}"].astype(np.intp),
                depth=int(arrays[f"depth{n}"]),
            )
            for n in range(int(arrays["looks"]))
        )


def dump(looks: tuple[Ensemble, ...]) -> bytes:
    """Return the model file of these ensembles. The same ensembles give the same bytes."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"looks": np.array(len(looks))}
    for n, look in enumerate(looks):
        arrays[f"feature{n}"] = look.feature.astype(np.uint16)
        arrays[f"threshold{n}"] = look.threshold
        arrays[f"children{n}"] = look.children.astype(np.int32)
        arrays[f"value{n}"] = look.value
        arrays[f"roots{n}"] = look.roots.astype(np.int32)
        arrays[f"depth{n}"] = np.array(look.depth)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()
