"""Text dumps: the text of a saved page without its markup, a line a block.

Blogs leave a stub above each post ("Posted on …"), by which an archive is cut into its posts. A news page may
hold a second article, under a headline whose quoted title the next paragraph quotes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cleaning.documents.labelled import LabelledPage
from cleaning.documents.split import headlines
from cleaning.formats.labelling import (
    cuts_inside_content,
    keep_pinned,
    labels_by_words,
    restore_numbering,
    without_markup,
)
from cleaning.law.genre import status_of
from cleaning.page.labels import Label
from cleaning.page.parse import Block, Parsed
from cleaning.rules.directives import Directives, Marked, Part, with_lines
from cleaning.rules.entries import lexicon
from cleaning.text.lines import fold_line, word_key
from output.base.records import RawPage, RemovalKind
from web.decode import decode

ENGINE: Final = "textdump-1"
_CONTENT = Label(None, "engine:textdump", score=1.0)
_TITLE_MAX_CHARACTERS = 250
_MENU_LINES = 80  # at the top of a page, among which its breadcrumb stands
_MENU_ENTRY_MAX_CHARACTERS = 40
_SENTENCE_ENDS: Final = ".。!！?？;；,，:："
_CHANNEL_MAX_CHARACTERS = 12  # of the name of a site's section
_RECORD_HEAD_LINES = 12  # titles in two languages, status, labels


def read(page: RawPage, directives: Directives, *_: object) -> LabelledPage:
    """Label the lines of a text dump, and cut it into its documents."""
    decoded = decode(page.body, page.header("content-type"))
    parsed = parse(decoded.text)
    blocks = parsed.blocks
    pinned = with_lines(Marked(parsed, (None,) * len(blocks)), directives).pinned
    by_words, fields = labels_by_words(blocks, dump=True, breaks=post_titles(blocks))
    labels = [label or _CONTENT for label in by_words]  # without markup, nothing else speaks against a line
    kept_by_source = keep_pinned(labels, pinned)
    restored = restore_numbering(blocks, labels)
    parts = find_parts(blocks, labels)
    remove_menu_and_head(blocks, parts, labels)
    return LabelledPage(
        parsed,
        tuple(labels),
        tuple(cuts_inside_content(blocks, labels, pinned)),
        tuple(parts),
        dump=True,
        model=ENGINE,
        fields=fields,
        warnings=(*decoded.warnings, *kept_by_source, *restored),
    )


def visible_lines(page: RawPage) -> tuple[str, ...]:
    """Return the lines of the dump that hold anything."""
    parsed = parse(decode(page.body, page.header("content-type")).text)
    return tuple(block.text for block in parsed.blocks)


def parse(text: str) -> Parsed:
    """Return a dump as a parsed page: its lines that hold anything are the blocks, and there is no head."""
    lines = (line.strip() for line in text.splitlines())
    return without_markup(Block(line, "text", "p") for line in lines if line)


def post_titles(blocks: Sequence[Block]) -> list[int]:
    """Return the lines above the stubs of an archive's posts: each begins a document."""
    stub = next(rule for rule in lexicon() if rule.id == "post_stub")
    stubs = [i for i, block in enumerate(blocks) if stub.match(fold_line(block.text))]
    return sorted(
        {
            i - 1
            for i in stubs
            if i > 0 and i - 1 not in stubs and len(blocks[i - 1].text) <= _TITLE_MAX_CHARACTERS
        }
    )


def find_parts(blocks: Sequence[Block], labels: Sequence[Label]) -> list[Part]:
    """Return the documents of a dump, each from its title line to the next title line."""
    starts = post_titles(blocks)
    if len(starts) < 2:
        content = [i for i, found in enumerate(labels) if found.content]
        starts = headlines(blocks, content)
    if len(starts) < 2:
        return [Part(frozenset(range(len(blocks))))]
    ends = [*starts[1:], len(blocks)]
    return [Part(frozenset(range(start, end))) for start, end in zip(starts, ends, strict=True)]


def remove_menu_and_head(blocks: Sequence[Block], parts: Sequence[Part], labels: list[Label]) -> None:
    """Remove what only the whole dump tells: a menu above the text, repeated titles, a channel's name."""
    if len(parts) > 1:
        for i in range(min(parts[0].blocks)):
            if labels[i].content and len(blocks[i].text) <= _TITLE_MAX_CHARACTERS:
                labels[i] = Label(RemovalKind.NAV, "split:above_first_post")
        return
    for i in _menu_above_breadcrumb(blocks, labels):
        labels[i] = Label(RemovalKind.NAV, "split:above_breadcrumb")
    content = [i for i, found in enumerate(labels) if found.content]
    for n in _repeated_titles([blocks[i].text for i in content]):
        labels[content[n]] = Label(RemovalKind.BYLINE, "split:record_head")
    title = next((i for i in content if labels[i].content), -1)
    for i in range(title + 1, min(title + 3, len(blocks) - 1)):
        if (
            labels[i].content
            and labels[i + 1].kind is RemovalKind.BYLINE
            and len(blocks[i].text) <= _CHANNEL_MAX_CHARACTERS
        ):
            labels[i] = Label(RemovalKind.BYLINE, "split:channel", "between title and byline")


def _menu_above_breadcrumb(blocks: Sequence[Block], labels: Sequence[Label]) -> list[int]:
    """Return the lines above a page's breadcrumb where they are a menu: none of them is a sentence."""
    breadcrumb = next(
        (i for i, found in enumerate(labels[:_MENU_LINES]) if found.kind is RemovalKind.BREADCRUMB), 0
    )
    above = [i for i in range(breadcrumb) if labels[i].content]
    is_menu = all(
        len(blocks[i].text) <= _MENU_ENTRY_MAX_CHARACTERS and blocks[i].text[-1] not in _SENTENCE_ENDS
        for i in above
    )
    return above if is_menu else []


def _repeated_titles(lines: Sequence[str]) -> list[int]:
    """Return the lines at the head of a record that have a status, and whose title stands again below."""
    keys = [word_key(line) for line in lines[:_RECORD_HEAD_LINES]]
    found = []
    for i, line in enumerate(lines[:_RECORD_HEAD_LINES]):
        title, status = status_of(line)
        if status and word_key(title) in keys[i + 1 :]:
            found.append(i)
    return found
