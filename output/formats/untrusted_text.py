"""Words of pages where they must not act: in a terminal, in Markdown, in a spreadsheet's cell."""

from __future__ import annotations

import json
import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# What a terminal obeys, what ends a line, what turns the direction of writing.
_ACTING = "\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff"
_CONTROL = re.compile(f"[{_ACTING}]+")
_UNESCAPED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")  # JSON itself escapes the rest
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#!~&])")

# RE2, which Arrow speaks, writes the same class another way.
_CONTROL_RE2 = r"[\x00-\x1f\x7f-\x{9f}\x{2028}-\x{202e}\x{2066}-\x{2069}\x{feff}]+"
# What makes a spreadsheet take a cell for a formula (OWASP, CSV injection), full-width signs too.
_FORMULA_RE2 = r"^(\s*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}])"


def one_line(text: str, limit: int = 200) -> str:
    """A text as one line of at most `limit` characters, without anything that a terminal would obey."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def markdown(text: str, limit: int = 200) -> str:
    """A text as one line of Markdown that says what it says, and marks up, links and embeds nothing."""
    return _MARKDOWN.sub(r"\\\1", one_line(text, limit))


def json_text(value: Any) -> str:
    """A value as JSON to be read by people, with what a terminal would obey escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _UNESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def cells(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Texts as cells of a spreadsheet: one line each, a quote before what would be taken for a formula."""
    plain = pc.replace_substring_regex(column, _CONTROL_RE2, " ")
    return pc.replace_substring_regex(plain, _FORMULA_RE2, r"'\1")
