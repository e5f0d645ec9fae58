"""A text and its translation side by side: article by article, then paragraph by paragraph.

Articles match by number and order, whatever style of marker the translator chose. Paragraphs match by length
(Gale and Church, Computational Linguistics 19, 1993), markers and figures. What has no counterpart is
reported as one-sided.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cleaning.assembly.figures import figures, slips
from cleaning.law.articles import marker
from cleaning.law.tree import own_marker
from cleaning.text.lines import word_key
from output.base.records import Article, Document
from output.base.relations import Pair, PairStatus, Relation, RelationKind


class _Line(NamedTuple):
    offset: int
    text: str


class _Unit(NamedTuple):
    """An article or section with its lines; its level is "" for the lines outside of all."""

    key: tuple[str, int, int]
    label: str
    lines: tuple[_Line, ...]


# Prior probabilities of Gale and Church's six matches, by the number of paragraphs on each side.
_PRIOR: Final = {(1, 1): 0.89, (1, 0): 0.004, (0, 1): 0.004, (2, 1): 0.03, (1, 2): 0.03, (2, 2): 0.01}
# The most that unlike lengths cost: two paragraphs that are alone between others belong together, however
# freely one translates the other.
_MAX_LENGTH_COST = 10.0
_LENGTH_VARIANCE = 6.8  # of the length of a translation, for a character of the original
_SHARED_FIGURE_GAIN = 2.0
_OTHER_FIGURES_COST = 3.0  # where each side has a figure of its own
_OTHER_MARKER_COST = 8.0
_BAND_PARAGRAPHS = 24  # by which one text may run ahead of the other within a unit
_LETTERS_PER_HANZI = 3.3  # of English, where a text is too short to tell
_TOP_LEVELS: Final = ("article", "section")
_OUTER_LEVELS: Final = frozenset({"part", "subpart", "chapter", "section"})


def align(source: Document, translation: Document) -> list[Pair]:
    """Return the pairs of an original and its translation, in the original's order."""
    ratio = _ratio(source.text, translation.text)
    pairs: list[Pair] = []
    for a, b in _match_units(_units(source), _units(translation)):
        pairs += _unit_pairs(source, translation, a, b, ratio)
    return pairs


def pairs_of(documents: Sequence[Document]) -> list[Pair]:
    """Return the pairs of all documents whose original is among them."""
    by_id = {document.id: document for document in documents}
    return [
        pair
        for document in documents
        if document.translation_of in by_id
        for pair in align(by_id[document.translation_of or ""], document)
    ]


def translations(pairs: Iterable[Pair]) -> list[Relation]:
    """Return the relation of each original to its translation.

    Its score is the share of the pairs that have two sides.
    """
    sides: dict[tuple[str, str], list[bool]] = {}
    runs: dict[tuple[str, str], str] = {}
    for pair in pairs:
        sides.setdefault((pair.a, pair.b), []).append(pair.status is not PairStatus.ONE_SIDED)
        runs[pair.a, pair.b] = pair.run_id
    return [
        Relation(a, b, RelationKind.TRANSLATION, round(sum(both) / len(both), 4), "aligned", runs[a, b])
        for (a, b), both in sides.items()
    ]


def _unit_pairs(
    source: Document, translation: Document, a: _Unit | None, b: _Unit | None, ratio: float
) -> list[Pair]:
    """Return the pair of two units and the pairs of their paragraphs."""
    level = (a or b).key[0]  # type: ignore[union-attr]
    label = (a or b).label  # type: ignore[union-attr]
    beads = _beads(a.lines if a else (), b.lines if b else (), ratio)
    inner = [
        _pair(source, translation, "paragraph", label, position, left, right)
        for position, (left, right) in enumerate(beads, 1)
    ]
    if not level:
        return inner
    whole = _pair(source, translation, level, label, 0, a.lines if a else (), b.lines if b else ())
    if (
        whole.status is PairStatus.ALIGNED
        and a
        and b
        and any(len(left) != 1 or len(right) != 1 for left, right in beads)
    ):
        note = f"{len(a.lines)} paragraphs | {len(b.lines)}"
        whole = dataclasses.replace(whole, status=PairStatus.COUNT_MISMATCH, note=note)
    return [whole, *inner]


