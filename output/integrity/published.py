"""The runs that the ledger says are published, looked for in the dataset: none vanishes without a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from output.base.errors import StorageError
from output.base.records import Outcome, RunReport
from output.base.wording import counted, listed
from output.dataset.dataset import Dataset
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus

# Runs that a message names; the rest are counted.
MAX_NAMED_RUNS = 10


@dataclass(frozen=True, slots=True)
class LostRun:
    """A published run that the dataset lacks, or whose rows in one of its tables are gone."""

    run_id: str
    documents: int
    table: str

    def line(self, dataset: Dataset) -> str:
        """Return the line of `tamis verify`."""
        return (
            f"{dataset.root}/{self.table}: run {self.run_id} is missing, which the ledger says is published "
            f"with {counted(self.documents, 'document')}"
        )


def require_published(ledger: Ledger, dataset: Dataset) -> None:
    """Raise StorageError that names the published runs which the dataset lacks."""
    lost = lost_runs(ledger, dataset)
    if not lost:
        return
    documents = sum(run.documents for run in lost)
    runs = [f"{run.run_id} ({counted(run.documents, 'document')})" for run in lost]
    tables = ", ".join(sorted({run.table for run in lost}))
    named = listed(runs, MAX_NAMED_RUNS)
    raise StorageError(
        f"the ledger names {counted(len(lost), 'run')} with {counted(documents, 'document')} as published, "
        f"but the dataset {dataset.root} lacks their rows in {tables}: {named}. Where the dataset was "
        "moved, or stores.toml names another, put that right; else restore the dataset from a copy, or make "
        "it again from the archive: `tamis rebuild`. Nothing was changed, and the releases stand"
    )


def lost_runs(ledger: Ledger, dataset: Dataset) -> list[LostRun]:
    """Return the published runs that the dataset lacks, the oldest first. Raises StorageError."""
    published = [report for report in ledger.reports() if report.status == RunStatus.PUBLISHED]
    if not published:
        return []
    expected = [(report, table, rows) for report in published for table, rows in _expected_rows(report)]
    stored = {table: dataset.rows_by_run(table) for table in {table for _, table, _ in expected}}
    lost: dict[str, LostRun] = {}
    for report, table, rows in expected:
        # `tamis forget` deletes rows, and never the record that they were appended.
        if stored[table].get(report.run_id, 0) < rows and not dataset.was_appended(table, report.run_id):
            lost.setdefault(report.run_id, LostRun(report.run_id, report.documents, table))
    return [*lost.values()]


def _expected_rows(report: RunReport) -> Sequence[tuple[str, int]]:
    """Return the number of rows that a run has brought, by table; the commit itself comes first."""
    return [
        ("runs", 1),
        ("documents", report.documents),
        ("removals", sum(n for _, n in report.removals)),
        ("rejections", sum(n for name, n in report.outcomes if name.startswith(Outcome.REJECTED))),
        ("relations", sum(n for _, n in report.relations)),
    ]
