"""`tamis run`: sources by id, file or URL, one after the other, and what came of each."""

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
    """Run each source; the exit code is the gravest of theirs (3 held back, 2 busy, 1 something failed, 0).

    Every name is resolved before the first run starts, so that a slip in the last costs nothing.
    Raises UsageError for a name that is no source's, StorageError where storage or counts are damaged.
    """
    sources = [find_source(name, folders(folder)) for name in names]
    with _folder(data, dry_run) as place:

        def run(source: Source) -> int:
            result = _ingest()(source, place, limit=limit, since=since, accept=accept)
            _show(result, as_json=as_json, dry_run=dry_run)
            return int(any(name.startswith("failed") for name, _ in result.report.outcomes))

        return for_each(sources, run)


def _ingest() -> Ingest:
    """With a Prefect server named in the environment a run is a flow run; without one it costs no server."""
    if os.environ.get("PREFECT_API_URL"):
        from flows.commands.serve import set_environment

        set_environment()  # before Prefect is imported
        from flows.schedule.schedule import ingest_as_flow

        return ingest_as_flow
    return ingest


@contextmanager
def _folder(data: Path, dry_run: bool) -> Iterator[Path]:
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
