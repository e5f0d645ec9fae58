"""Multinomial logistic regression in numpy, so that the library that fits it is not needed at run time."""

from __future__ import annotations

import dataclasses
import io
from typing import Final, Self

import numpy as np
import numpy.typing as npt

Floats32 = npt.NDArray[np.float32]

# Features are limited to so many standard deviations from their mean, so that no outlier decides alone.
MAX_DEVIATIONS: Final = 3.0
# For products of more rows OpenBLAS wakes threads, which spin longer than they work.
_BATCH_ROWS: Final = 32
_ARRAY_NAMES: Final = ("mean", "scale", "weights", "bias")


@dataclasses.dataclass(frozen=True)
class Softmax:
    """Weights (features, classes) over standardised features, and a bias for each class."""

    mean: Floats32
    scale: Floats32
    weights: Floats32
    bias: Floats32

    def scores(self, rows: Floats32) -> Floats32:
        """Return the log odds of each class up to a constant: one row for each row, one column a class."""
        seen = standardised(rows, self.mean, self.scale)
        scores = np.empty((len(rows), self.bias.size), dtype=np.float32)
        for start in range(0, len(rows), _BATCH_ROWS):
            scores[start : start + _BATCH_ROWS] = seen[start : start + _BATCH_ROWS] @ self.weights
        scores += self.bias
        return scores

    def dump(self) -> bytes:
        """Return the regression's file. The same regression gives the same bytes."""
        file = io.BytesIO()
        np.savez_compressed(file, allow_pickle=False, **{name: getattr(self, name) for name in _ARRAY_NAMES})
        return file.getvalue()

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read what `dump` wrote."""
        with np.load(io.BytesIO(data)) as arrays:
            return cls(*(arrays[name] for name in _ARRAY_NAMES))


def standardised(rows: Floats32, mean: Floats32, scale: Floats32) -> Floats32:
    """Return the features in standard deviations from their mean, limited to `MAX_DEVIATIONS`."""
    seen: Floats32 = np.clip((rows - mean) / scale, -MAX_DEVIATIONS, MAX_DEVIATIONS)
    return seen
