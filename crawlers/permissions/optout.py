"""Opt-outs from text and data mining: `tdm-reservation` (TDMRep), `noai` in robots headers and meta tags.

TDMRep is the W3C community group's final report of May 2024. `noai` is a convention that DeviantArt began and
others follow. The body of a page that opts out is neither kept nor used.
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

# No site declares more; the entries beyond this are ignored.
_MAX_RESERVATIONS = 10_000
_META_TAG = re.compile(rb"<meta\b", re.IGNORECASE)
# No real meta tag is longer.
_MAX_META_TAG_BYTES = 8192
# The directives of X-Robots-Tag that have a colon and a value of their own.
_DIRECTIVES_WITH_VALUE = frozenset(
    {"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"}
)


@dataclass(frozen=True, slots=True)
class Reservation:
    """One entry of a site's tdmrep.json: a pattern of paths, and whether their rights are reserved."""

    location: PathRule
    reserved: bool


def read_reservations(body: bytes) -> tuple[Reservation, ...]:
    """Read a /.well-known/tdmrep.json; entries that cannot be understood are skipped."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    entries = data if isinstance(data, list) else []
    return tuple(
        Reservation(PathRule(entry["location"], allow=True), _is_one(entry.get("tdm-reservation")))
        for entry in entries[:_MAX_RESERVATIONS]
        if isinstance(entry, dict) and isinstance(entry.get("location"), str)
    )


def is_reserved(url: str, rules: Iterable[Reservation]) -> bool:
    """Whether the first entry that matches a URL's path reserves it."""
    parsed = parse(url)
    path = f"{parsed.path}{parsed.query}" if parsed else ""
    return next((rule.reserved for rule in rules if rule.location.matches(path)), False)


def in_headers(headers: Iterable[tuple[str, str]], agent: str) -> str:
    """Return the header that opts a response out for this agent, as written; "" for none."""
    for name, value in headers:
        if name == "tdm-reservation" and _is_one(value):
            return f"{name}: {value}"
        if name == "x-robots-tag" and _says_noai(value, agent):
            return f"{name}: {value}"
    return ""


def in_markup(body: bytes) -> str:
    """Return the meta tag that opts an HTML page out, as name and content; "" for none."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body.decode("utf-16", errors="replace").encode(errors="replace")
    tags = (
        body[found.start() : found.start() + _MAX_META_TAG_BYTES].lower()
        for found in _META_TAG.finditer(body)
    )
    if not any(b"noai" in tag or b"tdm-reservation" in tag for tag in tags):
        return ""  # most pages end here, without being parsed
    for node in LexborHTMLParser(body).css("meta[name][content]"):
        name = (node.attributes.get("name") or "").strip().lower()
        content = (node.attributes.get("content") or "").strip()
        if name == "tdm-reservation" and _is_one(content):
            return f'meta {name}="{content}"'
        if name in ("robots", "tamis") and "noai" in _directives(content):
            return f'meta {name}="{content}"'
    return ""


def _says_noai(value: str, agent: str) -> bool:
    """Whether an X-Robots-Tag says noai, to all agents or, after a name and a colon, to this one."""
    name, colon, rest = value.partition(":")
    if colon and "," not in name and name.strip().lower() not in _DIRECTIVES_WITH_VALUE:
        return name.strip().lower() == agent.lower() and "noai" in _directives(rest)
    return "noai" in _directives(value)


def _directives(value: str) -> set[str]:
    """Return the comma-separated directives of a header or meta tag, in lower case."""
    return {word.strip().lower() for word in value.split(",")}


def _is_one(value: Any) -> bool:
    """Whether a reservation has the value 1, as a number or a string."""
    return value is not None and not isinstance(value, bool) and str(value).strip() == "1"
