"""A text and its translation, laid side by side: article by article, then paragraph by paragraph.

Articles go together by number and order, whatever style of marker the translator chose. Paragraphs go
together by length (Gale and Church, Computational Linguistics 19, 1993), markers and figures. What has no
counterpart is said, not hidden.
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
    """An article or section, or what stands outside of all ("" for its level): its lines."""

    key: tuple[str, int, int]
    label: str
    lines: tuple[_Line, ...]


# Prior probabilities of Gale and Church's six matches, and the most that unlike lengths may cost: two
# paragraphs that stand alone on either side of a place belong together, however freely one renders the other.
_PRIOR: Final = {(1, 1): 0.89, (1, 0): 0.004, (0, 1): 0.004, (2, 1): 0.03, (1, 2): 0.03, (2, 2): 0.01}
_FAR = 10.0
_VARIANCE = 6.8  # of the length of a translation, a character of the original
_SAME_FIGURES, _OTHER_FIGURES = (
    2.0,
    3.0,
)  # what a shared figure is worth, and what it costs when each has one of its own
_OTHER_MARKER = 8.0
_BAND = 24  # paragraphs by which one text may run ahead of the other within a unit
_HANZI = 3.3  # letters of English for a hanzi, where a text is too short to tell
_TOPS: Final = ("article", "section")


def align(source: Document, translation: Document) -> list[Pair]:
    """The pairs of an original and its translation, in the original's order."""
    theirs, ours = _units(source), _units(translation)
    ratio = _ratio(source.text, translation.text)
    pairs: list[Pair] = []
    for a, b in _matched(theirs, ours):
        pairs += _unit_pairs(source, translation, a, b, ratio)
    return pairs


def pairs_of(documents: Sequence[Document]) -> list[Pair]:
    """The pairs of all documents whose original stands among them."""
    by_id = {document.id: document for document in documents}
    return [
        pair
        for document in documents
        if document.translation_of in by_id
        for pair in align(by_id[document.translation_of or ""], document)
    ]


