"""Bilingual texts: English and Chinese on one page, separated.

There are three layouts: both languages in each line (the cells of a row too), lines in turn, and one whole
text after the other. A text that only quotes the other language stays one.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence
from typing import Final, Literal

from cleaning.text.lines import HAN

Script = Literal["en", "zh", ""]
Layout = Literal["", "inline", "turns", "halves"]

_HAN: Final = re.compile(f"[{HAN}]")
_HAN_RUN: Final = re.compile(f"[{HAN}]+")
_LATIN_RUN: Final = re.compile(r"[A-Za-zÀ-ɏ]+")
_LETTER: Final = re.compile(f"[{HAN}]|[A-Za-zÀ-ɏ]")
# A hanzi says about as much as three and a half letters of English (measured on pairs of laws: 3.1 to 4.2).
_LETTERS_PER_HANZI: Final = 3.5
_WORD: Final = re.compile(r"[a-z]+")
_COMMON_WORDS: Final = frozenset(
    ["the", "of", "and", "to", "in", "a", "is", "are", "for", "by", "on", "or", "shall", "with", "that", "be"]
)
_MIN_COMMON_SHARE = 0.12  # of the commonest English words; prose has 25% and more
_MIN_LINE_PURITY = 0.9  # of a line's weight in one script, to be a line of that language
_MIN_SPLIT_PURITY = 0.93  # the same for the two halves of a bilingual line
_MIN_LETTERS = 120  # with fewer letters, a language is only quoted
_MIN_LANGUAGE_SHARE = 0.15  # of the page's weight, for each language
# A text may outweigh its translation by so much.
_MAX_WEIGHT_RATIO = 3.0
_MAX_LINE_WEIGHT_RATIO = 4.0
_MIN_COVERED_SHARE = 0.7  # of the text, that the layout must explain
_MAX_STRAY_SHARE = 0.08  # of the weight, that may stand in the wrong half: names, quotations


@dataclasses.dataclass(frozen=True, slots=True)
class LanguageText:
    """The lines of one language, as (index of the line, start, end in characters)."""

    script: Script
    pieces: tuple[tuple[int, int, int], ...]


def languages(lines: Sequence[str]) -> tuple[Layout, tuple[LanguageText, ...]]:
    """Return the layout of a text and its languages, the first one first; ("", ()) for a single language."""
    if not any(map(_HAN.search, lines)):
        return "", ()
    weights = [_weights(line) for line in lines]
    english, hanzi = sum(en for en, _ in weights), sum(zh for _, zh in weights)
    total = english + hanzi
    if min(english, hanzi) < max(_MIN_LETTERS, _MIN_LANGUAGE_SHARE * total) or max(
        english, hanzi
    ) > 2 * _MAX_WEIGHT_RATIO * min(english, hanzi):
        return "", ()
    words = [word for line in lines for word in _WORD.findall(line.lower())]
    if sum(word in _COMMON_WORDS for word in words) < _MIN_COMMON_SHARE * len(words):
        return "", ()  # program code or names, but no English text
    for layout, find in (("inline", _inline), ("halves", _halves), ("turns", _turns)):
        if found := find(lines, weights):
            return layout, found  # type: ignore[return-value]
    return "", ()


def split_line(line: str) -> tuple[int, int, Script] | None:
    """Return where the language of a line changes: end of the first, start of the second, script of the
    first.

    None is returned for a line without a clear change.
    """
    letters = [(m.start(), "zh" if ord(m[0]) >= 0x3400 else "en") for m in _LETTER.finditer(line)]
    if not letters:
        return None
    unit = {"en": 1.0, "zh": _LETTERS_PER_HANZI}
    total = {script: sum(unit[s] for _, s in letters if s == script) for script in ("en", "zh")}
    if not total["en"] or not total["zh"]:
        return None
    best: tuple[float, int, Script] = (0.0, 0, "")
    seen = {"en": 0.0, "zh": 0.0}
    for n, (_, script) in enumerate(letters[:-1]):
        seen[script] += unit[script]
        if letters[n + 1][1] == script:
            continue
        for first, second in (("en", "zh"), ("zh", "en")):
            if script == first:
                right = seen[first] + total[second] - seen[second]
                if right > best[0]:
                    best = (right, n, first)  # type: ignore[assignment]
    right, n, first = best
    if not first or right < _MIN_SPLIT_PURITY * sum(total.values()):
        return None
    return (*_gap(line, letters[n][0] + 1, letters[n + 1][0], first), first)


def script_of(line: str) -> Script:
    """Return the script of a line, or "" where it has no letters or mixes both."""
    english, hanzi = _weights(line)
    total = english + hanzi
    if not total:
        return ""
    if english >= _MIN_LINE_PURITY * total:
        return "en"
    # Chinese text names things in Latin letters; English text quotes few hanzi.
    return "zh" if hanzi >= 0.55 * total and hanzi >= 2 * _LETTERS_PER_HANZI else ""


def _weights(line: str) -> tuple[float, float]:
    """Return the weight of the English and of the Chinese in a line, in letters."""
    rest = _LATIN_RUN.sub("", line)
    return float(len(line) - len(rest)), _LETTERS_PER_HANZI * (len(rest) - len(_HAN_RUN.sub("", rest)))


def _gap(line: str, left: int, right: int, first: Script) -> tuple[int, int]:
    """Return the white space between two languages that is nearest to the hanzi.

    Figures and brackets stay with the text that they touch.
    """
    spaces = [m.span() for m in re.finditer(r"\s+", line[left:right])]
    if spaces:
        start, end = spaces[-1] if first == "en" else spaces[0]
        return left + start, left + end
    closers = re.compile(r"[.,;:!?)\]”’。，；：！？）】》\"'\d]*")
    match = closers.match(line, left, right)
    at = match.end() if match else left
    return at, at


def _inline(lines: Sequence[str], weights: Sequence[tuple[float, float]]) -> tuple[LanguageText, ...]:
    """Return the two languages where each line holds a text and its translation, always in the same order."""
    total = sum(en + zh for en, zh in weights)
    splits = [_pair(line, *weight) for line, weight in zip(lines, weights, strict=True)]
    covered = {"en": 0.0, "zh": 0.0, "": 0.0}
    for split, (en, zh) in zip(splits, weights, strict=True):
        if split:
            covered[split[2]] += en + zh
    first: Script = "en" if covered["en"] >= covered["zh"] else "zh"
    if covered[first] < _MIN_COVERED_SHARE * total or sum(bool(s and s[2] == first) for s in splits) < 2:
        return ()
    second: Script = "zh" if first == "en" else "en"
    pieces: dict[Script, list[tuple[int, int, int]]] = {first: [], second: []}
    for i, (line, split) in enumerate(zip(lines, splits, strict=True)):
        if split and split[2] == first:
            pieces[first].append((i, 0, split[0]))
            pieces[second].append((i, split[1], len(line)))
            continue
        own = script_of(line)
        for script in (first, second):
            if own in (script, ""):  # marks of omission and numbers belong to both
                pieces[script].append((i, 0, len(line)))
    return tuple(LanguageText(script, tuple(pieces[script])) for script in (first, second))


def _pair(line: str, english: float, hanzi: float) -> tuple[int, int, Script] | None:
    """Return the split of a line whose languages weigh about the same, unlike a quotation."""
    if not english or not hanzi or max(english, hanzi) > _MAX_LINE_WEIGHT_RATIO * min(english, hanzi):
        return None
    return split_line(line)


def _halves(lines: Sequence[str], weights: Sequence[tuple[float, float]]) -> tuple[LanguageText, ...]:
    """Return the two languages where one whole text follows the other, with few letters on the wrong side."""
    english = list(itertools.accumulate((en for en, _ in weights), initial=0.0))
    hanzi = list(itertools.accumulate((zh for _, zh in weights), initial=0.0))
    best: tuple[float, int, Script] = (float("inf"), 0, "")
    for i in range(1, len(lines)):
        for first, stray in (
            ("en", hanzi[i] + english[-1] - english[i]),
            ("zh", english[i] + hanzi[-1] - hanzi[i]),
        ):
            if stray < best[0]:
                best = (stray, i, first)  # type: ignore[assignment]
    stray, at, first = best
    if not first or stray > _MAX_STRAY_SHARE * (english[-1] + hanzi[-1]):
        return ()
    sides = (english[at], hanzi[-1] - hanzi[at]) if first == "en" else (hanzi[at], english[-1] - english[at])
    if max(sides) > _MAX_WEIGHT_RATIO * min(sides) or not _may_be_translations(lines[:at], lines[at:]):
        return ()
    second: Script = "zh" if first == "en" else "en"
    # A line without letters between the halves (a date, a mark of omission) closes the first one.
    return (
        LanguageText(first, tuple((i, 0, len(lines[i])) for i in range(at))),
        LanguageText(second, tuple((i, 0, len(lines[i])) for i in range(at, len(lines)))),
    )


def _turns(lines: Sequence[str], weights: Sequence[tuple[float, float]]) -> tuple[LanguageText, ...]:
    """Return the two languages where single lines or groups of lines alternate, and both weigh about the
    same.
    """
    scripts = [script_of(line) for line in lines]
    lettered = [script for script in scripts if script]
    changes = sum(a != b for a, b in itertools.pairwise(lettered))
    counts = lettered.count("en"), lettered.count("zh")
    english, hanzi = sum(en for en, _ in weights), sum(zh for _, zh in weights)
    if changes < max(3, 0.3 * len(lettered)) or max(counts) > _MAX_WEIGHT_RATIO * min(counts):
        return ()
    if max(english, hanzi) > _MAX_WEIGHT_RATIO * min(english, hanzi):
        return ()
    first: Script = lettered[0]
    second: Script = "zh" if first == "en" else "en"
    pieces: dict[Script, list[tuple[int, int, int]]] = {first: [], second: []}
    last: Script = first
    for i, (line, script) in enumerate(zip(lines, scripts, strict=True)):
        split = _pair(line, *weights[i]) if not script else None
        if split:
            other: Script = "zh" if split[2] == "en" else "en"
            pieces[split[2]].append((i, 0, split[0]))
            pieces[other].append((i, split[1], len(line)))
            continue
        last = script or last
        pieces[last].append((i, 0, len(line)))
    return tuple(LanguageText(script, tuple(pieces[script])) for script in (first, second))


def _may_be_translations(first: Sequence[str], second: Sequence[str]) -> bool:
    """Return whether two texts may be one text in two languages: they have about as many lines."""
    counts = sorted((sum(map(bool, first)), sum(map(bool, second))))
    return counts[1] <= 3 * counts[0] + 2
