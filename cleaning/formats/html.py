"""HTML pages: the source's directives, the lexicon and the block model label each block, in this order.

What the source pins stays, whatever the others say. Then the guards put back what a text must not lose.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final, NamedTuple

from cleaning.documents import access, split
from cleaning.documents.labelled import LabelledPage, Refusal
from cleaning.formats.labelling import cuts_inside_content, keep_pinned, labels_by_words, restore_numbering
from cleaning.model import classify
from cleaning.model import trafilatura_fallback as fallback
from cleaning.model.classify import PageScores
from cleaning.model.profile import MISSING, Profile
from cleaning.page.labels import Label
from cleaning.page.parse import Block, Parsed, parse
from cleaning.rules import directives as source
from cleaning.rules import guards
from cleaning.rules import lexicon as rules
from cleaning.rules.directives import Directives, Marked, Part
from cleaning.rules.shells import asks_to_log_in, needs_script
from cleaning.rules.struck_text import struck_cuts
from output.base.records import RawPage, RemovalKind
from web.decode import decode
from web.page_redirects import is_stub
from web.soft_404 import soft_404_title

# Kinds of buttons, which stand among other furniture too.
_BUTTONS: Final = (RemovalKind.SHARE, RemovalKind.APP_BANNER)


def read(
    page: RawPage, directives: Directives, profile: Profile | None, scores: PageScores | None
) -> LabelledPage:
    """Label the blocks of an HTML page and find its parts.

    `profile` describes the other pages of its site; `scores` is the page as `see` read it before.
    """
    marked, decoding_warnings = _mark(page, directives, scores)
    parsed, blocks, pinned = marked.parsed, marked.parsed.blocks, marked.pinned
    by_words, fields = labels_by_words(blocks)
    engine = _ask_engine(parsed, profile, scores)
    labels = _combine(marked.labels, by_words, engine.labels)
    _keep_cut_marks(blocks, labels, engine.labels)
    kept_by_source = keep_pinned(labels, pinned)
    posts = _take_posts(marked, page.url, labels)
    restored = restore_numbering(blocks, labels)
    tables = guards.restore_tables(blocks, labels)
    guards.drop_doubled(blocks, labels, pinned)
    parts = posts or tuple(split.items(blocks, labels)) or (Part(frozenset(range(len(blocks)))),)
    cuts = (*marked.cuts, *cuts_inside_content(blocks, labels, pinned))
    content = [i for i, label in enumerate(labels) if label.content]
    struck, kept_struck = struck_cuts(
        blocks, [i for i in content if i not in pinned], {cut.block for cut in cuts}
    )
    return LabelledPage(
        parsed,
        tuple(labels),
        (*cuts, *struck),
        parts,
        dump=False,
        model=engine.name,
        fields=fields,
        warnings=(
            *decoding_warnings, *parsed.warnings, *marked.warnings, *engine.warnings, *kept_by_source,
            *restored, *((f"tables_restored:{tables}",) if tables else ()), *kept_struck,
        ),
        profile=profile.version if profile else None,
        fit=engine.fit,
        refusal=None if pinned else _refusal(page, parsed, [blocks[i] for i in content]),
    )  # fmt: skip


def see(page: RawPage) -> PageScores:
    """Decode and parse a page once, for the fit of its site's profile and for its own labels."""
    decoded = decode(page.body, page.header("content-type"))
    return PageScores(parse(decoded.text), decoded.warnings)


def visible_lines(page: RawPage) -> tuple[str, ...]:
    """Return the lines that a reader of the page sees."""
    return tuple(block.text for block in see(page).parsed.blocks)


def _mark(page: RawPage, directives: Directives, scores: PageScores | None) -> tuple[Marked, tuple[str, ...]]:
    """Return the page with the blocks that its source marks, and the warnings of its decoding."""
    if directives.mark:
        decoded = decode(page.body, page.header("content-type"))
        return source.read(decoded.text, directives), decoded.warnings
    seen = scores or see(page)
    marked = Marked(seen.parsed, (None,) * len(seen.parsed.blocks))
    return source.with_lines(marked, directives), seen.warnings


