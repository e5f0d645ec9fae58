"""Artifacts of a flow run on the Prefect server: its progress while it goes on, its report at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any

from prefect import get_run_logger
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows.reports.report import as_markdown
from flows.workspace.workspace import Workspace
from output.base.records import RunReport
from output.ledger.ledger import Ledger

PROGRESS_SECONDS = 10.0


@contextmanager
def progress_artifact(source_id: str, data: Path) -> Iterator[None]:
    """Show the share of the run's URLs that were asked, from the ledger, while the context lasts.

    A ledger that cannot be opened is left for the run to name, whose failure is retried.
    """
    with ExitStack() as stack:
        with _errors_logged():
            stack.enter_context(_shown(source_id, Workspace(data).ledger))
        yield


@contextmanager
def _shown(source_id: str, ledger: Ledger) -> Iterator[None]:
    ended = threading.Event()

    def show() -> None:
        with _errors_logged():
            about = f"{source_id}: URLs asked"
            artifact: Any = create_progress_artifact(0.0, key=f"progress-{source_id}", description=about)
            while not ended.wait(PROGRESS_SECONDS):
                update_progress_artifact(artifact, _percent_asked(ledger, source_id))
            update_progress_artifact(artifact, _percent_asked(ledger, source_id))

    thread = threading.Thread(target=copy_context().run, args=(show,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(PROGRESS_SECONDS)


def report_artifacts(report: RunReport) -> None:
    """Store a run's outcomes as a table, and its whole report as a page."""
    rows = [{"outcome": name, "urls": n} for name, n in report.outcomes]
    with _errors_logged():
        create_table_artifact(table=rows, key=f"outcomes-{report.source_id}", description=report.run_id)
        create_markdown_artifact(as_markdown(report), key=f"report-{report.source_id}")


def _percent_asked(ledger: Ledger, source_id: str) -> float:
    """Return how many per cent of the URLs that the source's last run scheduled so far were asked."""
    run = next(iter(ledger.runs(source_id, limit=1)), None)
    total = sum(ledger.counts(run.run_id).values()) if run else 0
    return round(100 * (1 - len(ledger.waiting(run.run_id)) / total), 1) if run and total else 0.0


@contextmanager
def _errors_logged() -> Iterator[None]:
    """Log errors instead of raising them: a server that is away must not fail a run that is done."""
    try:
        yield
    except Exception as error:
        get_run_logger().warning("not shown on the server: %s", error)
