"""An explanation in the terminal: what was kept at the left, what was removed at the right, in page order."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.explain.explanation import Explanation, keep_line, reason, runs, words
from output.base.escaping import escape
from output.base.records import Removal


def print_explanation(told: Explanation) -> None:
    """Print it, as wide as the terminal, or 80 columns wide where there is none."""
    console = Console(highlight=False)
    console.print(Text(escape(told.page), style="bold"), soft_wrap=True)
    for line in told.facts:
        console.print(Text(escape(line)), soft_wrap=True)
    if told.pieces:
        console.print()
        console.print(_sides(told))
    if told.placeless:
        console.print(Text("\nreceipts without a place in the page's text", style="bold"))
        for removal in told.placeless:
            console.print(_receipt(removal, removal.text))
    console.print()
    for line in _advice(told):
        console.print(Text(escape(line)), soft_wrap=True)


def _advice(told: Explanation) -> Iterator[str]:
    """How to bring a removed block back for good."""
    removed = [p for p in told.pieces if p.removal and p.text and p.whole and not told.rejection]
    if removed:
        longest = max(removed, key=lambda piece: len(piece.text))
        yield "To keep a removed line for good, add it to [clean] in the source's declaration, for example"
        yield f"  {keep_line([longest.text])}"
        yield "or a CSS selector: keep = ['.notice']. Then `tamis clean` shows what would change."


def _sides(told: Explanation) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column("at", justify="right", style="dim", no_wrap=True)
    table.add_column("kept", ratio=1, overflow="fold")
    table.add_column("removed", ratio=1, overflow="fold")
    for run in runs(told.pieces):
        first, at = run[0], f"{run[0].offset}"
        if first.removal is None:
            table.add_row(at, Text("\n".join(_seen(words(piece)) for piece in run)), "")
        else:
            receipts = [_receipt(p.removal, words(p), named=p is first) for p in run if p.removal]
            table.add_row(at, "", Text("\n").join(receipts))
    return table


def _receipt(removal: Removal, text: str, *, named: bool = True) -> Text:
    parts: list[str | tuple[str, str]] = []
    if named:
        parts.append((f"{removal.kind}  {escape(removal.rule)}\n", "bold yellow"))
    parts.append((_seen(text), "" if removal.text else "dim"))
    if why := reason(removal):
        parts.append((f"  ← {escape(why)}", "dim"))
    return Text.assemble(*parts)


def _seen(text: str) -> str:
    """Words of a page as a terminal may take them: the tabs of a table's row as blanks."""
    return escape(text.replace("\t", "  "))
