"""What two texts are to each other, from what they share and from what is known of them.

Where the texts go together (the core of their overlap) they differ by slips, or one amends the other; what
the differences touch tells. What stands around the core is page furniture, or more of a longer text.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from cleaning.relations.amend import amended
from cleaning.relations.overlap import PASSAGE, RAGGED, SOLID, SOME, Overlap, Side
from cleaning.relations.shingles import Shingled
from cleaning.relations.types import Facts
from output.base.relations import RelationKind

# What tells the titles of two versions apart: "(2021)", "第二次修订", "No. 3".
_FIGURES = re.compile(r"\d+|(?<=第)[一二三四五六七八九十百]+|[〇零一二三四五六七八九]{4}(?=年)")

if TYPE_CHECKING:
    pass

# The rule by which two texts are the same from beginning to end, with nothing around either.
NEAR = "near"
# Share of the core that the other text lacks, up to which they may be the same.
_CHANGED = 0.12
# The shorter core of two that are the same; else they do not lie side by side.
_ALIGNED = 0.8
# Share of a page around the text that is too little to be anything.
_BARE = 0.1
# Furniture before and behind a text: the share of it on long lines, at most, in all and in the letters right
# behind; the text's share of the page, at least.
_PROSE_AROUND, _PROSE_BEHIND, _TEXT_OF_PAGE = 0.95, 0.95, 0.25
# Where so many letters end the smaller text otherwise than the page goes on, it may be cut, and less prose
# tells (measured right behind: of furniture .5 in three of four, of a text that goes on .7 and more).
_CUT, _PROSE_AROUND_CUT, _PROSE_BEHIND_CUT = 5, 0.82, 0.5
_NEAR, _NEAR_CJK = 300, 150
# Furniture on one side: its share of the page and the share of it on long lines, at most.
_ASIDE, _PROSE_ASIDE = 0.25, 0.25
# So much of the smaller text, in passages, is most of it; the larger is longer than an amendment makes it.
_MOST, _LONGER = 0.75, 1.3
# What an amendment adds before or behind a text, as a share of it; and the share of the rest that it
# changes, at least: what was cut is the same to the letter.
_ADDED, _AMENDED_TOO = 0.25, 0.005
# Of both texts, in passages: from which on one is written from the other, where these go together or begin in
# the first part of both and end in the last.
_REWRITTEN, _BESIDE_REWRITTEN, _PART = 0.35, 0.5, 0.25
# Letters of a line that is prose rather than a menu.
_LINE, _LINE_CJK = 40, 20
# Letters of a passage that counts as quoted, and the share of it that may differ.
_PASSAGE, _PASSAGE_CJK, _PASSAGE_CHANGED = 2 * PASSAGE, PASSAGE, 0.12
# Share of figures in a passage, above which it is legislative history; and how much longer it must be
# where it holds a formula.
_HISTORY, _AROUND_FORMULA = 0.15, 1.5
_FORMULA = re.compile(
    r"制定本|自\d{4}年\d+月\d+日起|自(?:公布|发布|颁布)之日起"
    r"|(?:enters?|comes?|came)into(?:force|effect)|(?:shall|will)takeeffect|formulatedinaccordance|herebypromulgated"
)


Pair: TypeAlias = tuple[Overlap, tuple[Shingled, Shingled], tuple[Facts, Facts]]


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """A relation of the first text to the second, or of the second to the first where `swapped`; whether
    what differs has still to tell a slip from an amendment.
    """

    relation: RelationKind
    score: float
    rule: str
    swapped: bool = False
    open: bool = False


def decide(pairs: Sequence[Pair]) -> list[Verdict | None]:
    """The relation of each two texts, or None. Of two versions the second is newer where no date tells."""
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
            if large.outside <= _ADDED and min(large.changed, small.changed) >= _AMENDED_TOO:
                return _version(score, "enlarged", facts)
            return Verdict(RelationKind.CONTAINS, score, "whole", swapped)
        known = _compared(facts)
        if rule := _amended(texts, known):
            return _version(score, rule, facts)
        rule = NEAR if large.outside <= RAGGED else "page"
        return Verdict(RelationKind.SAME, score, rule, open=not _is_one(known))
    if small.solid >= _MOST * small.letters and large.letters > _LONGER * small.letters:
        return Verdict(RelationKind.CONTAINS, score, "most", swapped)
    solid = min(small.solid / small.letters, large.solid / large.letters)
    beside = max(large.outside, small.outside)
    if solid >= _REWRITTEN and (beside <= _BESIDE_REWRITTEN or (_is_spread(large) and _is_spread(small))):
        return _version(score, "rewritten", facts)
    return _passage(first, texts, swapped)


def _is_whole_in(large: Side, small: Side) -> bool:
    aligned = min(large.core, small.core) >= _ALIGNED * max(large.core, small.core)
    return aligned and max(large.changed, small.changed) <= _CHANGED and small.outside <= RAGGED


def _is_spread(side: Side) -> bool:
    """Whether what is in common stands all over the text, unlike what two pages quote from a third."""
    solid = (side.ends - side.begins >= SOLID).nonzero()[0]
    begin, end = side.begins[solid[0]], side.ends[solid[-1]]
    return bool(begin <= _PART * side.letters and end >= (1 - _PART) * side.letters)


def _passage(first: Side, texts: tuple[Shingled, Shingled], swapped: bool) -> Verdict | None:
    if not _is_passage(first, texts[0]):
        return None
    shorter = min(text.letters.size for text in texts)
    return Verdict(RelationKind.CONTAINS, round(min(1.0, first.core / shorter), 4), "passage", swapped)


def _is_passage(side: Side, text: Shingled) -> bool:
    """Whether the core is a passage that one text took from the other.

    Legislative history is dates and numbers of sessions; and laws of one kind open and close with formulas,
    around which a passage must be longer.
    """
    least = _PASSAGE_CJK if text.chinese else _PASSAGE
    covered = side.core * (1 - side.changed)
    if covered < least or side.changed > _PASSAGE_CHANGED:
        return False
    before, within = text.figures.searchsorted((side.first, side.last)).tolist()
    if within - before > _HISTORY * side.core:
        return False
    return covered >= _AROUND_FORMULA * least or not _FORMULA.search(text.passage(side.first, side.last))


def _is_page_of(large: Side, small: Side, page: Shingled) -> bool:
    """Whether the larger text is the smaller one and the furniture of a page around it, if anything.

    Furniture stands before and behind a text, much of it in short lines, most of all right behind it: where
    prose goes on, the text was cut. What stands on one side only is furniture where it is little and nearly
    all in short lines; else it is the rest of a longer text.
    """
    if large.outside <= _BARE:
        return True
    around = large.before + large.behind
    near = min(large.behind, _NEAR_CJK if page.chinese else _NEAR)
    first, last, beside, whole = _prose(page, (large.first, large.last, large.last + near, large.letters))
    prose, near_prose = first + whole - last, beside - last
    if min(large.before, large.behind) < SOME:
        return prose <= _PROSE_ASIDE * around and large.outside <= _ASIDE
    if small.behind >= _CUT:
        furniture = prose <= _PROSE_AROUND_CUT * around and near_prose <= _PROSE_BEHIND_CUT * near
    else:
        furniture = prose <= _PROSE_AROUND * around and near_prose <= _PROSE_BEHIND * near
    return furniture and small.core >= _TEXT_OF_PAGE * large.letters


def _prose(page: Shingled, places: Sequence[int]) -> list[int]:
    """How many letters before each of these places stand on long lines."""
    sizes = page.lines.copy()
    sizes[1:] -= page.lines[:-1]
    long = sizes >= (_LINE_CJK if page.chinese else _LINE)
    sizes = sizes[long]
    starts = page.lines[long] - sizes
    before = np.minimum(np.subtract.outer(places, starts), sizes)
    letters: list[int] = np.maximum(before, 0, out=before).sum(axis=1).tolist()
    return letters


def _amended(texts: tuple[Shingled, Shingled], known: dict[str, bool]) -> str:
    """By which rule two texts that could be the same are versions whatever differs in them; "" for none."""
    if False in known.values():
        return "amended:" + next(name for name, agree in known.items() if not agree)
    # Of very long texts only the beginning was compared; what is behind it must be the same to the letter.
    return "beginning" if texts[0].beyond != texts[1].beyond else ""


def _is_one(known: dict[str, bool]) -> bool:
    """Whether a number and a date agree, which leave nothing to amend."""
    return bool(known.get("document_number") and (known.get("date_effective") or known.get("date_issued")))


def _compared(facts: tuple[Facts, Facts]) -> dict[str, bool]:
    """Of what is known of both documents, whether it agrees; a day of publication is the site's alone."""
    a, b = facts
    known = {
        name: getattr(a, name) == getattr(b, name)
        for name in ("document_number", "date_effective", "date_issued")
        if getattr(a, name) and getattr(b, name)
    }
    figures = [_FIGURES.findall(title) for title in (a.title, b.title)]
    if a.title and b.title and figures[0] != figures[1]:
        known["title"] = False
    return known


def _first_is_newer(facts: tuple[Facts, Facts]) -> bool:
    """Which of two versions is newer, by the dates known of both; the one that came later if none tells."""
    for name in ("date_effective", "date_issued", "date_published"):
        first, second = getattr(facts[0], name), getattr(facts[1], name)
        if first and second and first != second:
            return bool(first > second)
    return False
