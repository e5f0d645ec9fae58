"""Features of a block's text: counts of words and characters, in one pass over the page's text."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from cleaning.model.features.cues import CUE_WORDS, GRAMMAR, MAX_CUE_WORDS, cues
from cleaning.page.block import Block
from cleaning.page.layout import FLAGS

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]
Key = TypeVar("Key", bound=Hashable)

# Classes of characters. Each hanzi, kana and hangul syllable is a token; other letters and digits form words.
_OTHER, _LOWER, _UPPER, _DIGIT, _WIDE, _FUNCTION, _END, _COMMA, _SPACE, _BAR, _MONEY, _QUOTE, _CODE = range(
    13
)
_CLASS_COUNT: Final = 13
# Function words in hanzi, of both scripts: sentences have them, names and menus do not.
_PARTICLES: Final = (
    "的了是在和不有这這那也就都而及与與或之其为為以于於等将將被把从從對对但并並因所可"
    "能会會要我你他她它们們个個"
)
_CLASS_CHARACTERS: Final[Mapping[int, str]] = {
    _END: ".!?;。！？；…",
    _COMMA: ",:，、：",
    _SPACE: " \t\n\u3000\u00a0\u200b",
    _BAR: "|»«›‹·•/→←-_*◆■●【】[]",
    _CODE: "{}<>=\\&#%@^~`+",
    _MONEY: "$€£¥￥₹",
    _QUOTE: "\"'“”‘’「」『』《》()（）",
    _FUNCTION: _PARTICLES,
}

# No paragraph is longer. A line of many megabytes is judged by its beginning.
_MAX_CHARACTERS: Final = 50_000
_TAGS: Final = (
    "p",
    "li",
    "tr",
    "td",
    "div",
    "pre",
    "dd",
    "dt",
    "option",
    "button",
    "section",
    "article",
    "span",
    "a",
    "label",
)
BLOCK_FLAGS: Final = tuple(sorted((*FLAGS, "jsonld")))
TEXT_NAMES: Final = (
    "tokens",
    "characters",
    "token_length",
    "links",
    "linked_tokens",
    "upper",
    "digit",
    "wide",
    "stops",
    "ends",
    "commas",
    "bars",
    "money",
    "quotes",
    "code",
    "longest_word",
    "ends_sentence",
    "starts_upper",
    *(f"cue_{name}" for name in CUE_WORDS),
    "level",
    "depth",
    "inline_link",
    "inline",
    "lines_of_element",
    *(f"tag_{name}" for name in _TAGS),
    *(f"in_{name}" for name in BLOCK_FLAGS),
)


class Counts(NamedTuple):
    """The counts that other feature groups use, one value a block; `columns` are the text features."""

    tokens: Floats
    links: Floats
    stops: Floats
    ends: Floats
    money: Floats
    wide: Floats
    words: list[list[str]]
    columns: Floats


class _Characters(NamedTuple):
    """The characters of blocks: lengths, counts by class (one column a class), and words of letters and
    digits.

    `first` and `last` are the classes of each block's first and last character.
    """

    lengths: Integers
    by_class: Integers
    latin_words: Integers
    first: Integers
    last: Integers


def count(blocks: Sequence[Block]) -> Counts:
    """Count the text features of blocks, in the order of `TEXT_NAMES`."""
    texts = [block.text[:_MAX_CHARACTERS] for block in blocks]
    found = _characters(texts)
    by_class = found.by_class
    wide = by_class[:, _WIDE] + by_class[:, _FUNCTION]
    tokens = wide + found.latin_words
    at_least_one = np.maximum(tokens, 1)
    characters = np.maximum(by_class[:, _LOWER : _FUNCTION + 1].sum(axis=1), 1)
    links = np.array([block.links for block in blocks])
    words, cue_counts = cues(texts, wide)
    read = np.maximum(np.minimum(found.latin_words, MAX_CUE_WORDS) + wide, 1)
    stops = (cue_counts[:, GRAMMAR] + by_class[:, _FUNCTION]) / read
    columns = np.column_stack(
        [
            np.log1p(tokens),
            np.log1p(found.lengths),
            characters / at_least_one,
            links,
            links * tokens,
            by_class[:, _UPPER] / characters,
            by_class[:, _DIGIT] / characters,
            wide / characters,
            stops,
            by_class[:, _END] / at_least_one,
            by_class[:, _COMMA] / at_least_one,
            by_class[:, _BAR] / at_least_one,
            by_class[:, _MONEY],
            by_class[:, _QUOTE] / at_least_one,
            by_class[:, _CODE] / at_least_one,
            [min(max(map(len, of_block), default=0), 99) for of_block in words],
            found.last == _END,
            found.first == _UPPER,
            cue_counts / read[:, None],
            _markup_columns(blocks),
        ]
    )
    return Counts(
        tokens.astype(float),
        links,
        stops,
        by_class[:, _END] / at_least_one,
        by_class[:, _MONEY].astype(float),
        wide.astype(float),
        words,
        columns,
    )


def _characters(texts: Sequence[str]) -> _Characters:
    """Count the characters of texts in one pass over all of them."""
    n = len(texts)
    lengths = np.array(list(map(len, texts)), dtype=np.int64)
    ends = np.cumsum(lengths + 1)
    codes = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    classes = _class_table()[np.minimum(codes, 0xFFFF)]
    owner = np.repeat(np.arange(n), lengths + 1)[: len(codes)]
    cells = np.bincount(owner * _CLASS_COUNT + classes, minlength=n * _CLASS_COUNT)
    in_word = (classes >= _LOWER) & (classes <= _DIGIT)
    begins_word = in_word.copy()
    begins_word[1:] &= ~in_word[:-1]
    return _Characters(
        lengths,
        cells.reshape(n, _CLASS_COUNT),
        np.bincount(owner[begins_word], minlength=n),
        first=classes[ends - lengths - 1],
        last=classes[ends - 2],
    )


def _markup_columns(blocks: Sequence[Block]) -> npt.NDArray[np.float64]:
    """Return what the markup says of each block: heading level, depth, inline element, tag and flags."""
    return np.column_stack(
        [
            [block.level for block in blocks],
            [block.depth for block in blocks],
            [block.inline[:1] == "a" and block.inline[1:2] in ("", ".", "#") for block in blocks],
            [block.inline != "" for block in blocks],
            np.log1p(_group_sizes([block.element for block in blocks])),
            _one_hot([block.tag for block in blocks], _of_tag),
            _one_hot([block.flags for block in blocks], _of_flags),
        ]
    )


def _group_sizes(keys: Sequence[Hashable]) -> npt.NDArray[np.int64]:
    """Return for each key how many keys are the same."""
    counted = Counter(keys)
    return np.array([counted[key] for key in keys], dtype=np.int64)


def _one_hot(keys: Sequence[Key], row_of: Callable[[Key], tuple[bool, ...]]) -> npt.NDArray[np.bool_]:
    """Return the rows of the keys, each computed once."""
    numbers = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    return np.array([row_of(key) for key in numbers])[[numbers[key] for key in keys]]


@functools.cache
def _class_table() -> npt.NDArray[np.uint8]:
    """Return the class of each character of the Basic Multilingual Plane. Others are classed as U+FFFF."""
    table = np.zeros(0x10000, dtype=np.uint8)
    for code in range(0x10000):
        char = chr(code)
        if char.isalpha():
            table[code] = _UPPER if char.isupper() else _LOWER
        elif char.isdigit():
            table[code] = _DIGIT
    for first, last in (
        (0x3040, 0x30FF),
        (0x3400, 0x4DBF),
        (0x4E00, 0x9FFF),
        (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF),
    ):
        table[first : last + 1] = _WIDE
    for kind, marks in _CLASS_CHARACTERS.items():
        table[[ord(mark) for mark in marks]] = kind
    return table


def _of_tag(tag: str) -> tuple[bool, ...]:
    return tuple(tag == name for name in _TAGS)


def _of_flags(flags: frozenset[str]) -> tuple[bool, ...]:
    return tuple(flag in flags for flag in BLOCK_FLAGS)
