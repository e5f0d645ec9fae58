"""The path tree of sample pages: how much text was kept at each path of a site, smoothed with its parents."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# The weight of the parent path's share, in characters, against the characters at the path itself.
_BACK_OFF_CHARACTERS: Final = 30.0


@dataclasses.dataclass(frozen=True, slots=True)
class PathTree:
    """The paths of samples and their ancestors, numbered.

    `names` has each path after the one above it, whose number is in `above`. `places` has for each sample the
    numbers from each path up to the root, `weights` the path's characters and kept characters.
    """

    names: Sequence[str]
    above: Sequence[int]
    places: Sequence[npt.NDArray[np.int64]]
    weights: Sequence[Floats]


def path_tree(pages: Sequence[Mapping[str, tuple[int, float]]]) -> PathTree:
    """Return the path tree of pages, from the characters and kept characters of each page's paths."""
    names = {step for paths in pages for path in paths for step in _path_and_ancestors(path)}
    ordered = sorted(names | {""}, key=len)
    number = {name: n for n, name in enumerate(ordered)}
    climbs = [
        [(number[step], *counted) for path, counted in paths.items() for step in _path_and_ancestors(path)]
        for paths in pages
    ]
    return PathTree(
        ordered,
        [number[parent(name)] for name in ordered],
        [np.array([n for n, _, _ in climb], dtype=np.int64) for climb in climbs],
        [np.array([counted for _, *counted in climb], dtype=float).reshape(-1, 2) for climb in climbs],
    )


def shares_kept(tree: PathTree, which: Sequence[int]) -> dict[str, float]:
    """Return the share kept at each path of these samples, smoothed with the share of the path above."""
    if not which:
        return {"": 0.0}
    places = np.concatenate([tree.places[at] for at in which])
    weights = np.concatenate([tree.weights[at] for at in which])
    of_all, kept = (np.bincount(places, column, minlength=len(tree.names)).tolist() for column in weights.T)
    shares = [kept[0] / max(of_all[0], 1.0)]
    for n, above in enumerate(tree.above[1:], 1):
        shares.append(
            (kept[n] + _BACK_OFF_CHARACTERS * shares[above]) / max(of_all[n] + _BACK_OFF_CHARACTERS, 1.0)
        )
    seen = {0, *places.tolist()}
    return {name: shares[n] for n, name in enumerate(tree.names) if n in seen}


def parent(path: str) -> str:
    """Return the path one step up; "" is the root."""
    return path.rpartition("/")[0]


def _path_and_ancestors(path: str) -> Iterator[str]:
    """Yield the path, its ancestors, and the empty root."""
    while path:
        yield path
        path = parent(path)
    yield path
