"""The decision: how two texts relate, from what they share and from what is known about them.

The core of their overlap is where the texts run in parallel. There they differ by slips, or one amends the
other. Around the core stands page furniture, or more of a longer text.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from cleaning.relations.amend import amended
from cleaning.relations.overlap import (
    MAX_RAGGED_SHARE,
    MIN_AROUND_LETTERS,
    PASSAGE_LETTERS,
    SOLID_LETTERS,
    Overlap,
    Side,
)
from cleaning.relations.shingles import Shingled
from cleaning.relations.types import Facts
from output.base.relations import RelationKind

# The numbers by which titles of two versions differ: "(2021)", "第二次修订", "No. 3".
_TITLE_NUMBERS = re.compile(r"\d+|(?<=第)[一二三四五六七八九十百]+|[〇零一二三四五六七八九]{4}(?=年)")

# The rule for two texts that are the same from beginning to end, with nothing around either.
NEAR_RULE = "near"
# The same text may lack this share of the other's core.
_MAX_CHANGED_SHARE = 0.12
# The shorter core over the longer one; with less, two texts do not run in parallel.
_MIN_CORE_RATIO = 0.8
# A smaller share of the page around the text means nothing.
_MAX_BARE_SHARE = 0.1
# Furniture before and behind a text: its greatest share on long lines, in all and right behind the text; and
# the text's least share of the page.
_MAX_PROSE_AROUND, _MAX_PROSE_BEHIND, _MIN_TEXT_SHARE = 0.95, 0.95, 0.25
# Where so many last letters of the smaller text are not on the page, it may be cut, and the limits are lower.
# (Measured right behind: furniture has .5 in three of four, a text that goes on .7 and more.)
_CUT_MIN_LETTERS, _MAX_PROSE_AROUND_CUT, _MAX_PROSE_BEHIND_CUT = 5, 0.82, 0.5
_NEAR_LETTERS, _NEAR_LETTERS_CJK = 300, 150
# Furniture on one side only: its greatest share of the page, and its greatest share on long lines.
_MAX_ASIDE_SHARE, _MAX_PROSE_ASIDE = 0.25, 0.25
# Most of the smaller text stands in the larger one, which is longer than an amendment makes it.
_MIN_MOST_SHARE, _MIN_LENGTH_RATIO = 0.75, 1.3
# An amendment adds at most this share before or behind a text, and changes at least this share of the rest.
# What was merely cut is the same to the letter.
_MAX_ADDED_SHARE, _MIN_AMENDED_SHARE = 0.25, 0.005
# One text is a rewritten version of the other if they share this much of both in passages. Little stands
# around these, or they begin in the first quarter of both texts and end in the last.
_MIN_REWRITTEN_SHARE, _MAX_BESIDE_REWRITTEN, _EDGE_SHARE = 0.35, 0.5, 0.25
# The least letters of a line of prose, rather than of a menu.
_PROSE_LINE_LETTERS, _PROSE_LINE_LETTERS_CJK = 40, 20
# The least letters of a quoted passage, and the share of it that may differ.
_PASSAGE_MIN_LETTERS, _PASSAGE_MIN_LETTERS_CJK, _PASSAGE_MAX_CHANGED = (
    2 * PASSAGE_LETTERS,
    PASSAGE_LETTERS,
    0.12,
)
# With a greater share of digits a passage is legislative history. With a formula it must be longer.
_HISTORY_FIGURE_SHARE, _FORMULA_LENGTH_FACTOR = 0.15, 1.5
_FORMULA = re.compile(
    r"制定本|自\d{4}年\d+月\d+日起|自(?:公布|发布|颁布)之日起"
    r"|(?:enters?|comes?|came)into(?:force|effect)|(?:shall|will)takeeffect|formulatedinaccordance|herebypromulgated"
)


Pair: TypeAlias = tuple[Overlap, tuple[Shingled, Shingled], tuple[Facts, Facts]]


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """A relation of the first text to the second, or of the second to the first where `swapped`.

    `open` tells that the differences must still be checked for an amendment.
    """

    relation: RelationKind
    score: float
    rule: str
    swapped: bool = False
    open: bool = False


def decide(pairs: Sequence[Pair]) -> list[Verdict | None]:
    """Return the relation of each two texts, or None. The second text counts as newer where no date tells."""
    verdicts = [_decide(*pair) for pair in pairs]
    asked = [n for n, verdict in enumerate(verdicts) if verdict and verdict.open]
    sides = [(pairs[n][0], pairs[n][1]) for n in asked]
    for n, is_amended in zip(asked, amended(sides), strict=True):
        if is_amended and (verdict := verdicts[n]):
            verdicts[n] = _version(verdict.score, "amended:text", pairs[n][2])
    return verdicts


def _version(score: float, rule: str, facts: tuple[Facts, Facts]) -> Verdict:
    return Verdict(RelationKind.VERSION, score, rule, not _first_is_newer(facts))


def _decide(overlap: Overlap, texts: tuple[Shingled, Shingled], facts: tuple[Facts, Facts]) -> Verdict | None:
    first, second = overlap
    swapped = texts[1].letters.size > texts[0].letters.size
    if second is None:
        return _passage(first, texts, swapped)
    large, small = (second, first) if swapped else (first, second)
    score = round((1 - small.outside) * (1 - max(large.changed, small.changed)), 4)
    if _is_whole_in(large, small):
        if not _is_page_of(large, small, texts[int(swapped)]):
            if large.outside <= _MAX_ADDED_SHARE and min(large.changed, small.changed) >= _MIN_AMENDED_SHARE:
                return _version(score, "enlarged", facts)
            return Verdict(RelationKind.CONTAINS, score, "whole", swapped)
        known = _compared(facts)
        if rule := _amended(texts, known):
            return _version(score, rule, facts)
        rule = NEAR_RULE if large.outside <= MAX_RAGGED_SHARE else "page"
        return Verdict(RelationKind.SAME, score, rule, open=not _is_one(known))
    if small.solid >= _MIN_MOST_SHARE * small.letters and large.letters > _MIN_LENGTH_RATIO * small.letters:
        return Verdict(RelationKind.CONTAINS, score, "most", swapped)
    solid = min(small.solid / small.letters, large.solid / large.letters)
    beside = max(large.outside, small.outside)
    if solid >= _MIN_REWRITTEN_SHARE and (
        beside <= _MAX_BESIDE_REWRITTEN or (_is_spread(large) and _is_spread(small))
    ):
        return _version(score, "rewritten", facts)
    return _passage(first, texts, swapped)


def _is_whole_in(large: Side, small: Side) -> bool:
    aligned = min(large.core, small.core) >= _MIN_CORE_RATIO * max(large.core, small.core)
    return (
        aligned
        and max(large.changed, small.changed) <= _MAX_CHANGED_SHARE
        and small.outside <= MAX_RAGGED_SHARE
    )


def _is_spread(side: Side) -> bool:
    """Return whether the shared pieces stand all over the text, unlike a passage that both quote from a
    third.
    """
    solid = (side.ends - side.begins >= SOLID_LETTERS).nonzero()[0]
    begin, end = side.begins[solid[0]], side.ends[solid[-1]]
    return bool(begin <= _EDGE_SHARE * side.letters and end >= (1 - _EDGE_SHARE) * side.letters)


def _passage(first: Side, texts: tuple[Shingled, Shingled], swapped: bool) -> Verdict | None:
    if not _is_passage(first, texts[0]):
        return None
    shorter = min(text.letters.size for text in texts)
    return Verdict(RelationKind.CONTAINS, round(min(1.0, first.core / shorter), 4), "passage", swapped)


def _is_passage(side: Side, text: Shingled) -> bool:
    """Return whether the core is a passage that one text took from the other.

    Legislative history does not count: it is dates and session numbers. Laws of one kind open and close with
    formulas, so a passage around a formula must be longer.
    """
    least = _PASSAGE_MIN_LETTERS_CJK if text.chinese else _PASSAGE_MIN_LETTERS
    covered = side.core * (1 - side.changed)
    if covered < least or side.changed > _PASSAGE_MAX_CHANGED:
        return False
    before, within = text.figures.searchsorted((side.first, side.last)).tolist()
    if within - before > _HISTORY_FIGURE_SHARE * side.core:
        return False
    return covered >= _FORMULA_LENGTH_FACTOR * least or not _FORMULA.search(
        text.passage(side.first, side.last)
    )


def _is_page_of(large: Side, small: Side, page: Shingled) -> bool:
    """Return whether the larger text is the smaller one with page furniture around it, if anything.

    Furniture stands before and behind a text, mostly in short lines, above all right behind it. Where prose
    goes on, the smaller text was cut. On one side alone, only little text in short lines is furniture.
    """
    if large.outside <= _MAX_BARE_SHARE:
        return True
    around = large.before + large.behind
    near = min(large.behind, _NEAR_LETTERS_CJK if page.chinese else _NEAR_LETTERS)
    first, last, beside, whole = _prose(page, (large.first, large.last, large.last + near, large.letters))
    prose, near_prose = first + whole - last, beside - last
    if min(large.before, large.behind) < MIN_AROUND_LETTERS:
        return prose <= _MAX_PROSE_ASIDE * around and large.outside <= _MAX_ASIDE_SHARE
    if small.behind >= _CUT_MIN_LETTERS:
        furniture = prose <= _MAX_PROSE_AROUND_CUT * around and near_prose <= _MAX_PROSE_BEHIND_CUT * near
    else:
        furniture = prose <= _MAX_PROSE_AROUND * around and near_prose <= _MAX_PROSE_BEHIND * near
    return furniture and small.core >= _MIN_TEXT_SHARE * large.letters


def _prose(page: Shingled, places: Sequence[int]) -> list[int]:
    """Return how many letters stand on long lines before each of these positions."""
    sizes = page.lines.copy()
    sizes[1:] -= page.lines[:-1]
    long = sizes >= (_PROSE_LINE_LETTERS_CJK if page.chinese else _PROSE_LINE_LETTERS)
    sizes = sizes[long]
    starts = page.lines[long] - sizes
    before = np.minimum(np.subtract.outer(places, starts), sizes)
    letters: list[int] = np.maximum(before, 0, out=before).sum(axis=1).tolist()
    return letters


def _amended(texts: tuple[Shingled, Shingled], known: dict[str, bool]) -> str:
    """Return the rule that makes two texts versions whatever their differences are, or "" for none."""
    if False in known.values():
        return "amended:" + next(name for name, agree in known.items() if not agree)
    # Only the beginning of a very long text was compared; the rest must be the same to the letter.
    return "beginning" if texts[0].beyond != texts[1].beyond else ""


def _is_one(known: dict[str, bool]) -> bool:
    """Return whether a number and a date agree, so that the texts are one act and nothing was amended."""
    return bool(known.get("document_number") and (known.get("date_effective") or known.get("date_issued")))


def _compared(facts: tuple[Facts, Facts]) -> dict[str, bool]:
    """Return for each fact known of both documents whether it agrees. The publication date is the site's
    alone.
    """
    a, b = facts
    known = {
        name: getattr(a, name) == getattr(b, name)
        for name in ("document_number", "date_effective", "date_issued")
        if getattr(a, name) and getattr(b, name)
    }
    figures = [_TITLE_NUMBERS.findall(title) for title in (a.title, b.title)]
    if a.title and b.title and figures[0] != figures[1]:
        known["title"] = False
    return known


def _first_is_newer(facts: tuple[Facts, Facts]) -> bool:
    """Return whether the first version is newer, by the dates known of both. Without such dates the second
    is.
    """
    for name in ("date_effective", "date_issued", "date_published"):
        first, second = getattr(facts[0], name), getattr(facts[1], name)
        if first and second and first != second:
            return bool(first > second)
    return False
