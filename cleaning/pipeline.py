"""One page, cleaned: bytes in, documents and receipts out. Pure: no disk, no clock, no page before it.

    decode → parse, directives → lexicon, fields → engine → posts → guards → parts → metadata
    → texts, languages apart → law → documents, verdicts

`assemble` does what needs several pages.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from cleaning.assembly import language_alternates as twins
from cleaning.assembly.assemble import assemble
from cleaning.documents import access, split
from cleaning.documents import build as documents
from cleaning.documents.texts import LabelledPage
from cleaning.formats import pdf as attachments
from cleaning.formats import textdump
from cleaning.law.fields import read_fields
from cleaning.law.genre import status_of
from cleaning.metadata import read as metadata
from cleaning.model import classify
from cleaning.model import trafilatura_fallback as fallback
from cleaning.model.classify import PageScores
from cleaning.model.profile import MISSING, Profile
from cleaning.page.decode import decode
from cleaning.page.kinds import kind_by_place
from cleaning.page.labels import Label
from cleaning.page.links import linked_files
from cleaning.page.media import media_type
from cleaning.page.parse import Parsed, parse
from cleaning.result import Cleaned, rejected
from cleaning.rules import directives as source
from cleaning.rules import guards
from cleaning.rules import lexicon as rules
from cleaning.rules.directives import Directives, Marked, Part
from cleaning.rules.shells import asks_to_log_in, needs_script
from cleaning.rules.struck_text import struck_cuts
from output.base.records import RawPage, RemovalKind

__all__ = ["Cleaned", "Directives", "PageScores", "assemble", "clean", "is_html", "see", "visible_lines"]

_NONE: Final = Directives()
# Kinds that stand in other furniture too.
_BUTTONS: Final = (RemovalKind.SHARE, RemovalKind.APP_BANNER)
_BYTES_MAX: Final = 64 << 20  # above, a page costs more memory than a worker has


def clean(
    page: RawPage,
    directives: Directives = _NONE,
    profile: Profile | None = None,
    scores: PageScores | None = None,
) -> Cleaned:
    """Clean one page; `profile` is what is known of its site's other pages, and `scores` is this page where
    `see` has read it already.

    Fails on nothing that a page holds: it yields documents, or a rejection with its reason.
    """
    if len(page.body) > _BYTES_MAX:
        return rejected(page, "too_large", f"{len(page.body)} bytes, the cap is {_BYTES_MAX}")
    if not 200 <= page.status < 300 or page.status == 206:  # a part of a page, by its range of bytes
        return rejected(page, f"http_{page.status}", "the site's word that this is not the page")
    media = media_type(page.body, page.header("content-type"))
    if media == "application/pdf":
        return attachments.clean_pdf(page, directives)
    if media not in ("text/html", "text/plain"):
        return rejected(page, "not_html", media)
    dump = media == "text/plain"
    marked, warnings = _marked(page, directives, dump, scores)
    warnings = (*warnings, *marked.parsed.warnings, *marked.warnings)
    labelled = _judge(marked, page.url, dump, profile, scores, warnings)
    content = [
        block for block, label in zip(marked.parsed.blocks, labelled.labels, strict=True) if label.content
    ]
    if shell := "" if dump or marked.pinned else needs_script(marked.parsed, content):
        return _without_document(page, labelled, "needs_javascript", shell, wordless=directives.metadata_only)
    if called := "" if dump or marked.pinned else asks_to_log_in(marked.parsed, content):
        return _without_document(page, labelled, "login", called, wordless=directives.metadata_only)
    known = metadata.read(marked.parsed, page.url, _bylines(labelled))
    found = documents.build(page, labelled, known, metadata_only=directives.metadata_only)
    if not found:
        reason = "no_content" if marked.parsed.text.strip() else "empty"
        doubts = f" ({', '.join(labelled.warnings)})" if labelled.warnings else ""
        said = f"{labelled.model} found none in {len(marked.parsed.text)} characters{doubts}"
        return _without_document(page, labelled, reason, said, wordless=directives.metadata_only)
    receipts = documents.removals(page, labelled, wordless=directives.metadata_only)
    files = linked_files(marked.parsed, page.url)
    return Cleaned(
        tuple(found),
        tuple(receipts),
        files=files,
        twins=twins.addresses(marked.parsed, page.url, directives.twins),
    )


def is_html(page: RawPage) -> bool:
    """Whether a page has the layout of its site, of which a profile can be fitted."""
    return media_type(page.body, page.header("content-type")) == "text/html"


def see(page: RawPage) -> PageScores:
    """A page as labellers see it: what a site's profile is fitted on."""
    decoded = decode(page.body, page.header("content-type"))
    return PageScores(parse(decoded.text), decoded.warnings)


