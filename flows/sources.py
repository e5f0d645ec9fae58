"""Where declarations are looked up, and `tamis sources`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from crawlers.source import list_sources

SHIPPED = Path(__file__).parent.parent / "crawlers" / "sources"


def folders(folder: Path | None) -> list[Path]:
    """Where an id is looked up: the user's folder first, then the declarations that Tamis ships."""
    return [*([folder] if folder else []), SHIPPED]


def show_sources(folder: Path | None, *, as_json: bool) -> None:
    """List every declaration. Raises UsageError that names all that is wrong in all of them."""
    rows = [
        {
            "id": source.id,
            "name": source.source.name,
            "language": list(source.source.language),
            "discover": source.crawl.discover,
            "use": source.source.use,
            "cron": source.schedule.cron,
            "home": source.source.home,
        }
        for source in list_sources(folders(folder))
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    elif rows:
        _table(rows)
    else:
        click.echo("no source is declared yet; CONTRIBUTING.md shows how to add one")


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(" ".join(v) if isinstance(v, list) else str(v)) for v in row.values()))
    Console().print(table)
