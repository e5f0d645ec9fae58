"""Guards against mistakes of cleaning.

They put back numbered items, tables and marks of omission that were taken out of the middle of a text. They
drop what a page repeats for browsers without scripts, and readers' comments below a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from cleaning.law.articles import Numbered, articles
from cleaning.page import jsonld
from cleaning.page.labels import Label
from cleaning.page.parse import Block, Parsed
from cleaning.rules.comments import in_comments
from cleaning.text.lines import fold_line, is_elision, word_count
from cleaning.text.numerals import chinese_number
from output.base.records import RemovalKind

_HANZI_NUMERAL = r"([一二三四五六七八九十百]+)"
# The markers of a law's articles, its points and a list's items. Each family has its own count.
_NUMBERING_FAMILIES: Final[tuple[tuple[re.Pattern[str], Callable[[str], int | None]], ...]] = (
    (re.compile(r"^第\s?([零〇一二三四五六七八九十百千\d]+)\s?[条條]"), chinese_number),
    (re.compile(r"^(?:Article|Section|Art\.|§)\s*(\d{1,4})(?![0-9A-Za-z])", re.IGNORECASE), int),
    (re.compile(rf"^{_HANZI_NUMERAL}、"), chinese_number),
    (re.compile(rf"^\({_HANZI_NUMERAL}\)"), chinese_number),
    (re.compile(r"^(\d{1,3})[.、,]\s*(?!\d)"), int),
    (re.compile(r"^\((\d{1,3})\)"), int),
)
_LAW_MIN_ARTICLES = 2  # a text with so many kept articles is a law
_FOOT_KINDS: Final = frozenset(
    {RemovalKind.COPYRIGHT, RemovalKind.LICENCE_FOOTER, RemovalKind.COMMENTS, RemovalKind.COMMENT_FORM}
)
_NOTICE_KINDS: Final = frozenset(
    {RemovalKind.PAYWALL, RemovalKind.TEASER, RemovalKind.BYLINE, RemovalKind.DISCLAIMER}
)
_MIN_TABLE_ROWS = 3  # at the end of a text; fewer rows may be buttons
_MAX_LINK_SHARE = 0.5  # a line with more of its characters in links belongs to a list of pages
_MIN_TEXT_WORDS = 50
_FORUM_TYPES: Final = ("discussion", "qapage", "question")  # in the types of a page's JSON-LD, in lower case
_ENGINE_RULES: Final = ("engine:", "model:")
_MARKER_STARTS: Final = frozenset("第AaSs§(一二三四五六七八九十百")


def restore_numbered(blocks: Sequence[Block], labels: list[Label]) -> int:
    """Put back items that an engine took out of a numbered sequence. Return the number of blocks put back.

    An item comes back where the numbers right before and after it stay, or where two items of a list lead up
    to it. What the source or the lexicon removed stays removed.
    """
    restored = 0
    heads = [(i, fold_line(block.text[:20])) for i, block in enumerate(blocks)]
    heads = [(i, head) for i, head in heads if head[:1] in _MARKER_STARTS or head[:1].isdigit()]
    for pattern, value in _NUMBERING_FAMILIES:
        found = [(i, number) for i, head in heads if (number := _number(head, pattern, value))]
        for (a, low), (i, middle), (b, high) in zip(found, found[1:], found[2:], strict=False):
            between = labels[a].content and labels[b].content and (low, high) == (middle - 1, middle + 1)
            if between and _is_removed_by_engine(labels[i]):
                labels[i] = Label(None, "guard:numbering", f"between {low} and {high}", 1.0)
                restored += 1
        restored += _restore_ends(found, blocks, labels) + _restore_ends(found[::-1], blocks, labels)
    return restored


def _restore_ends(found: Sequence[tuple[int, int]], blocks: Sequence[Block], labels: list[Label]) -> int:
    """Put back list items that continue the count of two kept ones, down the page or up it."""
    restored = 0
    for (a, first), (b, second), (i, number) in zip(found, found[1:], found[2:], strict=False):
        is_next_number = abs(second - first) == 1 and number - second == second - first
        is_same_list = b - a == i - b and abs(i - b) == 1 and blocks[i].path == blocks[b].path
        if not (
            is_next_number and is_same_list and "list" in blocks[i].flags and _is_removed_by_engine(labels[i])
        ):
            continue
        if labels[a].content and labels[b].content:
            labels[i] = Label(None, "guard:numbering", f"next to {first} and {second}", 1.0)
            restored += 1
    return restored


def restore_articles(blocks: Sequence[Block], labels: list[Label]) -> int:
    """Put back articles of a law that were removed while others of the same count stay. Return the number put
    back.

    The sequence of articles must be the same after cleaning as before. So articles that continue the count
    come back, and so does what stands between two of them in an element of the same kind. What the source
    removed stays removed.
    """
    lines = [
        "" if label.rule.startswith("source:") else b.text for b, label in zip(blocks, labels, strict=True)
    ]
    found = [article for article in articles(lines) if article.column == 0]
    restored = 0
    for script in ("zh", "en"):
        run = [article for article in found if article.script == script]
        kept = [n for n, article in enumerate(run) if labels[article.line].content]
        if len(kept) < _LAW_MIN_ARTICLES and _is_law(run, blocks, labels):
            kept = list(range(len(run)))
        if len(kept) < _LAW_MIN_ARTICLES:
            continue
        first, last = _run_end(run, kept[0], -1, blocks, labels), _run_end(run, kept[-1], 1, blocks, labels)
        paths = {blocks[article.line].path for article in run[first : last + 1]}
        members = {article.line for article in run[first : last + 1]}
        for i in range(run[first].line, run[last].line + 1):
            label = labels[i]
            if label.content or label.rule.startswith("source:") or label.kind in _NOTICE_KINDS:
                continue
            if i in members or blocks[i].path in paths:
                labels[i] = Label(None, "guard:articles", f"{label.rule} removed it", 1.0)
                restored += 1
    return restored


def _is_law(run: Sequence[Numbered], blocks: Sequence[Block], labels: Sequence[Label]) -> bool:
    """Return whether a removed run of articles is the text of a law.

    It counts from 1 without a gap, in elements of one kind. It is no list of links, unless text that stays
    stands below each link.
    """
    numbers = [article.number for article in run if not article.sub]
    paths = {blocks[article.line].path for article in run}
    in_comments_or_notices = any(
        labels[article.line].kind in (*_FOOT_KINDS, *_NOTICE_KINDS) for article in run
    )
    are_links = any(
        blocks[article.line].links > _MAX_LINK_SHARE
        and not labels[min(article.line + 1, len(labels) - 1)].content
        for article in run
    )
    return (
        len(run) > _LAW_MIN_ARTICLES
        and numbers == list(range(1, len(numbers) + 1))
        and len(paths) == 1
        and not in_comments_or_notices | are_links
    )


def _run_end(
    run: Sequence[Numbered], at: int, step: int, blocks: Sequence[Block], labels: Sequence[Label]
) -> int:
    """Return the index of the last article that continues the count from a kept one, in elements of the same
    kind.
    """
    path = blocks[run[at].line].path
    while 0 <= at + step < len(run):
        here, there = run[at], run[at + step]
        between = range(min(here.line, there.line) + 1, max(here.line, there.line))
        is_next_number = abs(there.number - here.number) <= 1 and blocks[there.line].path == path
        if not is_next_number or any(
            labels[i].kind in _FOOT_KINDS and blocks[i].path != path for i in between
        ):
            break
        at += step
    return at


def restore_elisions(blocks: Sequence[Block], labels: list[Label]) -> int:
    """Put back the marks of omission inside a text: they say that it is an excerpt. Return their number."""
    restored = 0
    for i in range(1, len(blocks) - 1):
        label = labels[i]
        if label.content or label.rule.startswith("source:") or not is_elision(blocks[i].text):
            continue
        if labels[i - 1].content and any(found.content for found in labels[i + 1 : i + 3]):
            labels[i] = Label(None, "guard:elision", score=1.0)
            restored += 1
    return restored


def restore_tables(blocks: Sequence[Block], labels: list[Label]) -> int:
    """Put back rows of a data table that an engine removed. Return their number; a caption counts as one.

    The text right before and right after the table must stay, in the same container. A table at the end of
    its container must have several rows.
    """
    restored = 0
    for container, table in _tables(blocks):
        before, behind = table.start - 1, table.stop
        if before < 0 or not (labels[before].content and _is_inside(blocks[before], container)):
            continue
        ends = behind == len(blocks) or not _is_inside(blocks[behind], container)
        if len(table) >= _MIN_TABLE_ROWS if ends else labels[behind].content:
            for i in table:
                if _is_removed_by_engine(labels[i]):
                    labels[i] = Label(None, "guard:table", f"{labels[i].rule} removed it", 1.0)
                    restored += 1
    return restored


def drop_doubled(blocks: Sequence[Block], labels: list[Label], pinned: Collection[int]) -> None:
    """Remove the lines inside `<noscript>` that are also kept outside it, since a reader sees only one of the
    two.
    """
    kept = [i for i, label in enumerate(labels) if label.content]
    if within := [i for i in kept if "noscript" in blocks[i].flags and i not in pinned]:
        outside = {blocks[i].text for i in kept if "noscript" not in blocks[i].flags}
        for i in within:
            if blocks[i].text in outside:
                labels[i] = Label(RemovalKind.OTHER, "guard:noscript", "stands outside it too", 0.0)


def drop_comments(parsed: Parsed, labels: list[Label], pinned: Collection[int]) -> None:
    """Remove the readers' comments that an engine kept below a text of `_MIN_TEXT_WORDS` words or more.

    In a forum, which says so in its JSON-LD, comments are the text and stay. In cross-validation 22 pages of
    2,743 are better for it, most by .2 of F1 and more, and two forums worse.
    """
    if any(word in jsonld.types(parsed.jsonld) for word in _FORUM_TYPES):
        return
    kept = {i for i, label in enumerate(labels) if label.content}
    if within := (in_comments(parsed.blocks) & kept).difference(pinned):
        text = kept - within
        words = sum(word_count(parsed.blocks[i].text) for i in text)
        if words >= _MIN_TEXT_WORDS:
            for i in within:
                labels[i] = Label(
                    RemovalKind.COMMENTS, "guard:comments", f"beside {words} words of text", 0.0
                )


def _tables(blocks: Sequence[Block]) -> Iterator[tuple[str, range]]:
    """Yield the container and the blocks of each data table, the caption first. Data rows have cells and hold
    no links.
    """
    at = 0
    while at < len(blocks):
        start = at
        at += 1
        if "row" not in blocks[start].flags:
            continue
        container = blocks[start].path.rpartition("/table")[0]
        while at < len(blocks) and "table" in blocks[at].flags and _is_inside(blocks[at], container):
            at += 1
        if all(block.links < _MAX_LINK_SHARE for block in blocks[start:at]):
            start -= start > 0 and blocks[start - 1].tag == "caption"
            yield container, range(start, at)


def _is_inside(block: Block, container: str) -> bool:
    return block.path.startswith(f"{container}/")


def _is_removed_by_engine(label: Label) -> bool:
    return not label.content and label.rule.startswith(_ENGINE_RULES)


def _number(head: str, pattern: re.Pattern[str], value: Callable[[str], int | None]) -> int | None:
    match = pattern.match(head)
    return value(match[1]) if match else None
