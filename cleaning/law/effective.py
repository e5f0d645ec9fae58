"""The dates on which a law takes effect and was signed, from its own lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cleaning.law.articles import Numbered, articles
from cleaning.text.dates import ANY_DATE, first_date, is_date_line
from cleaning.text.lines import fold_line

_ZH_DATE = (
    r"((?:(?:中[华華])?民[国國]\s?\d{1,3}|\d{4})\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日"
    r"|[〇零○一二三四五六七八九]{4}年[元一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)"
)
_ZH_EFFECT = r"(?:正式|[开開]始)?(?:施行|[实實]施|[执執]行|生效|起效)"
_ZH = re.compile(rf"(?:自|于|从)\s?{_ZH_DATE}\s?(?:零时)?起?\s?{_ZH_EFFECT}")
_ZH_PUBLICATION = re.compile(rf"自(?:公布|[发發][布佈]|[颁頒]布|印[发發]|下[发發])(?:之日起|日){_ZH_EFFECT}")
# How translators and machines put it: take effect on, will be implemented from, apply as of, effective from …
_EN = re.compile(
    r"(?i:\b(?:(?:take|takes|taking|took|come|comes|came|coming|enter|enters|entered|entering|go|goes|went|put|brought)"
    r" (?:in|into|to)? ?(?:effect|force|operation)|(?:be|is|are) (?:in force|in effect)"
    r"|(?:be |is |are |become |becomes )"
    r"(?:implemented|effective|applied|applicable|enforced|executed|carried out|valid)"
    r"|appl(?:y|ies)|effective"
    r"|commences?|starts? to (?:apply|be implemented))"
    r" (?:officially |formally )?(?:on|from|as of|as from|since|starting(?: from| on)?"
    r"|beginning(?: from| on)?|with effect from)"
    rf" (?:and including )?(?:the )?(?:date of |day of )?)(?P<date>{ANY_DATE})"
)
_EN_PUBLICATION = re.compile(
    r"(?i)\b(?:take|come|enter|go)(?:s|ing)? (?:in|into)? ?(?:effect|force)\b.{0,20}\b(?:on"
    r"|from|as of|upon) (?:the )?(?:date|day) of"
    r" (?:(?:its|their) )?(?:promulgation|publication|issuance|issue)"
)
_PUBLISHED = re.compile(rf"(?i)\b(?:first )?published\b[^.]{{0,80}}\bon (?P<date>{ANY_DATE})")
_NOTE_MAX_CHARACTERS = 160  # of a note above a text on where it comes from
_HEAD_LINES = 6  # a signature stands directly above or below the text


def date_effective(lines: Sequence[str], *, law: bool) -> str | None:
    """Return the date on which a document takes effect by its own words; None for what is no law itself.

    News of a law has the law's date, so only a text with articles or a number of its own (`law`) is searched.
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


def from_publication(lines: Sequence[str]) -> bool:
    """Tell whether the document takes effect on the day it is published, by its own words."""
    folded = (fold_line(line) for line in reversed(lines))
    return any(_ZH_PUBLICATION.search(line) or _EN_PUBLICATION.search(line) for line in folded)


def date_signed(lines: Sequence[str], numbered: Sequence[Numbered] | None = None) -> str | None:
    """Return the date that stands alone at the head (above the first article) or at the foot of a text.

    Without one, return the date in a note at the head on where the text was first published. `numbered` are
    the text's articles, where they are known.
    """
    if numbered is None:
        numbered = articles(lines)
    head = lines[: min(_HEAD_LINES, numbered[0].line) if numbered else _HEAD_LINES]
    for line in (*head, *reversed(lines[-_HEAD_LINES // 2 :])):
        if is_date_line(line):
            return first_date(line)
    notes = (_PUBLISHED.search(fold_line(line)) for line in head[:3] if len(line) <= _NOTE_MAX_CHARACTERS)
    return next((first_date(note["date"]) for note in notes if note), None)
