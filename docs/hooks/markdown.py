"""Markdown from plain values."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table with a line for each row."""
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def code(text: str) -> str:
    """Inline code, also where the text holds backticks; "" for nothing."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def prose(docstring: str | None) -> str:
    """Return the paragraphs of a docstring or a help text, each on one line."""
    paragraphs = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _cell(text: str) -> str:
    """Return a text on one line, its bars escaped where they are not code."""
    escaped = re.sub(r"(`+).*?\1|\|", lambda part: "\\|" if part[0] == "|" else part[0], text)
    return " ".join(escaped.split())
