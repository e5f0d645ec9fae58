"""The commands `tamis sources`, `tamis sources check` and `tamis sources accept`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flows.cli.extras import needs
from flows.cli.options import as_json, sources_folder


@click.group(invoke_without_command=True)
@sources_folder("A folder of declarations, listed beside those shipped with Tamis.")
@as_json()
@click.pass_context
@needs("crawl")
def sources(ctx: click.Context, folder: Path | None, as_json: bool) -> None:
    """List or check the declared sources."""
    from flows.workspace.sources import show_sources

    if ctx.invoked_subcommand is None:
        show_sources(folder, as_json=as_json)
    elif folder or as_json:
        raise click.UsageError(f"put the options after {ctx.invoked_subcommand}")


@sources.command(name="check")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[DIR|FILE]...")
@as_json("Print one JSON list on standard output.")
def check_sources(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check declarations for mistakes.

    Keys, patterns, selectors and schedules are checked, and settings that contradict each other. Without a
    DIR or FILE, those shipped with Tamis are checked. Exit code 2 where anything is wrong.
    """
    from flows.commands.sources_check import show_check

    sys.exit(show_check(paths, as_json=as_json))


@sources.command(name="accept")
@click.argument("source", metavar="ID")
@click.argument("url")
@sources_folder("A folder of declarations, where the id is looked up before those shipped with Tamis.")
@click.pass_context
def accept_page(ctx: click.Context, source: str, url: str, folder: Path | None) -> None:
    """Accept what cleaning makes of a page.

    The page becomes a golden page: tests compare what cleaning makes of it later with what it makes today.
    The first time, the page itself is copied beside the declaration. After that the copy is cleaned again;
    remove its folder to copy the page again.
    """
    from flows.commands.accept import accept

    accept(ctx.find_root().obj, source, url, folder)
