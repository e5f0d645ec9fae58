"""`tamis report`: what the runs did, in the terminal, as JSON, as Markdown or as a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click
from rich.columns import Columns
from rich.console import Console
from rich.text import Text

from flows.reports.completeness import completeness
from flows.reports.completeness_show import print_completeness
from flows.reports.figures import columns, fit, having, largest
from flows.workspace.workspace import Workspace
from output.base.errors import StorageError, UsageError
from output.base.escaping import shown
from output.base.records import Outcome, RunReport
from output.base.serialize import as_dict
from output.ledger.records import UNFINISHED, RunRow

# What is said of URLs in each run again, though nothing has changed.
_STANDING = (Outcome.UNCHANGED, Outcome.INDEX, Outcome.GONE, Outcome.REFUSED, Outcome.REJECTED)


def show_report(
    data: Path, *, source: str | None, run_id: str | None, as_json: bool, page: Path | None = None
) -> None:
    """Print one run, or the last of each source; with `page`, write all runs of them there as HTML.

    Raises UsageError where there is none of that name, StorageError where the page cannot be written.
    """
    with closing(Workspace(data)) as workspace:
        workspace.require()
        reports = workspace.ledger.reports()
        unfinished = [run for run in workspace.ledger.runs(source) if run.status in UNFINISHED]
        if not run_id:
            _say_unfinished(unfinished)
        chosen = _chosen(reports, data, source, run_id)
        # One run is asked for as it was; completeness is of all runs.
        names = [] if run_id else sorted({report.source_id for report in chosen})
        whole = {name: completeness(workspace, name) for name in names}
    if page is not None:
        from flows.reports.page import report_page

        sources = {report.source_id for report in chosen}
        shown = chosen if run_id else [report for report in reports if report.source_id in sources]
        _write(page, report_page(shown, title=f"Tamis: {data}", whole=whole))
        click.echo(f"{page}: {len(shown)} runs of {len(sources)} sources", err=True)
    elif as_json:
        rows = [
            as_dict(report)
            | ({"completeness": asdict(whole[report.source_id])} if report.source_id in whole else {})
            for report in chosen
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for report in chosen:
            print_report(report)
            click.echo(summary_line(report))
            if report.source_id in whole:
                print_completeness(whole[report.source_id])


def _chosen(reports: list[RunReport], data: Path, source: str | None, run_id: str | None) -> list[RunReport]:
    if run_id:
        chosen = [report for report in reports if report.run_id == run_id]
    else:
        last = {report.source_id: report for report in reports if source in (None, report.source_id)}
        chosen = list(last.values())
    if not chosen:
        known = ", ".join(sorted({report.source_id for report in reports})) or "none yet"
        raise UsageError(
            f"no run of {run_id or source or 'any source'} in {data}; sources with runs: {known}"
        )
    return chosen


def _say_unfinished(runs: list[RunRow]) -> None:
    for run in runs:
        since = f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC"
        click.echo(
            f"tamis: {run.source_id}: run {run.run_id}, begun {since}, is not done: it is under way, "
            "or was broken off, and `tamis run` goes on with it",
            err=True,
        )


def _write(page: Path, html: str) -> None:
    try:
        page.write_text(html, "utf-8", errors="replace")
    except OSError as error:
        raise StorageError(f"{page}: cannot be written: {error.strerror or error}") from error


def print_report(report: RunReport) -> None:
    """The tables of one run on standard output, as many beside each other as its width takes."""
    console = Console(highlight=False)
    console.print(Text(f"\n{report.source_id}  {report.run_id}  {report.status}", style="bold"))
    said = {name: _counted(pairs) for name, pairs in columns(report).items()} | {"profile fit": fit(report)}
    tables = [
        Text.assemble((f"{name}\n", "bold"), f"{counts}\n", no_wrap=True) for name, counts in said.items()
    ]
    console.print(Columns(tables, padding=(0, 4)))
    for message in report.messages:
        console.print(Text(shown(message)))


def as_markdown(report: RunReport) -> str:
    """A run as a page of Markdown: its summary, a table for each way it is counted, what it had to say."""
    parts = [f"**{report.status}** {summary_line(report)}", f"run `{report.run_id}`"]
    if report.profile_fit is not None:
        parts.append(f"profile fit {fit(report)}")
    for name, pairs in columns(report).items():
        if pairs:
            rows = "\n".join(f"| {label} | {n:,} |" for label, n in largest(pairs))
            parts.append(f"| {name} | |\n|---|---:|\n{rows}")
    # Messages may carry words of a site: as code, they stay words.
    parts += ["".join(f"    {line}\n" for line in shown(message).splitlines()) for message in report.messages]
    return "\n\n".join(parts)


def summary_line(report: RunReport) -> str:
    """A run in one line: what was scheduled, fetched and published, and whether anything had changed."""
    unchanged = having(report, Outcome.UNCHANGED)
    gone = having(report, Outcome.GONE)
    line = (
        f"{report.source_id}: {report.scheduled} URLs, {report.fetched} fetched "
        f"({report.fetched_bytes:,} bytes), {unchanged} unchanged{f', {gone} gone' if gone else ''}; "
        f"{report.documents} documents published: {report.new} new, {report.changed} changed"
    )
    others = sum(n for name, n in report.outcomes if name.partition(":")[0] not in _STANDING)
    is_same = unchanged and not (report.documents or report.messages or others)
    return line + ("; nothing has changed since the last run" if is_same else "")


def _counted(pairs: Iterable[tuple[str, int]]) -> str:
    width = max((len(f"{n:,}") for _, n in pairs), default=0)
    return "\n".join(f"{n:>{width},} {name}" for name, n in largest(pairs)) or "none"
