"""`tamis report`: the results of runs, in the terminal, as JSON, as Markdown or as an HTML page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.columns import Columns
from rich.console import Console
from rich.text import Text

from flows.reports.completeness import Completeness, completeness
from flows.reports.completeness_show import print_completeness
from flows.reports.figures import by_count, columns, fit, urls_with_outcome
from flows.workspace.workspace import Workspace
from output.base.errors import StorageError, UsageError
from output.base.escaping import shown
from output.base.records import Outcome, RunReport
from output.base.serialize import as_dict
from output.base.wording import counted
from output.ledger.records import UNFINISHED, RunRow

# Outcomes that every run reports again for a URL, though nothing has changed.
_REPEATED_OUTCOMES = (Outcome.UNCHANGED, Outcome.INDEX, Outcome.GONE, Outcome.REFUSED, Outcome.REJECTED)


def show_report(
    data: Path, *, source: str | None, run_id: str | None, as_json: bool, page: Path | None = None
) -> None:
    """Print one run, or the last one of each source; with `page`, write all their runs there as HTML.

    Raises UsageError where there is no such source or run, StorageError where the page cannot be written.
    """
    with closing(Workspace(data)) as workspace:
        workspace.require()
        reports = workspace.ledger.reports()
        if not run_id:
            _warn_unfinished(run for run in workspace.ledger.runs(source) if run.status in UNFINISHED)
        chosen = _chosen(reports, data, source, run_id)
        # Completeness is of all runs, so it is not shown with a single one.
        names = [] if run_id else sorted({report.source_id for report in chosen})
        complete = {name: completeness(workspace, name) for name in names}
    if page is not None:
        sources = {report.source_id for report in chosen}
        runs = chosen if run_id else [report for report in reports if report.source_id in sources]
        _write_page(page, runs, data, complete)
        click.echo(f"{page}: {counted(len(runs), 'run')} of {counted(len(sources), 'source')}", err=True)
    elif as_json:
        click.echo(json.dumps([_as_json(report, complete) for report in chosen], ensure_ascii=False))
    else:
        for report in chosen:
            print_report(report)
            click.echo(summary_line(report))
            if report.source_id in complete:
                print_completeness(complete[report.source_id])


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


def _warn_unfinished(runs: Iterable[RunRow]) -> None:
    for run in runs:
        started = f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC"
        click.echo(
            f"tamis: {run.source_id}: run {run.run_id}, started {started}, is not finished; unless it still "
            "runs, `tamis run` goes on with it",
            err=True,
        )


def _as_json(report: RunReport, complete: Mapping[str, Completeness]) -> dict[str, Any]:
    found = complete.get(report.source_id)
    return as_dict(report) | ({"completeness": asdict(found)} if found else {})


def _write_page(
    file: Path, runs: Sequence[RunReport], data: Path, complete: Mapping[str, Completeness]
) -> None:
    from flows.reports.page import report_page

    html = report_page(runs, title=f"Tamis: {data}", complete=complete)
    try:
        file.write_text(html, "utf-8", errors="replace")
    except OSError as error:
        raise StorageError(f"{file}: cannot be written: {error.strerror or error}") from error


def print_report(report: RunReport) -> None:
    """Print the tables of one run, as many side by side as the terminal has room for."""
    console = Console(highlight=False)
    console.print(Text(f"\n{report.source_id}  {report.run_id}  {report.status}", style="bold"))
    counts = {name: _aligned(pairs) for name, pairs in columns(report).items()} | {"profile fit": fit(report)}
    tables = [
        Text.assemble((f"{name}\n", "bold"), f"{lines}\n", no_wrap=True) for name, lines in counts.items()
    ]
    console.print(Columns(tables, padding=(0, 4)))
    for message in report.messages:
        console.print(Text(shown(message)))


def as_markdown(report: RunReport) -> str:
    """Return a run as Markdown: its summary, a table for each kind of count, and its messages."""
    parts = [f"**{report.status}** {summary_line(report)}", f"run `{report.run_id}`"]
    if report.profile_fit is not None:
        parts.append(f"profile fit {fit(report)}")
    for name, pairs in columns(report).items():
        if pairs:
            rows = "\n".join(f"| {label} | {n:,} |" for label, n in by_count(pairs))
            parts.append(f"| {name} | |\n|---|---:|\n{rows}")
    # Messages may hold words of a site: as code, they cannot become markup.
    parts += ["".join(f"    {line}\n" for line in shown(message).splitlines()) for message in report.messages]
    return "\n\n".join(parts)


def summary_line(report: RunReport) -> str:
    """Return a run in one line: URLs, pages fetched, documents published, and whether anything changed."""
    unchanged = urls_with_outcome(report, Outcome.UNCHANGED)
    gone = urls_with_outcome(report, Outcome.GONE)
    line = (
        f"{report.source_id}: {counted(report.scheduled, 'URL')}, {report.fetched} fetched "
        f"({counted(report.fetched_bytes, 'byte')}), {unchanged} unchanged"
        f"{f', {gone} gone' if gone else ''}; "
        f"{counted(report.documents, 'document')} published: {report.new} new, {report.changed} changed"
    )
    others = sum(n for name, n in report.outcomes if name.partition(":")[0] not in _REPEATED_OUTCOMES)
    is_same = unchanged and not (report.documents or report.messages or others)
    return line + ("; nothing has changed since the last run" if is_same else "")


def _aligned(pairs: Iterable[tuple[str, int]]) -> str:
    width = max((len(f"{n:,}") for _, n in pairs), default=0)
    return "\n".join(f"{n:>{width},} {name}" for name, n in by_count(pairs)) or "none"
