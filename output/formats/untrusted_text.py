"""Texts of pages made harmless where they would act: in a terminal, in Markdown, in JSON that people read."""

from __future__ import annotations

import json
import re
from typing import Any

# Control characters, ends of lines, and characters that change the direction of writing.
_CONTROL_CHARACTERS = "\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff"
_CONTROL = re.compile(f"[{_CONTROL_CHARACTERS}]+")
# Those of them that JSON does not escape by itself.
_UNESCAPED_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#!~&])")


def one_line(text: str, limit: int = 200) -> str:
    """Return a text as one line of at most `limit` characters, without control characters."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def markdown(text: str, limit: int = 200) -> str:
    """Return a text as one line of Markdown that marks up, links and embeds nothing."""
    return _MARKDOWN.sub(r"\\\1", one_line(text, limit))


def json_text(value: Any) -> str:
    """Return a value as indented JSON for people, with control characters escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _UNESCAPED_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
