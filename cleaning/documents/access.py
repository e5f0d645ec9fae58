"""The verdict: is this text whole? From what the page says of itself, with the words and where they stood.

Nothing is ever worked around; a text that is cut says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cleaning.law.articles import broken_sequence
from cleaning.law.tree import broken_sections
from cleaning.text.lines import is_elision
from output.base.records import Access, Evidence, Removal, RemovalKind

_EXCERPT_TITLE = re.compile(r"(?i)[\[(（【](?:excerpts?|abridged|extracts?|节选|摘要|节录|摘编)[\])）】]\s*$")
_CHALLENGE: Final = re.compile(
    r"(?i)checking (?:your browser|if the site connection is secure)"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|complete the (?:security check|captcha)|enable javascript and cookies to continue|are you a robot\?"
    r"|unusual traffic from your|请(?:完成|输入|进行).{0,6}(?:安全|人机|滑动)?验证|访问(?:过于频繁|验证)"
)
_CHALLENGE_MAX = 1500  # characters: a page that is a challenge says little else
_UNCERTAIN = 40  # characters: less text than this is no verdict's ground


Verdict = tuple[Access, tuple[Evidence, ...]]


def verdict(
    title: str,
    lines: Sequence[str],
    removals: Sequence[Removal],
    jsonld: Sequence[Mapping[str, Any]] = (),
    meta: Mapping[str, tuple[str, ...]] | None = None,
) -> Verdict:
    """Judge a document by its lines and by what left it. All findings are evidence; the first names it."""
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
    return (Access.UNKNOWN if len(text) < _UNCERTAIN else Access.FULL), ()


def is_challenge(title: str, text: str) -> bool:
    """Whether a page is nothing but a test for robots."""
    return len(text) <= _CHALLENGE_MAX and bool(_CHALLENGE.search(f"{title}\n{text}"))


Finding = tuple[Access, Evidence]


def _challenge(title: str, text: str) -> list[Finding]:
    if not is_challenge(title, text) or not (match := _CHALLENGE.search(f"{title}\n{text}")):
        return []
    return [(Access.CAPTCHA, Evidence(match[0], "text"))]


def _by_removal(access: Access, kind: RemovalKind, removals: Sequence[Removal]) -> list[Finding]:
    """The first notice of a kind that left the page by the lexicon: its words are the evidence."""
    return [
        (access, Evidence(removal.evidence or removal.text[:200], f"offset {removal.offset}"))
        for removal in removals
        if removal.kind is kind and removal.rule.startswith("lexicon:")
    ][:1]


def _declared(jsonld: Sequence[Mapping[str, Any]], meta: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    findings: list[Finding] = []
    for item in jsonld:
        if str(item.get("isAccessibleForFree", "")).lower() in (
            "false",
            "http://schema.org/false",
            "https://schema.org/false",
        ):
            findings.append((Access.PAYWALLED, Evidence("isAccessibleForFree: false", "json-ld")))
            break
    tier = next(
        (value for value in meta.get("article:content_tier", ()) if value.lower() in ("locked", "metered")),
        "",
    )
    if tier == "locked":
        findings.append((Access.PAYWALLED, Evidence(f"article:content_tier: {tier}", "meta")))
    return findings


def _excerpt(title: str, lines: Sequence[str]) -> list[Finding]:
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
