"""Table columns: where the cells of a row stand when some span several columns or rows (HTML, 4.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

Span: TypeAlias = tuple[int, int]  # columns, rows

_SINGLE_CELL: Final[Span] = (1, 1)
_MAX_COLUMNS: Final = 100  # browsers go to 1,000; no table that people read is so wide
_MAX_ROWS: Final = 65_534  # as browsers


def span_of(attributes: Mapping[str, str | None]) -> Span:
    """Return how many columns and rows a cell spans."""
    if "colspan" in attributes or "rowspan" in attributes:
        return _count(attributes.get("colspan"), _MAX_COLUMNS), _count(attributes.get("rowspan"), _MAX_ROWS)
    return _SINGLE_CELL


class Grid:
    """A group of rows: the columns still taken by cells of the rows above, and for how many more rows."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[int, int] = {}

    def columns(self, spans: Sequence[Span]) -> Sequence[int]:
        """Return the first column of each cell of the next row, from the cells' `spans`."""
        if not self.held and all(span == _SINGLE_CELL for span in spans):
            return range(len(spans))
        found: list[int] = []
        at, below = 0, {column: rows - 1 for column, rows in self.held.items() if rows > 1}
        for across, down in spans:
            while at in self.held:
                at += 1
            found.append(at)
            if down > 1:
                below |= dict.fromkeys(range(at, at + across), down - 1)
            at += across
        self.held = below
        return found


def _count(written: str | None, most: int) -> int:
    return min(most, int(written)) or 1 if written and written.isdecimal() and len(written) < 9 else 1
