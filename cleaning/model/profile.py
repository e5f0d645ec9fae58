"""Site profiles: what a site's pages have in common, learnt from a few pages and then frozen.

A profile stores for each sample page which paths held text, how much of it the model kept, and which lines
occurred. These become features of the block model. They never remove anything alone, since laws repeat each
other's clauses. The fit of a page tells when a site has changed its layout.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from cleaning.model.path_tree import PathTree, parent, path_tree, shares_kept
from cleaning.page.containers import containers
from cleaning.page.parse import Block, Parsed

Floats = npt.NDArray[np.float64]

# The least and the most pages. Two tell a template from its text, more than ten add nothing (measured on
# held-out sites).
PAGES: Final = (2, 10)
# With a lower median fit of five pages, the layout has changed.
CHANGED: Final = 0.4
_FORMAT_VERSION: Final = 1
# Pages whose blocks of 40 characters or more overlap 60% both ways are one page filed twice.
_LONG_BLOCK_CHARACTERS: Final = 40
_MIN_COPY_OVERLAP: Final = 0.6
NAMES: Final = (
    "site_pages",
    "site_fit",
    "site_vote",
    "site_parent_vote",
    "site_seen",
    "site_line",
    "site_line_vote",
    "site_line_before",
    "site_line_after",
    "site_path_line",
    "site_parent_line",
)
MISSING: Final = -1.0
_UNSEEN_LINE: Final = (0.0, MISSING)


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """What a profile stores of one page: characters and kept characters of each path, and checksums of lines.

    `lines` maps a line's checksum to the share of it that was kept. `long` holds the checksums of long lines.
    """

    paths: Mapping[str, tuple[int, float]]
    lines: Mapping[int, float]
    long: frozenset[int]


@dataclasses.dataclass(frozen=True, slots=True)
class _CommonTraits:
    """The traits that several samples have in common.

    `shares` is the share kept at each path, smoothed with its parents' share. `seen` counts the pages with a
    path. `lines` has for each line the share of pages with it, and the mean share kept. `constant` holds the
    lines of all pages.
    """

    pages: int
    shares: Mapping[str, float]
    seen: Counter[str]
    lines: Mapping[int, tuple[float, float]]
    constant: frozenset[int]

    def vote(self, path: str) -> float:
        """Return the share of characters kept at a path and below it, or at the nearest known path above."""
        while path not in self.shares:
            path = parent(path)
        return self.shares[path]


@dataclasses.dataclass(frozen=True)
class Profile:
    """A site's profile. It never changes; another fit makes another profile."""

    samples: tuple[Sample, ...]

    @functools.cached_property
    def version(self) -> str:
        """Return the first 12 hexadecimal digits of the SHA-256 of `to_bytes`."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:12]

    def fit_of(self, page: Parsed) -> float:
        """Return how well a page fits, from 0 to 1, or `MISSING` where no other page is known.

        It is the mean of two shares: of the page's characters at known paths, and of the site's constant
        lines on the page.
        """
        checksums = _checksums(page.blocks)
        return _fit(page.blocks, checksums, self._others(page.blocks, checksums))

    def features(self, blocks: Sequence[Block]) -> Floats:
        """Return a row of `NAMES` for each block. Samples that are copies of this page are left out.

        All values are `MISSING` when no other sample is left.
        """
        checksums = _checksums(blocks)
        return _features(blocks, checksums, self._others(blocks, checksums))

    @functools.cached_property
    def _traits_by_samples(self) -> dict[tuple[int, ...], _CommonTraits]:
        """Return the cache of traits by samples: all of them, or all but the copies of some page."""
        return {}

    def _others(self, blocks: Sequence[Block], checksums: Sequence[int]) -> _CommonTraits:
        long = _long(blocks, checksums)
        which = tuple(at for at, sample in enumerate(self.samples) if not _are_copies(sample.long, long))
        if which not in self._traits_by_samples:
            self._traits_by_samples[which] = _common_traits(
                [self.samples[at] for at in which], self._path_tree, which
            )
        return self._traits_by_samples[which]

    @functools.cached_property
    def _path_tree(self) -> PathTree:
        return path_tree([sample.paths for sample in self.samples])

    def to_bytes(self) -> bytes:
        """Return the profile as JSON. The same profile gives the same bytes."""
        samples = [
            {"paths": s.paths, "lines": list(s.lines.items()), "long": sorted(s.long)} for s in self.samples
        ]
        return json.dumps(
            {"format": _FORMAT_VERSION, "samples": samples}, ensure_ascii=False, sort_keys=True
        ).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote. Raises ValueError for anything else and for a newer format."""
        try:
            loaded = json.loads(data)
            if loaded["format"] != _FORMAT_VERSION:
                raise ValueError(
                    f"the profile has format {loaded['format']}, this version reads {_FORMAT_VERSION}"
                )
            return cls(
                tuple(
                    Sample(
                        {path: (int(n), float(kept)) for path, (n, kept) in sample["paths"].items()},
                        {int(line): float(kept) for line, kept in sample["lines"]},
                        frozenset(sample["long"]),
                    )
                    for sample in loaded["samples"]
                )
            )
        except (KeyError, TypeError, AttributeError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ValueError(f"this is no site profile: {error}") from error


def fit_samples(candidates: Iterable[Sample]) -> Profile | None:
    """Return the profile of at most ten distinct samples in the order given, or None for fewer than two."""
    samples: list[Sample] = []
    for candidate in candidates:
        if not any(_are_copies(sample.long, candidate.long) for sample in samples):
            samples.append(candidate)
        if len(samples) == PAGES[1]:
            break
    return Profile(tuple(samples)) if len(samples) >= PAGES[0] else None


def sample_of(blocks: Sequence[Block], kept: npt.NDArray[np.floating]) -> Sample:
    """Return what a profile stores of a page, from each block's probability to be content."""
    checksums = _checksums(blocks)
    characters: Counter[str] = Counter()
    weights: dict[str, float] = {}
    lines: dict[int, float] = {}
    for block, checksum, share in zip(blocks, checksums, kept.tolist(), strict=True):
        characters[block.path] += len(block.text)
        weights[block.path] = weights.get(block.path, 0.0) + len(block.text) * share
        lines.setdefault(checksum, round(share, 3))
    paths = {path: (n, round(weights[path], 1)) for path, n in characters.items()}
    return Sample(paths, lines, _long(blocks, checksums))


def _are_copies(a: frozenset[int], b: frozenset[int]) -> bool:
    """Return whether two pages are one page filed twice, by the checksums of their long blocks."""
    return bool(a and b) and len(a & b) >= _MIN_COPY_OVERLAP * max(len(a), len(b))


def _common_traits(samples: Sequence[Sample], tree: PathTree, which: Sequence[int]) -> _CommonTraits:
    """Return the common traits of samples. `which` are their positions in the path tree."""
    lines: dict[int, list[float]] = {}
    for sample in samples:
        for line, share in sample.lines.items():
            lines.setdefault(line, []).append(share)
    return _CommonTraits(
        len(samples),
        shares_kept(tree, which),
        Counter(path for sample in samples for path in sample.paths),
        {line: (len(told) / len(samples), sum(told) / len(told)) for line, told in lines.items()},
        frozenset(line for line, told in lines.items() if len(told) == len(samples)),
    )


def _features(blocks: Sequence[Block], checksums: Sequence[int], site: _CommonTraits) -> Floats:
    """Return the rows of `NAMES`, from the site's other pages."""
    if not site.pages or not blocks:
        return np.full((len(blocks), len(NAMES)), MISSING)
    told = [site.lines.get(checksum, _UNSEEN_LINE) for checksum in checksums]
    line = np.array([share for share, _ in told])
    own, above = containers(blocks, 2)
    paths = [block.path for block in blocks]
    return np.column_stack(
        [
            np.full(len(blocks), float(site.pages)),
            np.full(len(blocks), _fit(blocks, checksums, site)),
            [site.vote(path) for path in paths],
            [site.vote(parent(path)) for path in paths],
            [site.seen[path] / site.pages for path in paths],
            line,
            [vote for _, vote in told],
            np.concatenate([[MISSING], line[:-1]]),
            np.concatenate([line[1:], [MISSING]]),
            _mean_by(own, line),
            _mean_by(above, line),
        ]
    )


def _fit(blocks: Sequence[Block], checksums: Sequence[int], site: _CommonTraits) -> float:
    if not site.pages or not blocks:
        return MISSING
    total = sum(len(block.text) for block in blocks)
    at_known = sum(len(block.text) for block in blocks if block.path in site.seen) / total
    if site.pages < PAGES[0] or not site.constant:
        return at_known
    return (at_known + len(site.constant.intersection(checksums)) / len(site.constant)) / 2


def _mean_by(group: npt.NDArray[np.int64], values: Floats) -> Floats:
    means: Floats = np.bincount(group, values) / np.bincount(group)
    return means[group]


def _checksums(blocks: Sequence[Block]) -> list[int]:
    return [zlib.crc32(block.text.encode("utf-8", "replace")) for block in blocks]


def _long(blocks: Sequence[Block], checksums: Sequence[int]) -> frozenset[int]:
    return frozenset(
        c for block, c in zip(blocks, checksums, strict=True) if len(block.text) >= _LONG_BLOCK_CHARACTERS
    )
