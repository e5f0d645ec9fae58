"""The features of the block model: a row of numbers for each block of a page.

There are four groups: words and characters (`text`), position (`place`), neighbours and page (here), and the
site's other pages (`cleaning.model.profile`). No feature names a domain, a page or a data set. Chinese is
read as Chinese: a hanzi is a token, and 。 ends a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaning.model.features.place import PLACE_NAMES, place
from cleaning.model.features.text import BLOCK_FLAGS, TEXT_NAMES, Counts, count
from cleaning.page import jsonld
from cleaning.page.parse import Block, Parsed
from cleaning.text.lines import HAN

Floats = npt.NDArray[np.float64]

# A block of running text ("good") is long enough for a sentence, and no row of links.
_MIN_GOOD_TOKENS: Final = 12
_MAX_GOOD_LINK_SHARE: Final = 0.4

# No title is longer.
_MAX_TITLE_CHARACTERS: Final = 300
# A line with a greater share of its words in the title is the title.
_MIN_TITLE_SHARE: Final = 0.6
_HANZI: Final = re.compile(f"[{HAN}]")

_OFFSETS: Final = (-2, -1, 1, 2)
_WINDOW_RADII: Final = (3, 12)
_NEIGHBOUR_COLUMNS: Final = ("tokens", "links", "stops", "ends", "good")
_NEIGHBOUR_NAMES: Final = (
    *(f"{name}_{step:+d}" for step in _OFFSETS for name in _NEIGHBOUR_COLUMNS),
    *(f"{name}_window{radius}" for radius in _WINDOW_RADII for name in _NEIGHBOUR_COLUMNS),
    "index",
    "index_from_end",
    "offset_share",
    "good_before",
    "good_after",
    "blocks_since_good",
    "blocks_until_good",
    "tokens_since_good",
    "tokens_until_good",
    "blocks_since_heading",
    "blocks_until_heading",
    "heading_tokens",
    "after_h1",
    "tokens_since_h1",
    "repeats",
    "repeated",
    "title_share",
    "title_cover",
    "description_share",
    "after_title",
)
_COUNTED_PLACES: Final = (
    "own_forum",
    "above_forum",
    "own_comment",
    "above_comment",
    "own_shop",
    "own_teaser",
    "own_byline",
)
_PLACE_COLUMNS: Final = [PLACE_NAMES.index(name) for name in _COUNTED_PLACES]
_PAGE_NAMES: Final = (
    "page_blocks",
    "page_tokens",
    "page_links",
    "page_good",
    "page_longest",
    "page_headings",
    "page_hanzi",
    "page_prices",
    "page_lists",
    "page_tables",
    *(f"page_{name}" for name in _COUNTED_PLACES),
    "page_has_article",
    "page_has_main",
    "page_og_article",
    "page_og_product",
    "page_og_website",
    "page_ld_article",
    "page_ld_product",
    "page_ld_forum",
    "page_ld_list",
)
NAMES: Final = (*TEXT_NAMES, *PLACE_NAMES, *_NEIGHBOUR_NAMES, *_PAGE_NAMES)


def features(page: Parsed) -> npt.NDArray[np.float32]:
    """Return a row of `NAMES` for each block of the page. No value is missing or NaN."""
    counts = count(page.blocks)
    good = (
        counts.tokens
        * (1 - counts.links)
        * ((counts.tokens >= _MIN_GOOD_TOKENS) & (counts.links < _MAX_GOOD_LINK_SHARE))
    )
    where = place(page.blocks, counts, good)
    whole = np.broadcast_to(_page(page, counts, good, where), (len(good), len(_PAGE_NAMES)))
    parts = [counts.columns, where, _neighbours(page, counts, good), whole]
    return np.concatenate(parts, axis=1, dtype=np.float32, casting="same_kind")


def _neighbours(page: Parsed, counts: Counts, good: Floats) -> Floats:
    """Return the features in `_NEIGHBOUR_NAMES`: what stands before and after each block, and how far."""
    near = np.column_stack([np.log1p(counts.tokens), counts.links, counts.stops, counts.ends, np.log1p(good)])
    return np.hstack(
        [
            *(_shifted(near, offset) for offset in _OFFSETS),
            *(_window_mean(near, radius) for radius in _WINDOW_RADII),
            _distances(page.blocks, counts, good),
            _title_shares(page, counts),
        ]
    )


def _shifted(rows: Floats, offset: int) -> Floats:
    """Return the rows of the blocks at this offset, and -1 beyond the ends of the page."""
    shifted = np.full_like(rows, -1)
    if offset < 0:
        shifted[-offset:] = rows[:offset]
    else:
        shifted[:-offset] = rows[offset:]
    return shifted


def _window_mean(rows: Floats, radius: int) -> Floats:
    """Return the mean of the rows up to `radius` blocks before and after."""
    sums = np.vstack([np.zeros(rows.shape[1]), np.cumsum(rows, axis=0)])
    at = np.arange(len(rows))
    first, last = np.maximum(at - radius, 0), np.minimum(at + radius + 1, len(rows))
    means: Floats = (sums[last] - sums[first]) / (last - first)[:, None]
    return means


def _distances(blocks: Sequence[Block], counts: Counts, good: Floats) -> Floats:
    """Return each block's position, the distance to running text and headings, and how often it repeats."""
    n = len(blocks)
    at = np.arange(n)
    good_before, tokens_before = np.cumsum(good), np.cumsum(counts.tokens)
    good_total = max(good_before[-1], 1)
    last_good, next_good = _last(good > 0), _next(good > 0)
    headings = np.array([block.level > 0 for block in blocks])
    last_heading, next_heading = _last(headings), _next(headings)
    last_h1 = _last(np.array([block.level == 1 for block in blocks]))
    heading_tokens = np.log1p(counts.tokens)[np.maximum(last_heading, 0)]
    repeats = Counter(block.text for block in blocks)
    return np.column_stack(
        [
            np.log1p(at),
            np.log1p(n - 1 - at),
            (tokens_before - counts.tokens / 2) / max(tokens_before[-1], 1),
            (good_before - good) / good_total,
            1 - good_before / good_total,
            np.log1p(at - last_good),
            np.log1p(next_good - at),
            np.log1p(tokens_before - tokens_before[np.maximum(last_good, 0)]),
            np.log1p(tokens_before[np.minimum(next_good, n - 1)] - tokens_before),
            np.log1p(at - last_heading),
            np.log1p(next_heading - at),
            np.where(last_heading >= 0, heading_tokens, -1),
            last_h1 >= 0,
            np.log1p(tokens_before - tokens_before[np.maximum(last_h1, 0)]),
            np.log1p([repeats[block.text] for block in blocks]),
            _repeated(blocks),
        ]
    )


