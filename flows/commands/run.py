"""`tamis run`: run sources, one after the other, and show the result of each."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from crawlers.declaration.loading import Source, find_source
from flows.ingest.run import Result, ingest
from flows.reports.report import print_report, summary_line
from flows.workspace.each import for_each
from flows.workspace.sources import folders
from output.base.extras import require
from output.base.serialize import as_dict

Ingest = Callable[..., Result]


def run_sources(
    names: Sequence[str],
    data: Path,
    *,
    folder: Path | None = None,
    limit: int | None = None,
    since: str | None = None,
    accept: str | None = None,
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """Run each source, and return the highest exit code: 3 held back, 2 busy, 1 something failed, 0 done.

    Every name is looked up before the first run starts, so that a mistake in the last one costs nothing.
    Raises UsageError for an unknown source, StorageError where storage is damaged or counts differ.
    """
    sources = [find_source(name, folders(folder)) for name in names]
    with _data_folder(data, dry_run) as folder_of_run:

        def run(source: Source) -> int:
            result = _ingest_function()(source, folder_of_run, limit=limit, since=since, accept=accept)
            _show(result, as_json=as_json, dry_run=dry_run)
            return int(any(name.startswith("failed") for name, _ in result.report.outcomes))

        return for_each(sources, run)


def _ingest_function() -> Ingest:
    """Return `ingest`, as a Prefect flow where the environment names a server; else load no Prefect."""
    if os.environ.get("PREFECT_API_URL"):
        require("tamis run with PREFECT_API_URL set", "schedule")
        from flows.commands.serve import set_environment

        set_environment()  # before Prefect is imported
        from flows.schedule.schedule import ingest_as_flow

        return ingest_as_flow
    return ingest


@contextmanager
def _data_folder(data: Path, dry_run: bool) -> Iterator[Path]:
    if not dry_run:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="tamis-dry-run-") as folder:
        yield Path(folder)


def _show(result: Result, *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        row = as_dict(result.report) | {"release": None if dry_run else str(result.release.path)}
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    print_report(result.report)
    click.echo(summary_line(result.report))
    if dry_run:
        click.echo("dry run: nothing was kept")
    else:
        click.echo(f"release: {result.release.path}")
