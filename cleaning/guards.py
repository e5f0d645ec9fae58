"""What cleaning must not do: break the numbering of what it keeps."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from cleaning.blocks import Block
from cleaning.labels import Label
from cleaning.law.numbers import chinese_number
from cleaning.lines import fold_line

_HANZI = r"([一二三四五六七八九十百]+)"
# The markers that number a law's articles, its points and a list's items: a family each, counted on its own.
_FAMILIES: Final[tuple[tuple[re.Pattern[str], Callable[[str], int | None]], ...]] = (
    (re.compile(r"^第([零〇一二三四五六七八九十百千\d]+)条"), chinese_number),
    (re.compile(r"^(?:Article|Section|Art\.|§)\s*(\d{1,4})\b", re.IGNORECASE), int),
    (re.compile(rf"^{_HANZI}、"), chinese_number),
    (re.compile(rf"^\({_HANZI}\)"), chinese_number),
    (re.compile(r"^(\d{1,3})[.、,]\s*(?!\d)"), int),
    (re.compile(r"^\((\d{1,3})\)"), int),
)
_STARTS: Final = frozenset("第AaSs§(一二三四五六七八九十百")


def restore_numbered(blocks: Sequence[Block], labels: list[Label]) -> int:
    """Put back what an engine took out of the middle of a numbered sequence; the number of blocks put back.

    Only where the numbers right before and right after it stay: then the kept text itself says that it
    misses one. What the source or the lexicon removed stays removed.
    """
    restored = 0
    heads = [(i, fold_line(block.text[:20])) for i, block in enumerate(blocks)]
    heads = [(i, head) for i, head in heads if head[:1] in _STARTS or head[:1].isdigit()]
    for pattern, value in _FAMILIES:
        found = [(i, number) for i, head in heads if (number := _number(head, pattern, value))]
        for (a, low), (i, middle), (b, high) in zip(found, found[1:], found[2:], strict=False):
            removed = not labels[i].content and labels[i].rule.startswith("engine:")
            if (
                removed
                and labels[a].content
                and labels[b].content
                and (low, high) == (middle - 1, middle + 1)
            ):
                labels[i] = Label(None, "guard:numbering", f"between {low} and {high}", 1.0)
                restored += 1
    return restored


def _number(head: str, pattern: re.Pattern[str], value: Callable[[str], int | None]) -> int | None:
    match = pattern.match(head)
    return value(match[1]) if match else None
