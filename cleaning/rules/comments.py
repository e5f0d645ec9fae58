"""Where readers wrote: the blocks that stand among a page's comments, whose words and names no receipt keeps.

A block's own label does not tell: a commenter's name looks like a byline, "3 hours ago" like a tool of the
page, a list of names like a menu. The elements around it do, and so does the heading over the comments.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from cleaning.page.labels import Label
from cleaning.page.parse import Block
from cleaning.rules.lexicon import opened
from output.base.records import RemovalKind

# What sites call the area, as a word of an id or class in any of its spellings: `post_comments`,
# `userComments`. A commentary is no comment, and what recommends is none either.
_AREA: Final = re.compile(
    r"(?:(?<![a-zA-Z])[cC]omment|[a-z]Comment)(?!ar|[a-z]*[-_]?[fF]orm)"
    r"|(?i:disqus|livefyre|pinglun|reader-?reviews)"
)
_FORM: Final = re.compile(r"comment\w*-?form|respond\b|reply-?form", re.IGNORECASE)
_PAGE: Final = re.compile(r"(?:html|body)\b")


def among_comments(blocks: Sequence[Block], labels: Sequence[Label], *, dump: bool = False) -> frozenset[int]:
    """Indices of the removed blocks that stand among readers' comments, whatever took them out.

    The form in which comments are written is none of them. In a text dump, where no markup tells, these are
    the names between lines that are comments.
    """
    if dump:
        return _between(labels)
    heading = _heading(blocks)
    found, container = set(), ""
    for i, (block, label) in enumerate(zip(blocks, labels, strict=True)):
        if label.kind is RemovalKind.COMMENTS and label.rule.startswith("lexicon:"):
            container = opened(i, blocks) or container
        if label.content or _is_known(block, label):
            continue
        named = _is_named(f"{block.path}/{block.inline}", heading)
        if label.kind is RemovalKind.COMMENTS or named or (container and block.path.startswith(container)):
            found.add(i)
    return frozenset(i for i in found if not _is_form(f"{blocks[i].path}/{blocks[i].inline}"))


def in_comments(blocks: Sequence[Block]) -> frozenset[int]:
    """Indices of the blocks in an element that is named as a place of comments and holds no heading of the
    page; a comment in a line of code is none.
    """
    heading = _heading(blocks)
    return frozenset(
        i for i, block in enumerate(blocks) if _is_named(block.path, heading) and "pre" not in block.flags
    )


def is_in_comments(node: LexborNode) -> bool:
    """Whether an element stands in one that is named as a place of comments and holds no main heading."""
    above: LexborNode | None = node
    while above is not None:
        names = f"{above.tag}#{above.attributes.get('id')}.{above.attributes.get('class')}"
        if _is_area(names) and above.css_first("h1") is None:
            return True
        above = above.parent
    return False


def _heading(blocks: Sequence[Block]) -> str:
    return next((block.path for block in blocks if block.level == 1), "")


def _is_named(place: str, heading: str) -> bool:
    area = _area(place)
    return bool(area) and not f"{heading}/".startswith(area)


def _is_known(block: Block, label: Label) -> bool:
    """Whether a line is nothing but words of the lexicon, such as a button's: no reader wrote it."""
    ours = label.rule.startswith("lexicon:") and label.kind not in (RemovalKind.COMMENTS, RemovalKind.BYLINE)
    return ours and label.evidence == block.text.strip()


def _between(labels: Sequence[Label]) -> frozenset[int]:
    found, inside = set(), False
    for i, label in enumerate(labels):
        inside = not label.content and (inside or label.kind is RemovalKind.COMMENTS)
        if label.kind is RemovalKind.COMMENTS or (inside and label.kind is RemovalKind.BYLINE):
            found.add(i)
    return frozenset(found)


@functools.lru_cache(maxsize=8192)  # the blocks of a list share their path
def _area(place: str) -> str:
    """The path of the outermost element that is named as a place of comments, and a slash; "" for none.

    The page as a whole is none, whatever its template says that it has.
    """
    steps = place.split("/")
    for n, step in enumerate(steps, 1):
        if _is_area(step):
            return "/".join(steps[:n]) + "/"
    return ""


@functools.lru_cache(maxsize=8192)  # the places of a page share most of their steps
def _is_area(step: str) -> bool:
    return not _PAGE.match(step) and _AREA.search(step) is not None


@functools.lru_cache(maxsize=8192)
def _is_form(place: str) -> bool:
    """Whether the innermost element that speaks of comments is the form in which they are written."""
    for step in reversed(place.split("/")):
        if _FORM.search(step):
            return True
        if _AREA.search(step):
            return False
    return False
