"""Gradient-boosted trees in numpy: the model file is read and asked without the library that trained it.

The library needs a shared object (libgomp) that a bare machine may lack, and takes longer to import than many
pages take to clean. All trees walk one level at a time for all rows at once.
"""

from __future__ import annotations

import dataclasses
import io
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.signedinteger]

# Rows asked at a time: what they need stays in the processor's cache.
_ROWS: Final = 256


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """Trees as arrays over all nodes: a row goes left where its feature is at most the threshold.

    `children` holds the left and right child of node `i` at `2 * i` and `2 * i + 1`; a leaf is its own child.
    `roots` has a node a tree; `depth` is the longest way from a root to a leaf.
    """

    feature: Integers
    threshold: Floats
    children: Integers
    value: Floats
    roots: Integers
    depth: int

    def scores(self, rows: Floats) -> npt.NDArray[np.float64]:
        """The sum of the trees' leaves for each row, before any link function."""
        flat = np.ascontiguousarray(rows, dtype=np.float32).ravel()
        scores = np.empty(len(rows))
        for start in range(0, len(rows), _ROWS):
            stop = min(start + _ROWS, len(rows))
            at = (np.arange(start, stop) * rows.shape[1])[:, None]
            node = np.repeat(self.roots[None, :], stop - start, axis=0)
            for _ in range(self.depth):
                place = self.feature.take(node, mode="wrap")
                place += at
                right = flat.take(place, mode="wrap") > self.threshold.take(node, mode="wrap")
                node *= 2
                node += right
                node = self.children.take(node, mode="wrap")
            scores[start:stop] = self.value.take(node).sum(axis=1, dtype=np.float64)
        return scores


def load(data: bytes) -> tuple[Ensemble, ...]:
    """The ensembles of a file that `dump` wrote, in their order."""
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
    """The model file of these ensembles; the same ensembles give the same bytes."""
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