def _pair(
    source: Document,
    translation: Document,
    level: str,
    label: str,
    position: int,
    left: Sequence[_Line],
    right: Sequence[_Line],
) -> Pair:
    text, other = "\n".join(line.text for line in left), "\n".join(line.text for line in right)
    status, note = PairStatus.ALIGNED, ""
    if not left or not right:
        status = PairStatus.ONE_SIDED
    elif found := slips(text, other):
        status, note = PairStatus.NUMBER_MISMATCH, found
    elif position and len(left) != len(right):
        status, note = PairStatus.COUNT_MISMATCH, f"{len(left)} paragraphs | {len(right)}"
    return Pair(
        source.id,
        translation.id,
        level,
        label,
        position,
        status,
        left[0].offset if left else -1,
        len(text),
        right[0].offset if right else -1,
        len(other),
        text,
        other,
        note,
        translation.run_id,
    )


def _units(document: Document) -> list[_Unit]:
    """Return a document's lines by article, or by section where it has no articles."""
    lines = _lines(document)
    level = next((top for top in _TOP_LEVELS if any(unit.level == top for unit in document.articles)), "")
    edges = _edges(document, level)
    text_end = len(document.text) + 1
    first = edges[0][0] if edges else text_end
    head = tuple(line for line in lines if line.offset < first)
    units = [_Unit(("", 0, 0), "", head)] if head else []
    for (start, unit), after in itertools.zip_longest(edges, edges[1:]):
        end = after[0] if after else text_end
        units.append(_Unit(_key(unit, level), unit.number if unit else "", _between(lines, start, end)))
    return units


def _lines(document: Document) -> list[_Line]:
    """Return the lines that can have a counterpart: neither the title nor a mark of omission."""
    texts = document.text.split("\n")
    starts = itertools.accumulate((len(text) + 1 for text in texts), initial=0)
    without_counterpart = ("", word_key(document.title))
    return [
        _Line(start, text)
        for start, text in zip(starts, texts, strict=False)
        if text.strip() and word_key(text) not in without_counterpart
    ]


def _edges(document: Document, level: str) -> list[tuple[int, Article | None]]:
    """Return the offsets of articles or sections, and of the parts and chapters between them (None)."""
    outer = _OUTER_LEVELS if level == "article" else _OUTER_LEVELS - {"section"}
    edges: list[tuple[int, Article | None]] = [
        (unit.offset, unit) for unit in document.articles if unit.level == level
    ]
    edges += [(unit.offset, None) for unit in document.articles if unit.level in outer]
    return sorted(edges, key=lambda edge: edge[0])


def _between(lines: Sequence[_Line], start: int, end: int) -> tuple[_Line, ...]:
    """Return the lines, or the parts of lines, between two offsets."""
    return tuple(
        _cut(line, start, end) for line in lines if line.offset < end and line.offset + len(line.text) > start
    )


def _cut(line: _Line, start: int, end: int) -> _Line:
    """Return the part of a line between two offsets: an article may start inside a line."""
    a, b = max(line.offset, start), min(line.offset + len(line.text), end)
    return _Line(a, line.text[a - line.offset : b - line.offset].rstrip())


def _key(unit: Article | None, level: str) -> tuple[str, int, int]:
    if unit is None:
        return "", 0, 0
    found = marker(unit.number + " ") if level == "article" else None
    if found:
        return level, found.number, found.sub
    number = own_marker(unit.number)
    return level, number, 0


