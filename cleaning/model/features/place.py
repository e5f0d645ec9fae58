"""Features of a block's position: the names on its path, and what else lies in the same containers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaning.model.features.text import Counts
from cleaning.page.block import Block
from cleaning.page.containers import containers

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Names that template authors use in ids, classes and custom tags: parts of names, or whole words after "=".
_NAMES: Final[Mapping[str, str]] = {
    "content": "content article entry post body text story main prose markdown rich zhengwen detail "
    "neirong wenzhang",
    "comment": "comment disqus respond reply replies pinglun discuss",
    "share": "share social sns bookmark follow addthis like",
    "related": "relat recommend popular trending latest recent more also next prev =hot rank tuijian "
    "outbrain taboola",
    "nav": "nav menu crumb =tab =tabs toolbar pagination pager paging skip sitemap",
    "footer": "foot copyright bottom legal colophon disclaimer",
    "header": "head banner =top logo brand",
    "side": "side widget rail right left sticky secondary",
    "advert": "=ad =ads advert sponsor promo dfp gpt google banner",
    "account": "login signin =sign register subscri newsletter account user member paywall signup optin",
    "byline": "author byline meta date time posted publish info source credit bio avatar editor",
    "tags": "=tag =tags categor topic label keyword =cat",
    "title": "title headline subject heading biaoti",
    "teaser": "teaser summary excerpt card item list grid =row =col tile archive feed",
    "shop": "product price cart buy =sku shop review rating =spec specs variant description",
    "forum": "forum thread message quote =bbs signature postbit topic",
    "hidden": "hidden modal popup cookie consent gdpr overlay dropdown collapse tooltip noprint =sr "
    "offscreen",
    "caption": "caption figure image photo gallery slide media video player thumb",
    "search": "search query filter =sort facet",
    "code": "code highlight example snippet =doc =docs =api",
    "review": "review testimonial feedback rating =stars",
}
_NAME_PARTS: Final = [
    (1 << n, part) for n, names in enumerate(_NAMES.values()) for part in names.split() if part[0] != "="
]
_WHOLE_WORDS: Final = {
    part[1:]: n for n, names in enumerate(_NAMES.values()) for part in names.split() if part[0] == "="
}
_WORD: Final = re.compile("[a-z]+")
_TAG: Final = re.compile("[a-z0-9]*")
# The main container holds more than this share of the running text.
_MIN_MAIN_SHARE: Final = 0.5
_CONTAINER_LEVELS: Final = 4
_GROUP_FEATURES: Final = ("blocks", "tokens", "links", "ends", "good", "share", "stops", "length")
_TREE_FEATURES: Final = (
    "main_common",
    "main_below",
    "main_above",
    "main_share",
    "step_share",
    "title_common",
    "title_above",
)
PLACE_NAMES: Final = (
    *(f"own_{name}" for name in _NAMES),
    *(f"above_{name}" for name in _NAMES),
    *(f"level{level}_{name}" for level in range(_CONTAINER_LEVELS) for name in _GROUP_FEATURES),
    *_TREE_FEATURES,
)


def place(blocks: Sequence[Block], counts: Counts, good: Floats) -> Floats:
    """Return the features in `PLACE_NAMES`. `good` is the weight of each block as running text."""
    paths = list(dict.fromkeys(block.path for block in blocks))
    levels = containers(blocks, _CONTAINER_LEVELS)
    of = levels[0]
    chains = [path.split("/") for path in paths]
    named = np.array([_path_name_bits(chain) for chain in chains], dtype=np.int64)[of]
    own = named[:, 0] | np.array([_name_bits(block.inline) for block in blocks], dtype=np.int64)
    above = named[:, 1]
    bits = np.arange(len(_NAMES))
    titles = [block.path for block in blocks if block.level == 1][:1]
    return np.hstack(
        [
            ((own[:, None] >> bits) & 1).astype(float),
            ((above[:, None] >> bits) & 1).astype(float),
            _groups(levels, counts, good),
            _tree(chains, np.bincount(of, good).astype(float), titles[0].split("/") if titles else [])[of],
        ]
    )


def _groups(levels: list[Integers], counts: Counts, good: Floats) -> Floats:
    """Return sums over the blocks at a path, then at its parent's, and so on, as seen from each block."""
    weights = (
        np.ones(len(good)),
        counts.tokens,
        counts.links * counts.tokens,
        counts.ends * counts.tokens,
        good,
        counts.stops * counts.tokens,
    )
    tokens_all, good_all = max(counts.tokens.sum(), 1e-9), max(good.sum(), 1e-9)
    columns = []
    for group in levels:
        blocks, tokens, links, ends, good_sum, stops = (np.bincount(group, weight) for weight in weights)
        tokens = np.maximum(tokens, 1)
        columns.append(
            np.column_stack(
                [
                    np.log1p(blocks),
                    np.log1p(tokens),
                    links / tokens,
                    ends / tokens,
                    good_sum / good_all,
                    tokens / tokens_all,
                    stops / tokens,
                    np.log1p(tokens / blocks),
                ]
            )[group]
        )
    return np.hstack(columns)


def _tree(chains: list[list[str]], good: Floats, title: list[str]) -> Floats:
    """Return where each path stands relative to the main container and to the page's title.

    The main container holds most of the running text.
    """
    weights: defaultdict[tuple[str, ...], float] = defaultdict(float)
    below: defaultdict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for chain, weight in zip(chains, good.tolist(), strict=True):
        if weight:
            for depth in range(1, len(chain) + 1):
                prefix = tuple(chain[:depth])
                weights[prefix] += weight
                below[prefix[:-1]].add(prefix)
    total = float(good.sum()) or 1.0
    main: tuple[str, ...] = ()
    while (
        below[main]
        and weights[heaviest := max(below[main], key=lambda p: (weights[p], p))] > _MIN_MAIN_SHARE * total
    ):
        main = heaviest
    rows = []
    for chain in chains:
        common, with_title = _common_length(chain, main), _common_length(chain, title)
        rows.append(
            (
                common,
                len(chain) - common,
                len(main) - common,
                weights.get(tuple(chain[:common]), 0.0) / total,
                weights.get(tuple(chain[: common + 1]), 0.0) / total,
                with_title if title else -1,
                len(title) - with_title,
            )
        )
    return np.array(rows, dtype=float)


def _common_length(chain: Sequence[str], other: Sequence[str]) -> int:
    common = 0
    for a, b in zip(chain, other, strict=False):
        if a != b:
            break
        common += 1
    return common


def _path_name_bits(chain: Sequence[str]) -> tuple[int, int]:
    """Return the name bits of the nearest step with an id, class or custom tag, and of the steps above it."""
    own = above = 0
    found = False
    for step in reversed(chain):
        if found:
            above |= _name_bits(step)
        elif "." in step or "#" in step or "-" in step:
            own, found = _name_bits(step), True
    return own, above


@lru_cache(maxsize=8192)
def _name_bits(step: str) -> int:
    """Return a bit for each group of `_NAMES` that an element's id, classes or custom tag belong to."""
    tag = _TAG.match(step)
    bits = 0
    for word in _WORD.findall(step[tag.end() if tag else 0 :].lower()):
        bits |= _word_bits(word)
    return bits


@lru_cache(maxsize=8192)  # sites use the same words
def _word_bits(word: str) -> int:
    """Return a bit for each group of `_NAMES` that a word belongs to, as a whole or with a part of it."""
    bits = 1 << _WHOLE_WORDS[word] if word in _WHOLE_WORDS else 0
    for bit, part in _NAME_PARTS:
        if part in word:
            bits |= bit
    return bits
