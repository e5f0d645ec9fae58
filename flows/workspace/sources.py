"""The folders of declarations, and `tamis sources`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from crawlers.declaration.loading import list_sources

SHIPPED = Path(__file__).parents[2] / "crawlers" / "sources"


def folders(folder: Path | None) -> list[Path]:
    """Return the folders in which an id is looked up: the user's first, then the one shipped with Tamis."""
    return [*([folder] if folder else []), SHIPPED]


def declared(folder: Path | None) -> set[str]:
    """Return the ids in the file names of these folders, whether the files can be read or not."""
    return {file.stem for one in folders(folder) for file in one.glob("*.toml")}


def show_sources(folder: Path | None, *, as_json: bool) -> None:
    """Print every declared source. Raises UsageError that names all mistakes in all declarations."""
    rows = [
        {
            "id": source.id,
            "name": source.about.name,
            "language": list(source.about.language),
            "discover": source.crawl.discover,
            "use": source.about.use,
            "cron": source.schedule.cron,
            "home": source.about.home,
        }
        for source in list_sources(folders(folder))
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    elif rows:
        _table(rows)
    else:
        click.echo("no source is declared yet; `tamis probe URL` drafts a declaration")


def _table(rows: list[dict[str, Any]]) -> None:
    """Print one line per source, or two where that is too wide: its settings, then its name and home."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    cells = [{k: " ".join(v) if isinstance(v, list) else str(v) for k, v in row.items()} for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in cells[0]:
        table.add_column(name, no_wrap=True)
    for row in cells:
        table.add_row(*map(Text, row.values()))
    if console.measure(table, options=console.options.update(width=10_000)).maximum <= console.width:
        console.print(table)
        return
    plain = [name for name in cells[0] if name not in ("name", "home")]
    widths = {name: max(len(row[name]) for row in (*cells, {n: n for n in plain})) for name in plain}
    console.print(Text("  ".join(name.ljust(widths[name]) for name in plain).rstrip(), style="bold"))
    for row in cells:
        console.print(Text("  ".join(row[name].ljust(widths[name]) for name in plain).rstrip()))
        console.print(Padding(Text(f"{row['name']}  {row['home']}", style="dim"), (0, 0, 0, 2)))