def translations(pairs: Iterable[Pair]) -> list[Relation]:
    """The relation of each original to its translation; the score is the share of pairs with two sides."""
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
    """The pair of two units and those of their paragraphs."""
    level = (a or b).key[0]  # type: ignore[union-attr]
    label = (a or b).label  # type: ignore[union-attr]
    beads = _beads(a.lines if a else (), b.lines if b else (), ratio)
    inner = [
        _pair(source, translation, "paragraph", label, place, left, right)
        for place, (left, right) in enumerate(beads, 1)
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
    place: int,
    left: Sequence[_Line],
    right: Sequence[_Line],
) -> Pair:
    text, other = "\n".join(line.text for line in left), "\n".join(line.text for line in right)
    status, note = PairStatus.ALIGNED, ""
    if not left or not right:
        status = PairStatus.ONE_SIDED
    elif found := slips(text, other):
        status, note = PairStatus.NUMBER_MISMATCH, found
    elif place and len(left) != len(right):
        status, note = PairStatus.COUNT_MISMATCH, f"{len(left)} paragraphs | {len(right)}"
    return Pair(
        source.id,
        translation.id,
        level,
        label,
        place,
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
    """A document's lines by article, or by section where it has no articles."""
    starts = itertools.accumulate((len(line) + 1 for line in document.text.split("\n")), initial=0)
    lines = [
        _Line(at, text) for at, text in zip(starts, document.text.split("\n"), strict=False) if text.strip()
    ]
    # Neither a title nor a mark of omission has a counterpart to be missed.
    lines = [line for line in lines if word_key(line.text) not in ("", word_key(document.title))]
    level = next((top for top in _TOPS if any(unit.level == top for unit in document.articles)), "")
    tops = [unit for unit in document.articles if unit.level == level]
    breaks = [unit.offset for unit in document.articles if unit.level in ("part", "subpart", "chapter")]
    breaks += [unit.offset for unit in document.articles if unit.level == "section" and level == "article"]
    units: list[_Unit] = []
    edges = sorted(
        [(unit.offset, unit) for unit in tops] + [(offset, None) for offset in breaks], key=lambda e: e[0]
    )
    first = edges[0][0] if edges else len(document.text) + 1
    head = tuple(line for line in lines if line.offset < first)
    if head:
        units.append(_Unit(("", 0, 0), "", head))
    for (offset, unit), after in itertools.zip_longest(edges, edges[1:]):
        end = after[0] if after else len(document.text) + 1
        own = tuple(
            _cut(line, offset, end)
            for line in lines
            if line.offset < end and line.offset + len(line.text) > offset
        )
        units.append(_Unit(_key(unit, level), unit.number if unit else "", own))
    return units


def _cut(line: _Line, start: int, end: int) -> _Line:
    """The part of a line that lies between two offsets: an article may start inside a line."""
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


def _matched(theirs: Sequence[_Unit], ours: Sequence[_Unit]) -> list[tuple[_Unit | None, _Unit | None]]:
    """Units with the same number go together, in order (longest common subsequence of their keys)."""
    keys, others = [unit.key for unit in theirs], [unit.key for unit in ours]
    if keys == others:
        return list(zip(theirs, ours, strict=True))
    table = [[0] * (len(others) + 1) for _ in range(len(keys) + 1)]
    for i, j in itertools.product(reversed(range(len(keys))), reversed(range(len(others)))):
        same = keys[i] == others[j]
        table[i][j] = table[i + 1][j + 1] + 1 if same else max(table[i + 1][j], table[i][j + 1])
    matched: list[tuple[_Unit | None, _Unit | None]] = []
    i = j = 0
    while i < len(keys) or j < len(others):
        if i < len(keys) and j < len(others) and keys[i] == others[j]:
            matched.append((theirs[i], ours[j]))
            i, j = i + 1, j + 1
        elif j == len(others) or (i < len(keys) and table[i + 1][j] >= table[i][j + 1]):
            matched.append((theirs[i], None))
            i += 1
        else:
            matched.append((None, ours[j]))
            j += 1
    return matched


_Bead = tuple[tuple[_Line, ...], tuple[_Line, ...]]


def _beads(a: Sequence[_Line], b: Sequence[_Line], ratio: float) -> list[_Bead]:
    """The paragraphs of two units in groups that say the same: the cheapest way through both.

    It keeps within _BAND paragraphs of the straight line, so that its cost does not grow with the square.
    """
    if len(a) == len(b) == 1:
        return [(tuple(a), tuple(b))]
    told, others = [_told(line) for line in a], [_told(line) for line in b]
    slope = len(b) / max(1, len(a))
    cost: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    for i in range(len(a) + 1):
        middle = round(i * slope)
        first, last = (max(0, middle - _BAND), middle + _BAND) if a else (0, len(b))
        for j in range(first, min(len(b), last) + 1):
            for (m, n), prior in _PRIOR.items():
                before = cost.get((i - m, j - n))
                if before is None:
                    continue
                total = before[0] - math.log(prior) + _distance(told[i - m : i], others[j - n : j], ratio)
                if (i, j) not in cost or total < cost[i, j][0]:
                    cost[i, j] = total, (m, n)
    beads: list[_Bead] = []
    i, j = len(a), len(b)
    while i or j:
        m, n = cost[i, j][1]
        beads.append((tuple(a[i - m : i]), tuple(b[j - n : j])))
        i, j = i - m, j - n
    return beads[::-1]


class _Told(NamedTuple):
    """What a paragraph tells of its counterpart: its length, its marker's number, its figures."""

    length: int
    marker: int
    figures: frozenset[str]


def _told(line: _Line) -> _Told:
    return _Told(len(line.text), own_marker(line.text), figures(line.text))


def _distance(a: Sequence[_Told], b: Sequence[_Told], ratio: float) -> float:
    """How unlikely it is that these say the same: by their lengths, their markers, their figures."""
    if not a or not b:
        return 0.0
    length, theirs = (sum(told.length for told in side) + len(side) - 1 for side in (a, b))
    spread = (theirs - length * ratio) / math.sqrt(max(1.0, length * _VARIANCE * ratio))
    total = min(_FAR, -math.log(max(math.erfc(abs(spread) / math.sqrt(2)), 1e-12)))
    if a[0].marker != b[0].marker:
        total += _OTHER_MARKER
    named, others = (frozenset().union(*(told.figures for told in side)) for side in (a, b))
    total -= _SAME_FIGURES * min(2, len(named & others))
    if named - others and others - named:
        total += _OTHER_FIGURES
    return total


def _ratio(source: str, translation: str) -> float:
    """Characters of the translation for one of the original."""
    if min(len(source), len(translation)) < 100:
        return _HANZI if not source.isascii() else 1 / _HANZI
    return len(translation) / len(source)
