"""The commands `tamis sources`, `tamis sources check` and `tamis sources accept`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flows.cli.extras import needs


@click.group(invoke_without_command=True)
@click.option(
    "--sources",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of declarations to list beside those that Tamis ships.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.pass_context
@needs("crawl")
def sources(ctx: click.Context, folder: Path | None, as_json: bool) -> None:
    """List the declared sources, and say what is wrong with a declaration."""
    from flows.workspace.sources import show_sources

    if ctx.invoked_subcommand is None:
        show_sources(folder, as_json=as_json)
    elif folder or as_json:
        raise click.UsageError(f"options stand behind {ctx.invoked_subcommand}")


@sources.command(name="check")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[DIR|FILE]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
def check_sources(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check declarations: keys, patterns, selectors, schedules, settings that contradict each other.

    Without a DIR or FILE, those that Tamis ships. Exit code 2 where anything is wrong.
    """
    from flows.commands.sources_check import show_check

    sys.exit(show_check(paths, as_json=as_json))


@sources.command(name="accept")
@click.argument("source", metavar="ID")
@click.argument("url")
@click.option(
    "--sources",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of declarations to look the id up in, before those that Tamis ships.",
)
@click.pass_context
def accept_page(ctx: click.Context, source: str, url: str, folder: Path | None) -> None:
    """Freeze a page that was crawled, with what cleaning makes of it: a test of the source from then on.

    A page that is frozen already is cleaned again as it is; remove its folder to take it anew.
    """
    from flows.commands.accept import accept

    accept(ctx.find_root().obj, source, url, folder)
