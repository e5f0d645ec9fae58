"""A page taken apart: its visible text in order, each piece kept or removed, and by which receipt."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from cleaning.page.decode import scrub
from output.base.records import Removal, sha256_hex


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the page's visible text, within one line: kept, or removed as the receipt says.

    `offset` counts in characters of the visible text, `line` numbers its lines from 0. `text` is empty where
    no words are to be shown: readers' comments, and pages of which only metadata is kept; `length` counts
    their characters. `whole` is false for one beside which the line says more.
    """

    line: int
    offset: int
    length: int
    text: str
    removal: Removal | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one document of the page."""

    id: str
    title: str
    language: str
    access: str
    evidence: tuple[str, ...]
    characters: int
    profile_fit: float | None
    versions: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A page, taken apart: its documents or the reason why there is none, and its text in order.

    `placeless` are receipts that have no place in the page's text, because a later step wrote them
    (`assemble:permalink`) or because the page is read otherwise today than when it was cleaned.
    """

    page: str
    source_id: str
    run_id: str
    documents: tuple[Told, ...]
    rejection: str
    pieces: tuple[Piece, ...]
    placeless: tuple[Removal, ...]

    @property
    def facts(self) -> list[str]:
        """What is to be said of the page before its text, a line each."""
        lines = []
        for one in self.documents:
            fit = "" if one.profile_fit is None else f", fits its site profile by {one.profile_fit:.2f}"
            lines += [
                f"{one.id}  {one.title}",
                f"  {one.language}, {one.access}, {one.characters:,} characters{fit}",
                *(f"  {one.access}, because of {evidence}" for evidence in one.evidence),
                *([f"  warnings: {', '.join(one.warnings)}"] if one.warnings else []),
                f"  cleaned by {', '.join(one.versions)}",
            ]
        if self.rejection:
            lines.append(f"no document: {self.rejection}")
        if not self.pieces:
            return [*lines, "the page has no visible text, or its body is not in the archive"]
        return [*lines, f"{self.kept:,} characters kept, {self.removed:,} removed"]

    @property
    def kept(self) -> int:
        """Characters kept."""
        return sum(piece.length for piece in self.pieces if piece.removal is None)

    @property
    def removed(self) -> int:
        """Characters removed."""
        return sum(piece.length for piece in self.pieces if piece.removal)


def take_apart(
    lines: Sequence[str], removals: Iterable[Removal], *, wordless: bool
) -> tuple[tuple[Piece, ...], tuple[Removal, ...]]:
    """The visible text in pieces, and the receipts that have no place in it.

    A receipt whose words are not at its offset is not forced to a place. Where it is one without words, what
    it hides may stand anywhere: then no words are shown of what was kept either.
    """
    starts = [0, *accumulate(len(line) + 1 for line in lines)][: len(lines)]
    cuts: dict[int, list[tuple[int, int, Removal]]] = {}
    placeless = []
    for removal in sorted(removals, key=lambda one: one.offset):
        line = bisect_right(starts, removal.offset) - 1
        begin = removal.offset - starts[line] if line >= 0 else 0
        end = _end(lines[line], begin, removal) if line >= 0 else None
        before = cuts.setdefault(line, [])
        if end is None or (before and before[-1][1] > begin):
            placeless.append(removal)
        else:
            before.append((begin, end, removal))
    wordless = wordless or not all(removal.text for removal in placeless)
    pieces = [
        piece
        for number, line in enumerate(lines)
        for piece in _pieces(number, starts[number], line, cuts.get(number, ()), wordless=wordless)
    ]
    return tuple(pieces), tuple(placeless)


def _end(line: str, begin: int, removal: Removal) -> int | None:
    """Where a receipt's words end in the line; None where they do not stand there.

    A receipt without words has a hash of them, and goes to the end of its line.
    """
    end = begin + len(removal.text) if removal.text else len(line)
    words = scrub(line[begin:end])[0]
    there = words == removal.text or removal.evidence == f"sha256:{sha256_hex(words.encode())}"
    return end if words and there else None


def _pieces(
    number: int, start: int, line: str, cuts: Iterable[tuple[int, int, Removal]], *, wordless: bool
) -> Iterator[Piece]:
    at = 0
    for begin, end, removal in cuts:
        if line[at:begin].strip():
            yield Piece(number, start + at, begin - at, "" if wordless else line[at:begin])
        whole = not (line[:begin].strip() or line[end:].strip())
        yield Piece(number, start + begin, end - begin, removal.text, removal, whole)
        at = end
    if line[at:].strip():
        yield Piece(number, start + at, len(line) - at, "" if wordless else line[at:])


def runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces that follow each other with one fate: kept, or removed as one kind by one rule."""

    def fate(piece: Piece) -> tuple[str, str]:
        return (piece.removal.kind, piece.removal.rule) if piece.removal else ("", "")

    for _, run in groupby(pieces, key=fate):
        yield list(run)


def words(piece: Piece) -> str:
    """The words of a piece, or how many characters they have where they are not to be shown."""
    return piece.text or f"({piece.length:,} characters, no words kept)"


def reason(removal: Removal) -> str:
    """The evidence of a receipt, where it says more than its text does; of a hash, what tells it apart."""
    if removal.evidence.startswith("sha256:"):
        return f"{removal.evidence[:19]}…"
    return "" if removal.evidence == removal.text else removal.evidence


def keep_line(texts: Iterable[str]) -> str:
    """The line for a source's `[clean]` section that keeps these lines of text for good."""
    pins = (_toml(f'"{text}"') for text in texts)
    return f"keep = [{', '.join(pins)}]"


def _toml(text: str) -> str:
    """A string as TOML writes it: as it stands where it can, which lines in quotes are easier to read by."""
    return json.dumps(text, ensure_ascii=False) if "'" in text or not text.isprintable() else f"'{text}'"
