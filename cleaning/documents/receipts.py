"""Receipts: a record for everything that left the text of a page, with the rule and the words."""

from __future__ import annotations

from cleaning.documents.labelled import LabelledPage
from cleaning.page.labels import Label
from cleaning.rules.comments import in_comments
from cleaning.rules.directives import Part
from cleaning.rules.lexicon import Cut
from output.base.records import RawPage, Removal, RemovalKind, sha256_hex
from web.decode import scrub

_TEASER_REACH_BLOCKS = 3  # behind the end of a text, within which the mark of its cut stands


def removals(page: RawPage, labelled: LabelledPage, *, wordless: bool = False) -> list[Removal]:
    """Return the receipts of a page, in the order of its text.

    Readers' comments keep a hash and an offset, and no words. With `wordless`, where the source's terms ask
    for metadata only, no receipt has words.
    """
    found = [
        _of_block(page, labelled, i, label, wordless=wordless or i in labelled.readers)
        for i, label in enumerate(labelled.labels)
        if not label.content
    ]
    commented = labelled.readers | in_comments(labelled.parsed.blocks) if labelled.cuts else labelled.readers
    found += [
        _of_cut(page, labelled, cut, wordless=wordless or cut.block in commented) for cut in labelled.cuts
    ]
    return sorted(found, key=lambda removal: removal.offset)


def receipts_for_verdict(page: RawPage, labelled: LabelledPage, part: Part, last: int) -> list[Removal]:
    """Return the receipts that bear on a part's verdict, whose last block of text is `last`.

    These are paywall notices anywhere in the part, and the marks of a cut where its text ends.
    """
    found = [
        _of_block(page, labelled, i, labelled.labels[i])
        for i in sorted(part.blocks - labelled.readers)
        if labelled.labels[i].kind is RemovalKind.PAYWALL
        or (labelled.labels[i].kind is RemovalKind.TEASER and last < i <= last + _TEASER_REACH_BLOCKS)
    ]
    found += [
        _of_cut(page, labelled, cut)
        for cut in labelled.cuts
        if cut.block in part.blocks and cut.label.kind is RemovalKind.TEASER and cut.block >= last
    ]
    return found


def _of_block(
    page: RawPage, labelled: LabelledPage, index: int, label: Label, *, wordless: bool = False
) -> Removal:
    block = labelled.parsed.blocks[index]
    return _receipt(page, label, block.offset, block.text, wordless)


def _of_cut(page: RawPage, labelled: LabelledPage, cut: Cut, *, wordless: bool = False) -> Removal:
    block = labelled.parsed.blocks[cut.block]
    return _receipt(page, cut.label, block.offset + cut.start, block.text[cut.start : cut.end], wordless)


def _receipt(page: RawPage, label: Label, offset: int, text: str, wordless: bool) -> Removal:
    kind = label.kind or RemovalKind.OTHER
    evidence, text = scrub(label.evidence)[0], scrub(text)[0]
    if wordless or kind is RemovalKind.COMMENTS:
        evidence, text = words_hash(text), ""
    return Removal(page.source_id, page.input_id, page.run_id, kind, label.rule, evidence, offset, text)


def words_hash(words: str) -> str:
    """Return what a receipt keeps in place of words: their SHA-256, in hex."""
    return f"sha256:{sha256_hex(words.encode())}"
