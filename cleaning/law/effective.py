"""When a law takes effect and when it was signed, from its own lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cleaning.dates import ANY_DATE, first_date, is_date_line
from cleaning.law.articles import articles
from cleaning.lines import fold_line

_ZH = re.compile(
    r"(?:本|该)?[^。;]{0,40}?自\s?(\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日)起(?:正式)?(?:施行|实施|执行|生效)"
)
_EN = re.compile(
    r"\b(?:takes?|comes? into|enters? into) (?:effect|force) (?:on|from|as of|starting from) "
    rf"(?:the )?(?P<date>{ANY_DATE})"
)
_PUBLISHED = re.compile(rf"(?i)\b(?:first )?published\b[^.]{{0,80}}\bon (?P<date>{ANY_DATE})")
_NOTE = 160  # characters: a note on where a text came from is a short line above it
_HEAD = 6  # lines: a signature stands directly above or below the text


def date_effective(lines: Sequence[str], *, law: bool) -> str | None:
    """The date on which the document says that it takes effect; None for what is no law itself.

    News of a law names the law's date, so only a text with articles or a number of its own (`law`) is asked.
    """
    if not law:
        return None
    for line in reversed(lines):
        folded = fold_line(line)
        if match := _ZH.search(folded):
            return first_date(match[1])
        if match := _EN.search(folded):
            return first_date(match["date"])
    return None


def date_signed(lines: Sequence[str]) -> str | None:
    """The date that stands alone at the head (above the first article) or at the foot of a text.

    Failing these, the date in a note at the head on where the text was published first.
    """
    numbered = articles(lines)
    head = lines[: min(_HEAD, numbered[0].line) if numbered else _HEAD]
    for line in (*head, *reversed(lines[-_HEAD // 2 :])):
        if is_date_line(line):
            return first_date(line)
    notes = (_PUBLISHED.search(fold_line(line)) for line in head[:3] if len(line) <= _NOTE)
    return next((first_date(note["date"]) for note in notes if note), None)
