"""Readers' comments on a page: the blocks that hold them, whose words and names no receipt keeps.

A block's own label is not enough: a commenter's name looks like a byline, "3 hours ago" like a page tool, a
list of names like a menu. The elements around the block and the heading above the comments decide.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from cleaning.page.labels import Label
from cleaning.page.parse import Block
from cleaning.rules.lexicon import opened_container, opens_comments
from output.base.records import RemovalKind

# How sites name the comment area, as a word of an id or class in any spelling: `post_comments`,
# `userComments`. "Commentary" and "recommended" are other things.
_COMMENT_AREA: Final = re.compile(
    r"(?:(?<![a-zA-Z])[cC]omment|[a-z]Comment)(?!ar|[a-z]*[-_]?[fF]orm)"
    r"|(?i:disqus|livefyre|pinglun|reader-?reviews)"
)
_COMMENT_FORM: Final = re.compile(r"comment\w*-?form|respond\b|reply-?form", re.IGNORECASE)
_PAGE_ELEMENT: Final = re.compile(r"(?:html|body)\b")
# The flags of blocks that no comment has: what stands in these ends the comments below a heading.
_FURNITURE_FLAGS: Final = frozenset({"nav", "header", "footer", "aside"})
_FORM_FLAGS: Final = frozenset({"form", "control"})
# "Comment" with more of its characters in links is an entry of a menu, not a heading.
_MAX_LINK_SHARE: Final = 0.5


def among_comments(blocks: Sequence[Block], labels: Sequence[Label], *, dump: bool = False) -> frozenset[int]:
    """Return the indices of the removed blocks that are readers' comments, whichever rule removed them.

    The form for writing a comment is not among them. A text dump has no markup: there, the names between
    comment lines count.
    """
    if dump:
        return _dump_comments(labels)
    heading_path = _main_heading_path(blocks)
    below = _below_comment_headings(blocks, labels)
    found = set()
    for i, (block, label) in enumerate(zip(blocks, labels, strict=True)):
        if label.content or _is_lexicon_line(block, label):
            continue
        path = f"{block.path}/{block.inline}"
        written = label.kind is RemovalKind.COMMENTS or i in below or _is_mistaken_form(block, label)
        if (written or _is_comment_path(path, heading_path)) and not _is_form(path):
            found.add(i)
    return frozenset(found)


def in_comments(blocks: Sequence[Block]) -> frozenset[int]:
    """Return the indices of the blocks inside an element whose id or class names it a comment area.

    An area that holds the page's main heading does not count, nor does a comment in program code.
    """
    heading_path = _main_heading_path(blocks)
    return frozenset(
        i
        for i, block in enumerate(blocks)
        if _is_comment_path(block.path, heading_path) and "pre" not in block.flags
    )


def is_in_comments(node: LexborNode) -> bool:
    """Return whether an element stands in a comment area that does not hold the page's main heading."""
    above: LexborNode | None = node
    while above is not None:
        names = f"{above.tag}#{above.attributes.get('id')}.{above.attributes.get('class')}"
        if _is_area(names) and above.css_first("h1") is None:
            return True
        above = above.parent
    return False


def _below_comment_headings(blocks: Sequence[Block], labels: Sequence[Label]) -> frozenset[int]:
    """Return the indices of the blocks below a heading such as "2 comments", the heading included.

    They reach to the end of the element that the heading opens. A heading without an element of its own
    counts only below some text, since sidebars list comments too. It reaches to the next content, to a
    heading of its level, or to the end of the element around it.
    """
    found = set()
    container, heading, below_text = "", None, False
    for i, (block, label) in enumerate(zip(blocks, labels, strict=True)):
        inside = bool(container) and block.path.startswith(container)
        below_text = below_text or label.content
        if heading and (label.content or _ends_comments(block, heading)):
            heading = None
        if _is_comment_heading(block, label):
            own = opened_container(i, blocks)
            if own and not (inside and _holds_no_text(container, blocks, labels)):
                container, inside = own, True
            elif not inside and below_text and _stands_alone(block):
                heading = heading or block
        if inside or heading:
            found.add(i)
    return frozenset(found)


def _holds_no_text(container: str, blocks: Sequence[Block], labels: Sequence[Label]) -> bool:
    return not any(
        label.content and block.path.startswith(container)
        for block, label in zip(blocks, labels, strict=True)
    )


def _stands_alone(heading: Block) -> bool:
    """Return whether a heading without an element of its own is no entry of a menu or a form."""
    return heading.links < _MAX_LINK_SHARE and _FORM_FLAGS.isdisjoint(heading.flags)


def _is_comment_heading(block: Block, label: Label) -> bool:
    if block.inline.startswith("label"):  # of a form field
        return False
    if label.rule.startswith("source:"):  # it hides what the lexicon says of the line
        return opens_comments(block.text)
    return label.kind is RemovalKind.COMMENTS and label.rule.startswith("lexicon:")


def _ends_comments(block: Block, heading: Block) -> bool:
    around = heading.path.rpartition("/")[0] + "/"
    is_next_heading = 0 < block.level <= (heading.level or block.level)
    return (
        is_next_heading
        or not block.path.startswith(around)
        or not _FURNITURE_FLAGS.isdisjoint(block.flags - heading.flags)
    )


def _main_heading_path(blocks: Sequence[Block]) -> str:
    return next((block.path for block in blocks if block.level == 1), "")


def _is_comment_path(path: str, heading_path: str) -> bool:
    area = _comment_area(path)
    return bool(area) and not f"{heading_path}/".startswith(area)


def _is_lexicon_line(block: Block, label: Label) -> bool:
    """Return whether a line holds only words of the lexicon, such as a button's: no reader wrote it."""
    ours = label.rule.startswith("lexicon:") and label.kind not in (RemovalKind.COMMENTS, RemovalKind.BYLINE)
    return ours and label.evidence == block.text.strip()


def _is_mistaken_form(block: Block, label: Label) -> bool:
    """Return whether the model calls a block a comment form although it stands in no form."""
    by_model = label.kind is RemovalKind.COMMENT_FORM and label.rule.startswith("model:")
    return by_model and _FORM_FLAGS.isdisjoint(block.flags)


def _dump_comments(labels: Sequence[Label]) -> frozenset[int]:
    found, inside = set(), False
    for i, label in enumerate(labels):
        inside = not label.content and (inside or label.kind is RemovalKind.COMMENTS)
        if label.kind is RemovalKind.COMMENTS or (inside and label.kind is RemovalKind.BYLINE):
            found.add(i)
    return frozenset(found)


@functools.lru_cache(maxsize=8192)  # the blocks of a list share their path
def _comment_area(path: str) -> str:
    """Return the path of the outermost comment area with a slash behind it, or "" for none.

    `html` and `body` are never one, whatever classes a template gives them.
    """
    steps = path.split("/")
    for n, step in enumerate(steps, 1):
        if _is_area(step):
            return "/".join(steps[:n]) + "/"
    return ""


@functools.lru_cache(maxsize=8192)  # the paths of a page share most of their steps
def _is_area(step: str) -> bool:
    return not _PAGE_ELEMENT.match(step) and _COMMENT_AREA.search(step) is not None


@functools.lru_cache(maxsize=8192)
def _is_form(path: str) -> bool:
    """Return whether the innermost element that is named after comments is the form for writing one."""
    for step in reversed(path.split("/")):
        if _COMMENT_FORM.search(step):
            return True
        if _COMMENT_AREA.search(step):
            return False
    return False
