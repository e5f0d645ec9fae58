"""The commands that work on files, without a data folder: `tamis extract` and `dedupe`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from flows.cli.options import FILE
from output.base.escaping import shown
from output.base.wording import counted


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--output", required=True, type=FILE, help="Write the documents here, one JSON line each.")
@click.option("--removals", type=FILE, help="Write the removed blocks here, one JSON line each.")
def extract(paths: tuple[Path, ...], output: Path, removals: Path | None) -> None:
    """Extract the documents of saved pages.

    A PATH is a file (.html, .htm, .xhtml, .txt, .pdf), a WARC file, a folder, or JSON Lines (.jsonl, .ndjson,
    also compressed). A JSON line has `html` or `html_base64`, and may have `id`, `url` and `site`.
    """
    # The products of one page are small: a second thread, woken for them, spins. Read when numpy is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from flows.extract.extract import extract as extract_pages
    from flows.workspace.progress import step

    with step("extracting") as progress:
        tally = extract_pages(paths, output, removals, progress)
    for line in tally.lines(output):
        click.echo(shown(line), err=True)
    sys.exit(1 if tally.unreadable else 0)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=FILE, help="Write the relations here, one JSON line each.")
@click.pass_obj
def dedupe(data: Path, file: Path, output: Path) -> None:
    """Find duplicates, versions and parts.

    They are searched among the documents of FILE, which is JSON Lines. A line has `id` and `text`, and may
    have `language`, `title` and dates.
    """
    from flows.commands.dedupe import dedupe_file
    from output.stores import stores

    counts = dedupe_file(file, output, stores(data).survivor)
    documents = counted(counts.pop("documents"), "document")
    kinds = ", ".join(f"{n:,} {name}" for name, n in counts.items()) or "0 relations"
    click.echo(f"{documents}, {kinds} in {output}", err=True)
