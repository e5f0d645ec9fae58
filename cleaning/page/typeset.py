"""Typography that carries meaning: struck-out words are withdrawn, raised and lowered figures stand apart."""

from __future__ import annotations

import re
from typing import Final

from cleaning.page.block import Spans

# Unicode noncharacters mark struck-out words until the white space of their line has collapsed. They differ
# from the marks of a source's own rules.
_STRUCK_OPEN, _STRUCK_CLOSE = "\ufdd2", "\ufdd3"
_MARKS: Final = re.compile(f"[{_STRUCK_OPEN}{_STRUCK_CLOSE}]")
_STRUCK: Final = re.compile(f"{_STRUCK_OPEN}([^{_STRUCK_OPEN}{_STRUCK_CLOSE}]*){_STRUCK_CLOSE}")
_PARAGRAPHS: Final = re.compile(r"(\n\s*\n)")
_FIGURES: Final = re.compile(r"\s*[-+−]?[0-9]{1,4}(?:\s*[,–-]\s*[0-9]{1,4})*\s*")
_RAISED: Final = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_LOWERED: Final = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_BRACKETS: Final = ("[", "(", "〔", "［", "（")


def figures(text: str, before: str, *, raised: bool) -> str:
    """Return a number in Unicode's raised or lowered digits: a power, a footnote mark, a formula.

    Other text (`st`, `[1]`) stays, and so does text behind a bracket, which sets it apart already.
    """
    if before.endswith(_BRACKETS) or not _FIGURES.fullmatch(text):
        return text
    return text.translate(_RAISED if raised else _LOWERED)


def struck(text: str) -> str:
    """Return struck-out words between marks, in each of their paragraphs."""
    return "".join(
        part.replace(words, f"{_STRUCK_OPEN}{words}{_STRUCK_CLOSE}") if (words := part.strip()) else part
        for part in _PARAGRAPHS.split(_MARKS.sub("", text))
    )


def without_marks(text: str) -> tuple[str, Spans]:
    """Return a line without the marks, and the begin and end of each struck-out passage."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    length = end = 0
    for match in _STRUCK.finditer(text):
        between, words = text[end : match.start()], match[1]
        start = length + len(between)
        if spans and not between.strip():
            start = spans.pop()[0]
        pieces += [between, words]
        length += len(between) + len(words)
        spans.append((start, length))
        end = match.end()
    return "".join([*pieces, text[end:]]), tuple(spans)
