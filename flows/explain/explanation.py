"""A page in pieces: its visible text in order, each piece kept, or removed as a receipt says."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from output.base.records import Removal, sha256_hex
from web.decode import scrub


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one line of the page's visible text: kept, or removed as the receipt says.

    `line` counts the lines from 0, `offset` the characters of the visible text, `length` those of the piece.
    `text` is empty where no words may be shown: readers' comments, and pages of which only metadata is kept.
    `whole` is false where the line has other words too.
    """

    line: int
    offset: int
    length: int
    text: str
    removal: Removal | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class DocumentFacts:
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
    """A page in pieces: its documents, or the reason why there is none, and its text in order.

    `placeless` are receipts without a position in the page's text: a later step wrote them
    (`assemble:permalink`), or the page is read differently today than when it was cleaned.
    """

    page: str
    source_id: str
    run_id: str
    documents: tuple[DocumentFacts, ...]
    rejection: str
    pieces: tuple[Piece, ...]
    placeless: tuple[Removal, ...]

    @property
    def facts(self) -> list[str]:
        """The facts to show before the page's text, a line each."""
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
        """The number of characters kept."""
        return sum(piece.length for piece in self.pieces if piece.removal is None)

    @property
    def removed(self) -> int:
        """The number of characters removed."""
        return sum(piece.length for piece in self.pieces if piece.removal)


def take_apart(
    lines: Sequence[str], removals: Iterable[Removal], *, wordless: bool
) -> tuple[tuple[Piece, ...], tuple[Removal, ...]]:
    """Return the visible text in pieces, and the receipts that have no position in it.

    A receipt whose words are not at its offset gets no position. Where such a receipt has no words, the words
    that it hides may be anywhere in the text: then no words are shown at all, as with `wordless`.
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
    """Return where a receipt's words end in the line; None where they are not there.

    A receipt without words has a hash of them, and reaches to the end of its line.
    """
    end = begin + len(removal.text) if removal.text else len(line)
    words = scrub(line[begin:end])[0]
    is_there = words == removal.text or removal.evidence == f"sha256:{sha256_hex(words.encode())}"
    return end if words and is_there else None


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
    """Yield neighbouring pieces together that were all kept, or all removed as one kind by one rule."""

    def kind_and_rule(piece: Piece) -> tuple[str, str]:
        return (piece.removal.kind, piece.removal.rule) if piece.removal else ("", "")

    for _, run in groupby(pieces, key=kind_and_rule):
        yield list(run)


def words(piece: Piece) -> str:
    """Return the words of a piece, or their number of characters where they may not be shown."""
    return piece.text or f"({piece.length:,} characters, no words kept)"


def reason(removal: Removal) -> str:
    """Return the evidence of a receipt where it differs from its text; of a hash, the first digits."""
    if removal.evidence.startswith("sha256:"):
        return f"{removal.evidence[:19]}…"
    return "" if removal.evidence == removal.text else removal.evidence


def keep_line(texts: Iterable[str]) -> str:
    """Return the line for a source's `[clean]` section that always keeps these lines of text."""
    quoted = (_toml(f'"{text}"') for text in texts)
    return f"keep = [{', '.join(quoted)}]"


def _toml(text: str) -> str:
    """Return a TOML string: a literal one where possible, because lines in quotes are easier to read so."""
    return json.dumps(text, ensure_ascii=False) if "'" in text or not text.isprintable() else f"'{text}'"
