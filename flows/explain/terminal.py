"""An explanation in the terminal: kept text at the left, removed text at the right, in page order."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.explain.explanation import Explanation, keep_line, reason, runs, words
from output.base.escaping import escape
from output.base.records import Removal


def print_explanation(explanation: Explanation) -> None:
    """Print an explanation as wide as the terminal, or 80 columns wide where there is none."""
    console = Console(highlight=False)
    console.print(Text(escape(explanation.page), style="bold"), soft_wrap=True)
    for line in explanation.facts:
        console.print(Text(escape(line)), soft_wrap=True)
    if explanation.pieces:
        console.print()
        console.print(_table(explanation))
    if explanation.placeless:
        console.print(Text("\nreceipts without a position in the page's text", style="bold"))
        for removal in explanation.placeless:
            console.print(_receipt(removal, removal.text))
    console.print()
    for line in _advice(explanation):
        console.print(Text(escape(line)), soft_wrap=True)


def _advice(explanation: Explanation) -> Iterator[str]:
    """Yield how to keep a removed line, where there is one."""
    removed = [
        p for p in explanation.pieces if p.removal and p.text and p.whole and not explanation.rejection
    ]
    if removed:
        longest = max(removed, key=lambda piece: len(piece.text))
        yield "To always keep a removed line, add it to [clean] in the source's declaration, for example"
        yield f"  {keep_line([longest.text])}"
        yield "or a CSS selector: keep = ['.notice']. Then `tamis clean` shows what would change."


def _table(explanation: Explanation) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column("at", justify="right", style="dim", no_wrap=True)
    table.add_column("kept", ratio=1, overflow="fold")
    table.add_column("removed", ratio=1, overflow="fold")
    for run in runs(explanation.pieces):
        first, at = run[0], f"{run[0].offset}"
        if first.removal is None:
            table.add_row(at, Text("\n".join(_for_terminal(words(piece)) for piece in run)), "")
        else:
            receipts = [_receipt(p.removal, words(p), with_rule=p is first) for p in run if p.removal]
            table.add_row(at, "", Text("\n").join(receipts))
    return table


def _receipt(removal: Removal, text: str, *, with_rule: bool = True) -> Text:
    parts: list[str | tuple[str, str]] = []
    if with_rule:
        parts.append((f"{removal.kind}  {escape(removal.rule)}\n", "bold yellow"))
    parts.append((_for_terminal(text), "" if removal.text else "dim"))
    if why := reason(removal):
        parts.append((f"  ← {escape(why)}", "dim"))
    return Text.assemble(*parts)


def _for_terminal(text: str) -> str:
    """Return words of a page, harmless for a terminal, with spaces for the tabs of a table row."""
    return escape(text.replace("\t", "  "))
