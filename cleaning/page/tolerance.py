"""Caps before the parse, so that no page can block a worker. Each cut leaves a warning.

The parser's cost is linear except for two things: attributes of one tag, whose names are compared with each
other, and nested elements. Both are quadratic. Pages that people read stay far below these caps.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Iterator

from cleaning.page.xhtml import as_html

# 20 million characters take 400 MB through parse and blocks; pages end far below.
_MAX_CHARACTERS = 20_000_000
# Images and scripts in the source are no text: they are removed before the cap applies.
_INLINE_IMAGE = re.compile(r"base64,[A-Za-z0-9+/=\s]{4096,}")
_SCRIPT_TAG = re.compile(r"<(/?)(script|style)\b([^>]*)", re.IGNORECASE)
# 2,000 attributes cost the parser about 4 ms, 100,000 a minute.
_MAX_ATTRIBUTES = 2_000
# 4,000 nested lists cost 50 ms, 100,000 half a minute.
_MAX_DEPTH = 4_000
# Beyond so many tags only the words are read, since each tag takes the walk 3 microseconds or more.
_MAX_TAGS = 100_000

# Pages with fewer tags, or without long runs between angle brackets, are parsed within a second.
_SAFE_TAGS = 20_000
_LONG_PIECE_BYTES = 40_000
# A quote opens a value only after "=". Names may hold quotes, as broken escapes leave them.
_ATTRIBUTE_VALUE = r"""=\s*(?:"[^"]*"|'[^']*')?+"""
_TAG = re.compile(
    rf"<(?:!--.*?-->|(?:script|style)\b.*?</(?:script|style)|(/?)([a-zA-Z][^\s/>]*)((?:[^>=]++|{_ATTRIBUTE_VALUE})*+)>)",
    re.DOTALL | re.IGNORECASE,
)
# A template; with a shadow root, browsers show its content in place.
_TEMPLATE_TAG = re.compile(r"<(/?)template\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rf"[^\s>/=]+(?:\s*{_ATTRIBUTE_VALUE}[^\s>]*)?")
# Elements that have no end, or that the parser ends by itself where the next one starts.
_UNNESTED_TAGS = """
    area base br col embed hr img input link meta param source track wbr a button nobr
    html head body p li dt dd option optgroup tr td th tbody thead tfoot
"""


def tolerable(html: str) -> tuple[bytes, list[str]]:
    """Return the source to parse in UTF-8, and the names of the caps that cut it.

    They are size_cut, attributes_cut, nesting_cut and tags_cut. Lone surrogates become question marks, since
    no parser accepts them.
    """
    warnings = []
    html = as_html(html)
    if "shadowroot" in html:
        html = _with_shadow_roots(html)
    if len(html) > _MAX_CHARACTERS:
        html = _without_scripts(_INLINE_IMAGE.sub("", html))
    if len(html) > _MAX_CHARACTERS:
        html = html[:_MAX_CHARACTERS]
        warnings.append("size_cut")
    source = html.encode("utf-8", "replace")
    tags = source.count(b"<")
    if source.count(b"=") > 25 * _MAX_ATTRIBUTES or (
        _has_long_piece(source) and any(map(_may_be_attributes, source.split(b"<")))
    ):
        shorter = _TAG.sub(_with_first_attributes, source.decode())
        if len(shorter) < len(html):
            source = shorter.encode()
            warnings.append("attributes_cut")
    if tags >= _SAFE_TAGS:
        flatter, caps = _flattened(source.decode())
        if caps:
            source = flatter.encode()
            warnings += caps
    return source, warnings


def _without_scripts(html: str) -> str:
    """Return the source without the content of closed scripts and styles, JSON-LD excepted."""
    pieces, end = [], 0
    opened: re.Match[str] | None = None
    for tag in _SCRIPT_TAG.finditer(html):
        if opened is None:
            opened = None if tag[1] else tag
        elif tag[1] and tag[2].lower() == opened[2].lower():
            if "ld+json" not in opened[3].lower():
                pieces.append(html[end : opened.end()] + ">")
                end = tag.start()
            opened = None
    return "".join(pieces) + html[end:]


def _with_shadow_roots(html: str) -> str:
    """Return the source with its declarative shadow roots as elements, as browsers show them."""
    shown: list[bool] = []

    def opened(tag: re.Match[str]) -> str:
        if not tag[1]:
            shown.append("shadowroot" in tag[2].lower())
            return "<shadow-root>" if shown[-1] else tag[0]
        return "</shadow-root>" if shown and shown.pop() else tag[0]

    return _TEMPLATE_TAG.sub(opened, html)


def _has_long_piece(source: bytes) -> bool:
    """Return whether more than `_LONG_PIECE_BYTES` bytes stand between two "<"."""
    start = 0
    while len(source) - start > _LONG_PIECE_BYTES:
        found = source.rfind(b"<", start, start + _LONG_PIECE_BYTES + 1)
        if found < 0:
            return True
        start = found + 1
    return False


def _may_be_attributes(piece: bytes) -> bool:
    """Return whether a piece between two "<" may be a tag of too many attributes, and no script."""
    if len(piece) <= _LONG_PIECE_BYTES or piece.startswith(b"script"):
        return False
    tag = piece.partition(b">")[0]
    if tag.count(b'"') % 2 or tag.count(b"'") % 2:  # that ">" stands in a value
        tag = piece
    return len(tag) > _LONG_PIECE_BYTES and len(tag.split(None, _MAX_ATTRIBUTES)) > _MAX_ATTRIBUTES


def without_swallower(source: bytes) -> bytes:
    """Return a source with its unclosed title, style, script or text field as an ordinary tag; b"" for none.

    All text of such a page stands inside that tag. Browsers show nothing, but the words are there.
    """
    lower = source.lower()
    for tag in (b"title", b"style", b"script", b"textarea", b"noframes", b"iframe"):
        start = lower.rfind(b"<" + tag)
        if start > lower.rfind(b"</" + tag + b">"):
            return source[:start] + b"<div data-unclosed-" + source[start + 1 :]
    return b""


def _with_first_attributes(tag: re.Match[str]) -> str:
    """Return the tag with its first attributes."""
    source = tag.group()
    if len(source) < 2 * _MAX_ATTRIBUTES or not tag.group(3):
        return source
    attributes = _ATTRIBUTE.finditer(source, tag.start(3) - tag.start())
    last = next((match for n, match in enumerate(attributes) if n == _MAX_ATTRIBUTES), None)
    return source if last is None else source[: last.start()] + ">"


def _flattened(html: str) -> tuple[str, list[str]]:
    """Return the words without the tags that are too deep or too many, and the caps that cut.

    A tag that is too deep becomes a line break, one beyond the count a space.
    """
    pieces, end, caps = [], 0, dict[str, None]()
    for n, (tag, depth) in enumerate(_tags(html)):
        if n > _MAX_TAGS or depth > _MAX_DEPTH:
            pieces += [html[end : tag.start()], " " if n > _MAX_TAGS else "<br>"]
            end = tag.end()
            caps["tags_cut" if n > _MAX_TAGS else "nesting_cut"] = None
    return "".join([*pieces, html[end:]]), list(caps)


def _tags(html: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield the start and end tags with their depth: 0 for tags that do not nest and for stray ends."""
    unnested = frozenset(_UNNESTED_TAGS.split())
    depth, unclosed = 0, collections.Counter[str]()
    for tag in _TAG.finditer(html):
        name = (tag[2] or "").lower()
        if not name:
            continue
        if name in unnested:
            yield tag, 0
        elif not tag[1]:
            depth += 1
            unclosed[name] += 1
            yield tag, depth
        elif unclosed[name]:
            yield tag, depth
            depth -= 1
            unclosed[name] -= 1
        else:
            yield tag, 0
