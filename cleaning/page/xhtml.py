"""XHTML to HTML: the parser reads HTML only, and XML differs in prefixes and empty elements."""

from __future__ import annotations

import re
from typing import Final

_HEAD_CHARACTERS: Final = 4_096  # the root element stands in them
_XHTML_PREFIX: Final = re.compile(
    r"""\bxmlns:([A-Za-z][\w.-]{0,20})\s*=\s*["']http://www\.w3\.org/1999/xhtml["']"""
)
# XML closes an empty element by itself. HTML leaves it open, so that a script would swallow what follows.
_EMPTY_ELEMENT: Final = re.compile(
    r"""<(?!(?i:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)"""
    r"""([A-Za-z][\w.-]*+)((?:\s++[^\s<>=/"']++(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'))?+)*+)\s*+/>"""
)


def as_html(source: str) -> str:
    """Return the source without prefixes and, for XML, with end tags for empty elements. Other source stays
    as it is.
    """
    head = source[:_HEAD_CHARACTERS]
    if "xmlns:" in head and (prefix := _XHTML_PREFIX.search(head)):
        source = re.sub(rf"<(/?){re.escape(prefix[1])}:", r"<\1", source)
    if head.lstrip().startswith("<?xml"):
        source = _EMPTY_ELEMENT.sub(r"<\1\2></\1>", source)
    return source