def visible_lines(page: RawPage) -> tuple[str, ...]:
    """What a reader of the page sees; the offsets of its receipts count in these lines joined by newlines."""
    media = media_type(page.body, page.header("content-type"))
    if media == "application/pdf":
        return attachments.visible_lines(page.body)
    if media not in ("text/html", "text/plain"):
        return ()
    if media == "text/plain":
        parsed = textdump.parse(decode(page.body, page.header("content-type")).text)
    else:
        parsed = see(page).parsed
    return tuple(block.text for block in parsed.blocks)


def _marked(
    page: RawPage, directives: Directives, dump: bool, scores: PageScores | None
) -> tuple[Marked, tuple[str, ...]]:
    """The page with what its source marks in it, and the warnings of its decoding."""
    if scores and not dump and not directives.mark:
        parsed, warnings = scores.parsed, scores.warnings
    else:
        decoded = decode(page.body, page.header("content-type"))
        if not dump:
            return source.read(decoded.text, directives), decoded.warnings
        parsed, warnings = textdump.parse(decoded.text), decoded.warnings
    return source.with_lines(Marked(parsed, (None,) * len(parsed.blocks)), directives), warnings


def _judge(
    marked: Marked,
    url: str,
    dump: bool,
    profile: Profile | None,
    scores: PageScores | None,
    warnings: Sequence[str],
) -> LabelledPage:
    """Ask the source, the lexicon and the engine in this order; what the source pins stays."""
    parsed = marked.parsed
    blocks = parsed.blocks
    breaks = textdump.post_titles(blocks) if dump else []
    by_rules = rules.judge(blocks, dump=dump, breaks=breaks)
    fields = read_fields([block.text for block in blocks])
    for i in fields.lines:
        by_rules[i] = by_rules[i] or Label(RemovalKind.BYLINE, "fields:record")
    for i, block in enumerate(blocks if fields.lines else ()):
        if block.level and (status := status_of(block.text)[1]):
            by_rules[i] = Label(RemovalKind.BYLINE, "fields:status", status)
    by_engine, model, fit, doubts = _ask(parsed, dump, profile, scores)
    warnings = (*warnings, *doubts)
    labels = [
        a or (b and _in_its_list(b, c)) or c
        for a, b, c in zip(marked.labels, by_rules, by_engine, strict=True)
    ]
    for i in range(1, len(blocks)):
        # Below a text, the link to its rest is evidence that it is cut: the inline rules are to see it.
        below = labels[i - 1].content and labels[i] is by_engine[i] and not labels[i].content
        if below and rules.is_all_cut(blocks[i].text):
            labels[i] = Label(None, labels[i].rule, labels[i].evidence, labels[i].score)
    if kept := sum(not labels[i].content for i in marked.pinned):
        warnings = (*warnings, f"kept_by_source:{kept}")
    for i in marked.pinned:
        labels[i] = Label(None, "source:keep", score=1.0)
    parts = marked.parts or (() if dump else tuple(split.posts(parsed, url, parsed.canonical)))
    if parts and not marked.parts:
        split.keep_posts(parsed, parts, labels)
    elif not parts and not dump:
        guards.drop_comments(parsed, labels, marked.pinned)
    restored = guards.restore_numbered(blocks, labels) + guards.restore_articles(blocks, labels)
    restored += guards.restore_elisions(blocks, labels)
    tables = guards.restore_tables(blocks, labels)
    guards.drop_doubled(blocks, labels, marked.pinned)
    if restored:
        warnings = (*warnings, f"numbering_restored:{restored}")
    if tables:
        warnings = (*warnings, f"tables_restored:{tables}")
    if not parts and not dump:
        parts = tuple(split.items(blocks, labels)) or (Part(frozenset(range(len(blocks)))),)
    if dump:
        parts = tuple(textdump.parts(blocks, labels))
        textdump.tidy(blocks, parts, labels)
    inline = rules.inline_cuts(
        blocks,
        [None if label.content and i not in marked.pinned else label for i, label in enumerate(labels)],
    )
    cuts = (*marked.cuts, *inline)
    content = [i for i, label in enumerate(labels) if label.content and i not in marked.pinned]
    struck, kept_struck = struck_cuts(blocks, content, {cut.block for cut in cuts})
    version = None if profile is None or dump else profile.version
    return LabelledPage(
        parsed,
        tuple(labels),
        (*cuts, *struck),
        parts,
        dump,
        model,
        fields,
        (*warnings, *kept_struck),
        version,
        fit,
    )


