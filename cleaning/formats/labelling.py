"""The steps that formats share: labels from the lexicon, pins of the source, guards and cuts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from selectolax.lexbor import LexborHTMLParser

from cleaning.law.fields import Fields, read_fields
from cleaning.law.genre import status_of
from cleaning.page.labels import Label
from cleaning.page.parse import Block, Parsed
from cleaning.rules import guards
from cleaning.rules import lexicon as rules
from cleaning.rules.lexicon import Cut
from output.base.records import RemovalKind


def labels_by_words(
    blocks: Sequence[Block], *, dump: bool = False, breaks: Collection[int] = ()
) -> tuple[list[Label | None], Fields]:
    """Return the labels that words alone give, None for the other blocks, and the fields of a law's record.

    The lexicon comes first; the lines of a record and its status lines are removed as bylines.
    """
    labels = rules.judge(blocks, dump=dump, breaks=breaks)
    fields = read_fields([block.text for block in blocks])
    for i in fields.lines:
        labels[i] = labels[i] or Label(RemovalKind.BYLINE, "fields:record")
    for i, block in enumerate(blocks if fields.lines else ()):
        if block.level and (status := status_of(block.text)[1]):
            labels[i] = Label(RemovalKind.BYLINE, "fields:status", status)
    return labels, fields


def keep_pinned(labels: list[Label], pinned: Collection[int]) -> tuple[str, ...]:
    """Label the blocks that the source keeps as content; warn how many would have left without it."""
    kept = sum(not labels[i].content for i in pinned)
    for i in pinned:
        labels[i] = Label(None, "source:keep", score=1.0)
    return (f"kept_by_source:{kept}",) if kept else ()


def restore_numbering(blocks: Sequence[Block], labels: list[Label]) -> tuple[str, ...]:
    """Put back what the engine took out of a numbered text, and warn how many blocks that were."""
    restored = guards.restore_numbered(blocks, labels) + guards.restore_articles(blocks, labels)
    restored += guards.restore_elisions(blocks, labels)
    return (f"numbering_restored:{restored}",) if restored else ()


def cuts_inside_content(
    blocks: Sequence[Block], labels: Sequence[Label], pinned: Collection[int]
) -> list[Cut]:
    """Return the ends of blocks that inline rules of the lexicon remove, such as a "Read more" link."""
    return rules.inline_cuts(
        blocks, [None if label.content and i not in pinned else label for i, label in enumerate(labels)]
    )


def without_markup(blocks: Iterable[Block], language: str = "") -> Parsed:
    """Return a page that is nothing but these blocks, each with its offset: no head and no elements."""
    placed, offset = [], 0
    for block in blocks:
        placed.append(block._replace(offset=offset))
        offset += len(block.text) + 1
    return Parsed(tuple(placed), "", language, {}, (), "", (), (), LexborHTMLParser(""))