def _match_units(
    source: Sequence[_Unit], translation: Sequence[_Unit]
) -> list[tuple[_Unit | None, _Unit | None]]:
    """Match units with the same number, in order (longest common subsequence of their keys)."""
    keys, others = [unit.key for unit in source], [unit.key for unit in translation]
    if keys == others:
        return list(zip(source, translation, strict=True))
    table = [[0] * (len(others) + 1) for _ in range(len(keys) + 1)]
    for i, j in itertools.product(reversed(range(len(keys))), reversed(range(len(others)))):
        same = keys[i] == others[j]
        table[i][j] = table[i + 1][j + 1] + 1 if same else max(table[i + 1][j], table[i][j + 1])
    matched: list[tuple[_Unit | None, _Unit | None]] = []
    i = j = 0
    while i < len(keys) or j < len(others):
        if i < len(keys) and j < len(others) and keys[i] == others[j]:
            matched.append((source[i], translation[j]))
            i, j = i + 1, j + 1
        elif j == len(others) or (i < len(keys) and table[i + 1][j] >= table[i][j + 1]):
            matched.append((source[i], None))
            i += 1
        else:
            matched.append((None, translation[j]))
            j += 1
    return matched


_Bead = tuple[tuple[_Line, ...], tuple[_Line, ...]]


def _beads(a: Sequence[_Line], b: Sequence[_Line], ratio: float) -> list[_Bead]:
    """Group the paragraphs of two units that say the same: the cheapest path through both.

    The path keeps within `_BAND_PARAGRAPHS` of the straight line, so that its cost does not grow with the
    square.
    """
    if len(a) == len(b) == 1:
        return [(tuple(a), tuple(b))]
    traits, others = [_traits(line) for line in a], [_traits(line) for line in b]
    slope = len(b) / max(1, len(a))
    cost: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    for i in range(len(a) + 1):
        middle = round(i * slope)
        first, last = (max(0, middle - _BAND_PARAGRAPHS), middle + _BAND_PARAGRAPHS) if a else (0, len(b))
        for j in range(first, min(len(b), last) + 1):
            for (m, n), prior in _PRIOR.items():
                before = cost.get((i - m, j - n))
                if before is None:
                    continue
                total = before[0] - math.log(prior) + _distance(traits[i - m : i], others[j - n : j], ratio)
                if (i, j) not in cost or total < cost[i, j][0]:
                    cost[i, j] = total, (m, n)
    beads: list[_Bead] = []
    i, j = len(a), len(b)
    while i or j:
        m, n = cost[i, j][1]
        beads.append((tuple(a[i - m : i]), tuple(b[j - n : j])))
        i, j = i - m, j - n
    return beads[::-1]


class _Traits(NamedTuple):
    """What is compared of a paragraph: its length, its marker's number, its figures."""

    length: int
    marker: int
    figures: frozenset[str]


def _traits(line: _Line) -> _Traits:
    return _Traits(len(line.text), own_marker(line.text), figures(line.text))


def _distance(a: Sequence[_Traits], b: Sequence[_Traits], ratio: float) -> float:
    """Return how unlikely it is that two groups say the same, by their lengths, markers and figures."""
    if not a or not b:
        return 0.0
    length, other_length = (sum(one.length for one in side) + len(side) - 1 for side in (a, b))
    spread = (other_length - length * ratio) / math.sqrt(max(1.0, length * _LENGTH_VARIANCE * ratio))
    total = min(_MAX_LENGTH_COST, -math.log(max(math.erfc(abs(spread) / math.sqrt(2)), 1e-12)))
    if a[0].marker != b[0].marker:
        total += _OTHER_MARKER_COST
    named, others = (frozenset().union(*(one.figures for one in side)) for side in (a, b))
    total -= _SHARED_FIGURE_GAIN * min(2, len(named & others))
    if named - others and others - named:
        total += _OTHER_FIGURES_COST
    return total


def _ratio(source: str, translation: str) -> float:
    """Return the characters of the translation for one of the original."""
    if min(len(source), len(translation)) < 100:
        return _LETTERS_PER_HANZI if not source.isascii() else 1 / _LETTERS_PER_HANZI
    return len(translation) / len(source)
