"""Struck-out words: they leave the text, since the page shows that they no longer hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from cleaning.page.labels import Label
from cleaning.page.parse import Block
from cleaning.rules.lexicon import Cut
from output.base.records import RemovalKind

_STRUCK_LABEL: Final = Label(RemovalKind.OTHER, "markup:struck_out", score=1.0)
# With more of its text struck out, a page shows a whole text that was withdrawn, or an unclosed element
# struck it by accident. It stays, with a warning.
_MAX_STRUCK_SHARE: Final = 0.5
_LIST_MARKER: Final = re.compile(r"(?:-|\w{1,6}\.)\s")
_CLOSING_MARKS: Final = ",.;:!?)]}，。；：！？）、"


def struck_cuts(
    blocks: Sequence[Block], content: Collection[int], cut: Collection[int]
) -> tuple[list[Cut], tuple[str, ...]]:
    """Return the struck-out parts of the `content` blocks as cuts, and a warning where they stay after all.

    Blocks in `cut` have other cuts and keep their struck-out words, so that no two cuts overlap.
    """
    found = [i for i in content if blocks[i].struck]
    struck = sum(end - start for i in found for start, end in blocks[i].struck)
    if struck > _MAX_STRUCK_SHARE * sum(len(blocks[i].text) for i in content):
        return [], (f"struck_out_kept:{struck}",)
    return [c for i in found if i not in cut for c in _block_cuts(i, blocks[i])], ()


def _block_cuts(i: int, block: Block) -> Iterator[Cut]:
    """Yield the cuts of a block, each with one of the two spaces around it. A struck-out list item goes with
    its marker.
    """
    text = block.text
    first, last = block.struck[0][0], block.struck[-1][1]
    if len(block.struck) == 1 and _LIST_MARKER.fullmatch(text, 0, first) and not text[last:].strip():
        yield Cut(i, 0, len(text), _STRUCK_LABEL)
        return
    for start, end in block.struck:
        before, after = text[start - 1 : start], text[end : end + 1]
        if before == " " and (after in ("", " ", "\n") or after in _CLOSING_MARKS):
            yield Cut(i, start - 1, end, _STRUCK_LABEL)
        else:
            yield Cut(i, start, end + (before in ("", "\t", "\n") and after == " "), _STRUCK_LABEL)
