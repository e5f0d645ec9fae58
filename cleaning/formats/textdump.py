"""A saved page's text, a line a block: what is left when the markup is lost.

Blogs leave a stub above each post ("Posted on …"), and so an archive can be cut into its posts; a
news page may hold a second article, told by a headline whose quoted title the next paragraph quotes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from cleaning.documents.split import headlines
from cleaning.law.genre import status_of
from cleaning.page.labels import Label
from cleaning.page.parse import Block, Parsed
from cleaning.rules.directives import Part
from cleaning.rules.entries import lexicon
from cleaning.text.lines import fold_line, word_key
from output.base.records import RemovalKind

ENGINE: Final = "textdump-1"
_CONTENT = Label(None, "engine:textdump", score=1.0)
_TITLE_MAX = 250  # characters
_MENU = 80  # lines; a path stands near the top
_ENTRY_MAX = 40  # characters of a menu's entry
_ENDS: Final = ".。!！?？;；,，:："
_CHANNEL_MAX = 12  # characters
_HEAD = 12  # lines of a record's head: titles in two languages, status, labels


def parse(text: str) -> Parsed:
    """A dump as a parsed page: its lines that hold anything are the blocks, and there is no head."""
    blocks, offset = [], 0
    for line in text.splitlines():
        if stripped := line.strip():
            blocks.append(Block(stripped, "text", "p", offset=offset))
            offset += len(stripped) + 1
    empty = LexborHTMLParser("")
    return Parsed(tuple(blocks), "", "", {}, (), "", (), (), empty)


def label(parsed: Parsed) -> list[Label]:
    """What no rule knows is content: without markup, nothing else speaks against it."""
    return [_CONTENT] * len(parsed.blocks)


def post_titles(blocks: Sequence[Block]) -> list[int]:
    """The lines above the stubs of an archive's posts: each begins a document."""
    stub = next(rule for rule in lexicon() if rule.id == "post_stub")
    stubs = [i for i, block in enumerate(blocks) if stub.match(fold_line(block.text))]
    return sorted(
        {i - 1 for i in stubs if i > 0 and i - 1 not in stubs and len(blocks[i - 1].text) <= _TITLE_MAX}
    )


def parts(blocks: Sequence[Block], labels: Sequence[Label]) -> list[Part]:
    """The documents of a dump, each from its title line to the next one's."""
    starts = post_titles(blocks)
    if len(starts) < 2:
        content = [i for i, found in enumerate(labels) if found.content]
        starts = headlines(blocks, content)
    if len(starts) < 2:
        return [Part(frozenset(range(len(blocks))))]
    ends = [*starts[1:], len(blocks)]
    return [Part(frozenset(range(start, end))) for start, end in zip(starts, ends, strict=True)]


def tidy(blocks: Sequence[Block], parts: Sequence[Part], labels: list[Label]) -> None:
    """Label what only the whole dump tells: a menu above the first post, a record's head, a channel."""
    if len(parts) > 1:
        for i in range(min(parts[0].blocks)):
            if labels[i].content and len(blocks[i].text) <= _TITLE_MAX:
                labels[i] = Label(RemovalKind.NAV, "split:above_first_post")
        return
    for i in _above_path(blocks, labels):
        labels[i] = Label(RemovalKind.NAV, "split:above_breadcrumb")
    content = [i for i, found in enumerate(labels) if found.content]
    for n in _record_head([blocks[i].text for i in content]):
        labels[content[n]] = Label(RemovalKind.BYLINE, "split:record_head")
    title = next((i for i in content if labels[i].content), -1)
    for i in range(title + 1, min(title + 3, len(blocks) - 1)):
        if (
            labels[i].content
            and labels[i + 1].kind is RemovalKind.BYLINE
            and len(blocks[i].text) <= _CHANNEL_MAX
        ):
            labels[i] = Label(RemovalKind.BYLINE, "split:channel", "between title and byline")


def _above_path(blocks: Sequence[Block], labels: Sequence[Label]) -> list[int]:
    """The lines above a page's path through its site: a menu, where none of them says a sentence."""
    path = next((i for i, found in enumerate(labels[:_MENU]) if found.kind is RemovalKind.BREADCRUMB), 0)
    above = [i for i in range(path) if labels[i].content]
    is_menu = all(len(blocks[i].text) <= _ENTRY_MAX and blocks[i].text[-1] not in _ENDS for i in above)
    return above if is_menu else []


def _record_head(lines: Sequence[str]) -> list[int]:
    """The lines of a record's head that the text below repeats as its title: they name the status."""
    keys = [word_key(line) for line in lines[:_HEAD]]
    found = []
    for i, line in enumerate(lines[:_HEAD]):
        title, status = status_of(line)
        if status and word_key(title) in keys[i + 1 :]:
            found.append(i)
    return found