class _EngineAnswer(NamedTuple):
    """The engine's labels, its name, how well the page fits its site's profile, and the engine's warnings."""

    labels: list[Label]
    name: str
    fit: float | None
    warnings: tuple[str, ...]


def _ask_engine(parsed: Parsed, profile: Profile | None, scores: PageScores | None) -> _EngineAnswer:
    """Label the blocks by the block model, or by trafilatura where the model's confidence is low.

    A profile that the page does not fit is left out. Where neither engine finds text there is none.
    """
    profile_fit = MISSING if profile is None else profile.fit_of(parsed)
    fit = None if profile_fit == MISSING else profile_fit
    misfit = classify.misfit(profile_fit)
    warnings = (f"alone:{misfit}",) if misfit else ()
    labels = _challenge(parsed) or classify.label(parsed, None if misfit else profile, scores)
    reason = classify.low_confidence_reason(parsed, labels)
    if not reason:
        return _EngineAnswer(labels, classify.model_version(), fit, warnings)
    if not fallback.affordable(parsed):
        return _EngineAnswer(labels, classify.model_version(), fit, (*warnings, f"doubted:{reason}"))
    others = fallback.label(parsed)
    if classify.is_bare(parsed, labels, others):
        others = [Label(label.kind or RemovalKind.OTHER, label.rule) for label in others]
    return _EngineAnswer(others, fallback.engine_version(), fit, (*warnings, f"trafilatura:{reason}"))


def _challenge(parsed: Parsed) -> list[Label] | None:
    """Label all of a bot challenge as content, so that the verdict can name it; None for other pages."""
    if not access.is_challenge(parsed.title, parsed.text):
        return None
    return [Label(None, "access:challenge", score=1.0)] * len(parsed.blocks)


def _combine(
    by_source: Sequence[Label | None], by_words: Sequence[Label | None], by_engine: Sequence[Label]
) -> list[Label]:
    """Return for each block the label of the source, else of the lexicon, else of the engine."""
    return [
        a or (b and _with_kind_of_its_list(b, c)) or c
        for a, b, c in zip(by_source, by_words, by_engine, strict=True)
    ]


def _with_kind_of_its_list(by_words: Label, by_engine: Label) -> Label:
    """Give a button the kind that the engine sees, where both remove it.

    A share button may stand in a list of stories, and its words do not tell.
    """
    if by_words.kind in _BUTTONS and by_engine.kind not in (None, RemovalKind.OTHER):
        return dataclasses.replace(by_words, kind=by_engine.kind)
    return by_words


def _keep_cut_marks(blocks: Sequence[Block], labels: list[Label], by_engine: Sequence[Label]) -> None:
    """Keep the link to a text's rest, directly below the text, for the inline rules.

    It is the evidence that the text is cut.
    """
    for i in range(1, len(blocks)):
        below_text = labels[i - 1].content and labels[i] is by_engine[i] and not labels[i].content
        if below_text and rules.is_all_cut(blocks[i].text):
            labels[i] = Label(None, labels[i].rule, labels[i].evidence, labels[i].score)


def _take_posts(marked: Marked, url: str, labels: list[Label]) -> tuple[Part, ...]:
    """Return the parts that the source names, else the posts of an archive page; () for a page of one text.

    The text of found posts is kept; on a page of one text the readers' comments leave.
    """
    parsed = marked.parsed
    if marked.parts:
        return marked.parts
    posts = tuple(split.posts(parsed, url, parsed.canonical))
    if posts:
        split.keep_posts(parsed, posts, labels)
    else:
        guards.drop_comments(parsed, labels, marked.pinned)
    return posts


def _refusal(page: RawPage, parsed: Parsed, content: Sequence[Block]) -> Refusal | None:
    """Return why a page has no text of its own: it is missing, or needs a script or a login; else None."""
    if title := soft_404_title(page.body):
        return Refusal("soft_404", title)
    if is_stub(page.body, page.url, page.header("content-type")):
        return Refusal("leads_elsewhere", "a refresh or a script leads to another page within seconds")
    if notice := needs_script(parsed, content):
        return Refusal("needs_javascript", notice)
    if name := asks_to_log_in(parsed, content):
        return Refusal("login", name)
    return None