def _last(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return for each position the last mark before it, or -1."""
    at = np.where(marks, np.arange(len(marks)), -1)
    return np.concatenate([[-1], np.maximum.accumulate(at)[:-1]])


def _next(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return for each position the next mark after it, or the number of positions."""
    n = len(marks)
    return n - 1 - _last(marks[::-1])[::-1]


def _repeated(blocks: Sequence[Block]) -> list[bool]:
    """Return whether the same line occurred before."""
    seen: set[str] = set()
    again = []
    for block in blocks:
        again.append(block.text in seen)
        seen.add(block.text)
    return again


def _title_shares(page: Parsed, counts: Counts) -> Floats:
    """Return four columns: what block and page title share, and whether the title stands before the block.

    They are the share of the block in the title, of the title in the block, of the block in the description,
    and the position. Words are compared, for Chinese characters.
    """
    title = max([page.title, *page.meta.get("og:title", ())[:1]], key=len)
    about = next(iter(page.meta.get("og:description") or page.meta.get("description") or ()), "")
    in_title, in_about = _words(title), _words(about)
    in_either = in_title | in_about
    rows = []
    seen = False
    for block, words, wide in zip(page.blocks, counts.words, counts.wide.tolist(), strict=True):
        said = block.text if wide else words
        of_block = of_title = of_about = 0.0
        if len(block.text) <= _MAX_TITLE_CHARACTERS and not in_either.isdisjoint(said):
            keys = set(said)
            common = len(keys & in_title)
            of_block, of_title = common / len(keys), common / max(len(in_title), 1)
            of_about = len(keys & in_about) / len(keys)
            seen = seen or (of_block > _MIN_TITLE_SHARE and of_title > _MIN_TITLE_SHARE)
        rows.append((of_block, of_title, of_about, seen))
    return np.array(rows, dtype=float)


def _words(text: str) -> set[str]:
    return {*text.lower().split(), *_HANZI.findall(text)}


def _page(page: Parsed, counts: Counts, good: Floats, where: Floats) -> Floats:
    """Return the features that all blocks of a page share."""
    n = len(page.blocks)
    tokens = max(counts.tokens.sum(), 1)
    flags = dict(zip(BLOCK_FLAGS, counts.columns[:, -len(BLOCK_FLAGS) :].sum(axis=0).tolist(), strict=True))
    og = next(iter(page.meta.get("og:type", ())), "").lower()
    types = jsonld.types(page.jsonld)
    return np.array(
        [
            np.log1p(n),
            np.log1p(tokens),
            (counts.links * counts.tokens).sum() / tokens,
            good.sum() / tokens,
            counts.tokens.max() / tokens,
            flags["heading"] / n,
            counts.wide.sum() / tokens,
            np.log1p(counts.money.sum()),
            flags["list"] / n,
            flags["table"] / n,
            *where[:, _PLACE_COLUMNS].mean(axis=0),
            flags["article"] > 0,
            flags["main"] > 0,
            "article" in og,
            "product" in og,
            "website" in og,
            "article" in types or "posting" in types,
            "product" in types,
            "discussion" in types or "qapage" in types or "question" in types,
            "itemlist" in types or "collection" in types,
        ]
    )
