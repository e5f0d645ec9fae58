"""Simple HTML: written from lines of text, and read back as visible lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser
from itertools import groupby

from flows.replicas.library import Line

_INLINE = {"a", "abbr", "b", "em", "font", "i", "img", "input", "label", "span", "strong", "sup", "time", "u"}
_INVISIBLE = {"script", "style", "title"}


def text_lines(markdown: str) -> list[Line]:
    """Return the lines of a text: blocks between blank lines, `## ` headings, `- ` items, `|` table rows.

    A numbered item ("1. ") keeps its number as a paragraph does; `*` and `**` are dropped.
    """
    lines = []
    for raw in markdown.splitlines():
        line = re.sub(r"\*+", "", raw).strip()
        if line.startswith("## "):
            lines.append(Line(line[3:], "h3"))
        elif line.startswith("- "):
            lines.append(Line(line[2:], "li"))
        elif line.startswith("|"):
            lines.append(Line("\t".join(line.strip("|").split("|")), "tr"))
        elif line:
            lines.append(Line(line))
    return lines


def html_of(lines: Iterable[Line]) -> str:
    """Return the lines as HTML; neighbouring items and rows share a list or a table."""
    parts = []
    for tag, group in groupby(lines, key=lambda line: line.tag):
        texts = [escape(line.text, quote=False) for line in group]
        if tag == "li":
            parts.append("<ul>\n" + "\n".join(f"<li>{text}</li>" for text in texts) + "\n</ul>")
        elif tag == "tr":
            rows = ("".join(f"<td>{cell}</td>" for cell in text.split("\t")) for text in texts)
            parts.append(
                "<table><tbody>\n" + "\n".join(f"<tr>{row}</tr>" for row in rows) + "\n</tbody></table>"
            )
        else:
            parts += [f"<{tag}>{text}</{tag}>" for text in texts]
    return "\n".join(parts)


def visible_lines(html: str) -> list[str]:
    """Return the lines that a reader sees: one per block, spaces folded, a table row with tabs."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    rows = (
        "\t".join(filter(None, map(fold, line.split("\t")))) for line in "".join(reader.parts).split("\n")
    )
    return [row for row in rows if row]


def fold(text: str) -> str:
    """Return a text with runs of white space as one space; the ideographic space stays."""
    return re.sub(r"[ \t\r\n\f\u00a0]+", " ", text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._invisible_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._invisible_depth += tag in _INVISIBLE
        if tag not in _INLINE:
            self.parts.append("\t" if tag in ("td", "th") else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._invisible_depth -= tag in _INVISIBLE
        if tag not in _INLINE and tag not in ("td", "th"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._invisible_depth:
            self.parts.append(re.sub(r"[ \t\r\n\f]+", " ", data))