def _ask(
    parsed: Parsed, dump: bool, profile: Profile | None, scores: PageScores | None
) -> tuple[list[Label], str, float | None, tuple[str, ...]]:
    """The engine's labels, its name, the page's fit to the profile, and what was doubted.

    The block model reads pages, alone where the profile does not fit; where it doubts its own answer,
    trafilatura is asked, and where neither finds text there is none. A text dump has a reader of its own.
    """
    if dump:
        return textdump.label(parsed), textdump.ENGINE, None, ()
    found = MISSING if profile is None else profile.fit_of(parsed)
    fit = None if found == MISSING else found
    misfit = classify.misfit(found)
    doubts = (f"alone:{misfit}",) if misfit else ()
    labels = _challenge(parsed) or classify.label(parsed, None if misfit else profile, scores)
    if low_confidence_reason := classify.low_confidence_reason(parsed, labels):
        if not fallback.affordable(parsed):
            return labels, classify.model_version(), fit, (*doubts, f"doubted:{low_confidence_reason}")
        others = fallback.label(parsed)
        if classify.is_bare(parsed, labels, others):
            others = [Label(of.kind or RemovalKind.OTHER, of.rule) for of in others]
        return others, fallback.engine_version(), fit, (*doubts, f"trafilatura:{low_confidence_reason}")
    return labels, classify.model_version(), fit, doubts


def _in_its_list(by_rule: Label, by_engine: Label) -> Label:
    """What the lexicon says of a line, of the kind that the engine sees where both remove it: a button to
    share or a code to scan may be of a list of stories, and its words do not tell.
    """
    if by_rule.kind in _BUTTONS and by_engine.kind not in (None, RemovalKind.OTHER):
        return dataclasses.replace(by_rule, kind=by_engine.kind)
    return by_rule


def _challenge(parsed: Parsed) -> list[Label] | None:
    """All of a bot challenge is its text: no engine finds an article there; the verdict says what it is."""
    if not access.is_challenge(parsed.title, parsed.text):
        return None
    return [Label(None, "access:challenge", score=1.0)] * len(parsed.blocks)


def _bylines(labelled: LabelledPage) -> list[str]:
    """What was taken for a byline, those of readers left out."""
    blocks, labels = labelled.parsed.blocks, labelled.labels
    found = [i for i, label in enumerate(labels) if label.kind is RemovalKind.BYLINE]
    return [blocks[i].text for i in found if i not in labelled.readers]


def _without_document(
    page: RawPage, labelled: LabelledPage, reason: str, evidence: str, *, wordless: bool
) -> Cleaned:
    """Reject a page without content; its text goes into receipts, readers' comments without their words."""
    labels = tuple(
        label
        if label.kind is RemovalKind.COMMENTS or kind_by_place(block) is RemovalKind.COMMENTS
        else Label(RemovalKind.REJECTED, label.rule, label.evidence)
        for block, label in zip(labelled.parsed.blocks, labelled.labels, strict=True)
    )
    labels = tuple(Label(RemovalKind.COMMENTS, label.rule) if label.content else label for label in labels)
    receipts = documents.removals(
        page, dataclasses.replace(labelled, labels=labels, cuts=()), wordless=wordless
    )
    return rejected(page, reason, evidence, receipts)
