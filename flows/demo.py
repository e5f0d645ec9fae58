"""`tamis demo`: crawl small replica sites on loopback into a dataset, and show the result."""

from __future__ import annotations

import glob
import json
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import duckdb
from rich.console import Console
from rich.table import Table

from crawlers.declaration.loading import load_source
from flows.ingest.run import Result, ingest
from flows.replicas import Replica, serve
from flows.reports.report import summary_line
from flows.workspace.workspace import Workspace
from output.base.wording import counted

SITES = ("blog", "lawbase", "news", "portal", "mirror")
EXAMPLE = (
    'import duckdb; duckdb.read_parquet({files}).order("source_id, date_published, title").limit(12)'
    '.select("source_id, title, language, access, characters").show()'
)
_DOCUMENTS = """
select source_id, count(*), count(*) filter (access <> 'full') from latest group by source_id
"""
_DUPLICATES = """
select source_id, relation, count(distinct latest.id) documents
from relations join latest on latest.id = relations.b group by all
"""
_REMOVALS = "select kind, source_id, count(*) blocks from removals group by all"


def run_demo(data: Path) -> None:
    """Serve the replicas, run each of them into `data`, and print what the dataset holds.

    The ports stay the same from one demo to the next, so that the second one finds the pages it knows.
    """
    data.mkdir(parents=True, exist_ok=True)
    with serve(SITES, ports_file=data / "ports.json") as replicas:
        results = [_run(replica, data) for replica in replicas]
        _print_requests(replicas, results)
    with closing(Workspace(data)) as workspace, workspace.dataset.views() as connection:
        _print_counts(connection)
    _print_paths(data, results[-1])


def _run(replica: Replica, data: Path) -> Result:
    result = ingest(load_source(replica.source_path(data)), data)
    click.echo(summary_line(result.report))
    return result


def _print_requests(replicas: Sequence[Replica], results: Sequence[Result]) -> None:
    statuses = Counter(request.status for replica in replicas for request in replica.requests)
    click.echo(
        f"\nthe replicas answered {counted(statuses.total(), 'request')}: {statuses[200]} with a body, "
        f"{statuses[304]} with 304 Not Modified"
    )
    if statuses[304] and not any(result.report.documents for result in results):
        click.echo("nothing has changed since the last demo, so no page was fetched again")


def _print_counts(connection: duckdb.DuckDBPyConnection) -> None:
    """Print the documents and relations of the dataset by source, and the removed blocks by kind."""
    documents = {source: counts for source, *counts in connection.execute(_DOCUMENTS).fetchall()}
    related = {(source, kind): n for source, kind, n in connection.execute(_DUPLICATES).fetchall()}
    relations = sorted({kind for _, kind in related})
    rows = [
        [source, *documents[source], *(related.get((source, kind), 0) for kind in relations)]
        for source in SITES
        if source in documents
    ]
    _print_table(["source", "documents", "not full", *relations], rows)
    removals = {(kind, source): n for kind, source, n in connection.execute(_REMOVALS).fetchall()}
    kinds = sorted({kind for kind, _ in removals})
    rows = [[kind, *(removals.get((kind, source), 0) for source in SITES)] for kind in kinds]
    _print_table(["removed blocks", *SITES], rows)


def _print_table(names: list[str], rows: list[list[Any]]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_footer=True)
    for column, name in enumerate(names):
        footer = f"{sum(row[column] for row in rows):,}" if column else "all"
        # A long name takes two lines: all columns fit into the 80 that a pipe is taken to have.
        table.add_column(
            name.replace("_", "\n_"), footer=footer, justify="right" if column else "left", no_wrap=True
        )
    for row in rows:
        table.add_row(row[0], *(f"{n:,}" for n in row[1:]))
    click.echo()
    Console().print(table)


def _print_paths(data: Path, result: Result) -> None:
    documents = data / "releases" / "latest" / "documents"
    click.echo(f"\narchive  {data / 'archive'}\ndataset  {data / 'dataset'}\nrelease  {result.release.path}")
    click.echo("look at it:")
    files = json.dumps(f"{glob.escape(str(documents))}/*.parquet", ensure_ascii=False)
    click.echo(f"  {shlex.join([sys.executable, '-c', EXAMPLE.format(files=files)])}")
