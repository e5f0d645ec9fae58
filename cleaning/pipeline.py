"""One page, cleaned: bytes in, documents and receipts out. Pure: no disk, no clock, no page before it.

The format is picked by the media type. Its reader decodes and parses the page and labels every block. The
labelled page is rejected with its reason, or built into documents; what left its text leaves receipts.
`assemble` does what needs several pages.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from cleaning.assembly.assemble import assemble
from cleaning.assembly.language_alternates import alternate_urls
from cleaning.documents.build import build
from cleaning.documents.labelled import LabelledPage, Refusal
from cleaning.documents.receipts import removals, words_hash
from cleaning.formats import html, pdf, textdump
from cleaning.formats.html import see
from cleaning.formats.pdf_text import PdfUnreadable
from cleaning.model.classify import PageScores
from cleaning.model.profile import Profile
from cleaning.page.kinds import kind_by_place
from cleaning.page.labels import Label
from cleaning.page.links import linked_files
from cleaning.page.media import media_type
from cleaning.result import Cleaned, rejected
from cleaning.rules.directives import Directives
from output.base.records import RawPage, RemovalKind

__all__ = ["Cleaned", "Directives", "PageScores", "assemble", "clean", "is_html", "see", "visible_lines"]

_NO_DIRECTIVES: Final = Directives()
_MAX_BODY_BYTES: Final = 64 << 20  # above, a page costs more memory than a worker has


class _Format(NamedTuple):
    """How a format is read, which lines a reader of it sees, and whether it links to other pages."""

    read: Callable[[RawPage, Directives, Profile | None, PageScores | None], LabelledPage]
    visible_lines: Callable[[RawPage], tuple[str, ...]]
    has_links: bool = True


_FORMATS: Final[Mapping[str, _Format]] = {
    "text/html": _Format(html.read, html.visible_lines),
    "text/plain": _Format(textdump.read, textdump.visible_lines),
    "application/pdf": _Format(pdf.read, pdf.visible_lines, has_links=False),
}


def clean(
    page: RawPage,
    directives: Directives = _NO_DIRECTIVES,
    profile: Profile | None = None,
    scores: PageScores | None = None,
) -> Cleaned:
    """Clean one page: return its documents with their receipts, or a rejection with its reason.

    `profile` describes the other pages of its site; `scores` is the page as `see` read it before. No content
    of a page makes it fail.
    """
    if failure := _failed_fetch(page):
        return rejected(page, *failure)
    media = _media_type(page)
    if media not in _FORMATS:
        return rejected(page, "not_html", media)
    try:
        labelled = _FORMATS[media].read(page, directives, profile, scores)
    except PdfUnreadable as error:
        return rejected(page, error.reason, error.evidence)
    wordless = directives.metadata_only
    if labelled.refusal:
        return _reject(page, labelled, labelled.refusal, wordless=wordless)
    documents = build(page, labelled, metadata_only=wordless)
    if not documents:
        return _reject(page, labelled, _no_content(labelled), wordless=wordless)
    cleaned = Cleaned(tuple(documents), tuple(removals(page, labelled, wordless=wordless)))
    if not _FORMATS[media].has_links:
        return cleaned
    return dataclasses.replace(
        cleaned,
        files=linked_files(labelled.parsed, page.url),
        alternates=alternate_urls(labelled.parsed, page.url, directives.alternates),
    )


def is_html(page: RawPage) -> bool:
    """Tell whether a page has the layout of its site, to which a profile can be fitted."""
    return _media_type(page) == "text/html"


def visible_lines(page: RawPage) -> tuple[str, ...]:
    """Return the lines that a reader of the page sees; () for a format that `clean` does not read.

    The offsets of its receipts count in these lines, joined by newlines.
    """
    media = _media_type(page)
    return _FORMATS[media].visible_lines(page) if media in _FORMATS else ()


def _media_type(page: RawPage) -> str:
    return media_type(page.body, page.header("content-type"))


def _failed_fetch(page: RawPage) -> tuple[str, str] | None:
    """Return why a body is not read at all, as reason and evidence: it is too large, or no whole page."""
    if len(page.body) > _MAX_BODY_BYTES:
        return "too_large", f"{len(page.body)} bytes, the cap is {_MAX_BODY_BYTES}"
    if not 200 <= page.status < 300 or page.status == 206:  # a part of a page, by its range of bytes
        return f"http_{page.status}", "the site's word that this is not the page"
    return None


def _no_content(labelled: LabelledPage) -> Refusal:
    characters = len(labelled.parsed.text)
    doubts = f" ({', '.join(labelled.warnings)})" if labelled.warnings else ""
    reason = "no_content" if labelled.parsed.text.strip() else "empty"
    return Refusal(reason, f"{labelled.model} found none in {characters} characters{doubts}")


def _reject(page: RawPage, labelled: LabelledPage, refusal: Refusal, *, wordless: bool) -> Cleaned:
    """Reject a page without content; its text goes into receipts, readers' comments without their words."""
    labels = tuple(
        _label_of_rejected(label, kind_by_place(block) is RemovalKind.COMMENTS)
        for block, label in zip(labelled.parsed.blocks, labelled.labels, strict=True)
    )
    receipts = removals(page, dataclasses.replace(labelled, labels=labels, cuts=()), wordless=wordless)
    evidence = words_hash(refusal.evidence) if wordless and labelled.refusal else refusal.evidence
    return rejected(page, refusal.reason, evidence, receipts)


def _label_of_rejected(label: Label, is_comment: bool) -> Label:
    """Return the label of a block on a rejected page: comments stay comments, all else is rejected text."""
    if is_comment and label.content:
        return Label(RemovalKind.COMMENTS, label.rule)
    if is_comment or label.kind is RemovalKind.COMMENTS:
        return label
    return Label(RemovalKind.REJECTED, label.rule, label.evidence)
