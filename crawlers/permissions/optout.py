"""Opt-outs from text and data mining: `tdm-reservation` (TDMRep), `noai` in robots headers and meta tags.

TDMRep is the W3C community group's final report of May 2024; `noai` is a convention of DeviantArt's
that others took up. Where a page opts out, its body is neither kept nor used.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from crawlers.permissions.robots import PathRule
from web.urls import parse

# A rule file beyond this is no rule file.
_MAX_RULES = 10_000
_META = re.compile(rb"<meta\b", re.IGNORECASE)
# No meta tag that somebody means is longer.
_MAX_TAG = 8192
# The directives of X-Robots-Tag that have a value behind a colon themselves.
_WITH_VALUE = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})


@dataclass(frozen=True, slots=True)
class Reservation:
    """One entry of a site's tdmrep.json: paths, and whether the rights over them are reserved."""

    location: PathRule
    reserved: bool


def reservations(body: bytes) -> tuple[Reservation, ...]:
    """Read /.well-known/tdmrep.json; what is not understood reserves nothing."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    entries = data if isinstance(data, list) else []
    return tuple(
        Reservation(PathRule(entry["location"], allow=True), _is_one(entry.get("tdm-reservation")))
        for entry in entries[:_MAX_RULES]
        if isinstance(entry, dict) and isinstance(entry.get("location"), str)
    )


def is_reserved(url: str, rules: Iterable[Reservation]) -> bool:
    """Whether the first entry that speaks of a URL's path reserves it."""
    parsed = parse(url)
    path = f"{parsed.path}{parsed.query}" if parsed else ""
    return next((rule.reserved for rule in rules if rule.location.matches(path)), False)


def in_headers(headers: Iterable[tuple[str, str]], agent: str) -> str:
    """The header by which a response opts out for this agent, as written; "" where none does."""
    for name, value in headers:
        if name == "tdm-reservation" and _is_one(value):
            return f"{name}: {value}"
        if name == "x-robots-tag" and _says_noai(value, agent):
            return f"{name}: {value}"
    return ""


def in_markup(body: bytes) -> str:
    """The meta tag by which an HTML page opts out, as name and content; "" where none does."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body.decode("utf-16", errors="replace").encode(errors="replace")
    tags = (body[found.start() : found.start() + _MAX_TAG].lower() for found in _META.finditer(body))
    if not any(b"noai" in tag or b"tdm-reservation" in tag for tag in tags):
        return ""  # most pages, without the cost of parsing them
    for node in LexborHTMLParser(body).css("meta[name][content]"):
        name = (node.attributes.get("name") or "").strip().lower()
        content = (node.attributes.get("content") or "").strip()
        if name == "tdm-reservation" and _is_one(content):
            return f'meta {name}="{content}"'
        if name in ("robots", "tamis") and "noai" in _words(content):
            return f'meta {name}="{content}"'
    return ""


def _says_noai(value: str, agent: str) -> bool:
    """Whether an X-Robots-Tag says noai, to everybody or, after a name and a colon, to this agent."""
    whom, colon, rest = value.partition(":")
    if colon and "," not in whom and whom.strip().lower() not in _WITH_VALUE:
        return whom.strip().lower() == agent.lower() and "noai" in _words(rest)
    return "noai" in _words(value)


def _words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(",")}


def _is_one(value: Any) -> bool:
    return value is not None and not isinstance(value, bool) and str(value).strip() == "1"
