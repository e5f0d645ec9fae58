"""The verdict: whether a text is whole, with the words that show it and where they stood.

Tamis works around nothing; a text that is cut is marked as cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cleaning.law.articles import broken_sequence
from cleaning.law.tree import broken_sections
from cleaning.text.lines import is_elision
from output.base.records import Access, Evidence, Removal, RemovalKind

_EXCERPT_TITLE: Final = re.compile(
    r"(?i)[\[(（【](?:excerpts?|abridged|extracts?|节选|摘要|节录|摘编)[\])）】]\s*$"
)
_CHALLENGE: Final = re.compile(
    r"(?i)checking (?:your browser|if the site connection is secure)"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|complete the (?:security check|captcha)|enable javascript and cookies to continue|are you a robot\?"
    r"|unusual traffic from your|请(?:完成|输入|进行).{0,6}(?:安全|人机|滑动)?验证|访问(?:过于频繁|验证)"
)
_CHALLENGE_MAX_CHARACTERS: Final = 1500  # a page that is a challenge says little else
_VERDICT_MIN_CHARACTERS: Final = 40  # a shorter text does not tell whether it is whole
_EVIDENCE_MAX_CHARACTERS: Final = 200
_NOT_FREE: Final = ("false", "http://schema.org/false", "https://schema.org/false")
# Of article:content_tier (Facebook's Instant Articles), which also knows "free": for subscribers, and for
# everybody up to a number of articles.
_PAID_TIERS: Final = ("locked", "metered")


Verdict = tuple[Access, tuple[Evidence, ...]]
Finding = tuple[Access, Evidence]


def verdict(
    title: str,
    lines: Sequence[str],
    removals: Sequence[Removal],
    jsonld: Sequence[Mapping[str, Any]] = (),
    meta: Mapping[str, tuple[str, ...]] | None = None,
) -> Verdict:
    """Judge a document by its lines, by what was removed and by its page's metadata.

    All findings are evidence; the first one decides.
    """
    text = "\n".join(lines)
    findings = [
        *_challenge(title, text),
        *_by_removal(Access.PAYWALLED, RemovalKind.PAYWALL, removals),
        *_declared(jsonld, meta or {}),
        *_by_removal(Access.TEASER, RemovalKind.TEASER, removals),
        *_excerpt(title, lines),
    ]
    if findings:
        return findings[0][0], tuple(evidence for _, evidence in findings)
    return (Access.UNKNOWN if len(text) < _VERDICT_MIN_CHARACTERS else Access.FULL), ()


def is_challenge(title: str, text: str) -> bool:
    """Tell whether a page is nothing but a test for robots."""
    return len(text) <= _CHALLENGE_MAX_CHARACTERS and bool(_CHALLENGE.search(f"{title}\n{text}"))


def _challenge(title: str, text: str) -> list[Finding]:
    if not is_challenge(title, text) or not (match := _CHALLENGE.search(f"{title}\n{text}")):
        return []
    return [(Access.CAPTCHA, Evidence(match[0], "text"))]


def _by_removal(access: Access, kind: RemovalKind, removals: Sequence[Removal]) -> list[Finding]:
    """Return the first notice of a kind that the lexicon removed; its words are the evidence."""
    return [
        (
            access,
            Evidence(removal.evidence or removal.text[:_EVIDENCE_MAX_CHARACTERS], f"offset {removal.offset}"),
        )
        for removal in removals
        if removal.kind is kind and removal.rule.startswith("lexicon:")
    ][:1]


def _declared(jsonld: Sequence[Mapping[str, Any]], meta: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Return what the page's own metadata says of a paywall."""
    findings: list[Finding] = []
    if any(str(item.get("isAccessibleForFree", "")).lower() in _NOT_FREE for item in jsonld):
        findings.append((Access.PAYWALLED, Evidence("isAccessibleForFree: false", "json-ld")))
    tiers = (value.strip() for value in meta.get("article:content_tier", ()))
    if tier := next((tier for tier in tiers if tier.lower() in _PAID_TIERS), ""):
        findings.append((Access.PAYWALLED, Evidence(f"article:content_tier: {tier}", "meta")))
    return findings


def _excerpt(title: str, lines: Sequence[str]) -> list[Finding]:
    """Return what shows that a text is incomplete: its title, a mark of omission, a gap in a count."""
    findings: list[Finding] = []
    if match := _EXCERPT_TITLE.search(title):
        findings.append((Access.EXCERPT, Evidence(match[0], "title")))
    if mark := next((line for line in lines if is_elision(line)), ""):
        findings.append((Access.EXCERPT, Evidence(mark, "text")))
    if gap := broken_sequence(lines):
        findings.append((Access.EXCERPT, Evidence(gap, "articles")))
    elif gap := broken_sections(lines):
        findings.append((Access.EXCERPT, Evidence(gap, "sections")))
    return findings
