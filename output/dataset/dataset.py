"""The dataset: Delta tables for DuckDB, Polars and Spark, published a run at a time.

Delta commits one table at a time, so the append to `runs` commits the whole run. It comes last, every row
carries its `run_id`, and readers take only the rows of runs in that table.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, Transaction
from pyarrow.dataset import Dataset as Scan

from output.base.errors import StorageError
from output.base.lock import locked
from output.base.records import SCHEMA_VERSION, Document, Rejection, Removal, RunReport
from output.base.relations import Pair, Relation
from output.base.storage import VERIFY_ADVICE, storage_errors
from output.dataset import fixity, writing
from output.dataset.compaction import compact
from output.dataset.location import local_folder
from output.dataset.migrations import VERSION_KEY, add_missing_columns, migrate, version_of
from output.dataset.views import rows, views
from output.dataset.withdrawn import documents_of
from output.formats.arrow import RECORDS, batches, from_row, schema

_CONFIGURATION = {
    VERSION_KEY: str(SCHEMA_VERSION),
    # Delta would drop commits from its log after 30 days, which `verify` re-hashes.
    "delta.enableExpiredLogCleanup": "false",
}
# A run id is part of file names and of SQL predicates.
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}")

_ADVICE = "free space or fix the permissions and run again; a run that is half published does not count"


@dataclass(frozen=True, slots=True)
class DatasetCounts:
    """The pages of a run in the dataset: the input_ids with a document, and those with a rejection."""

    documents: frozenset[str]
    rejections: frozenset[str]


class Dataset:
    """The tables below `root`: a folder, or the URL of an object store that delta-rs supports.

    A folder is locked while one process publishes, and has checksums of its files (`fixity`). An object store
    keeps its own checksums. There Delta separates publishers: of two that commit to a table at once, one
    retries or fails. Keys and endpoint come from the environment (AWS_…). Tables of an older schema version
    are migrated when they are opened. Raises NewerFormat for tables of a newer version of Tamis, StorageError
    for tables that cannot be read, UsageError for a folder whose path delta-rs cannot read.
    """

    def __init__(self, root: str | Path) -> None:
        # Arrow's own pool keeps the memory of its largest moment, beside that of DuckDB and of Delta.
        pa.set_memory_pool(pa.system_memory_pool())
        self.root = str(root).rstrip("/")
        self.folder = local_folder(self.root)
        tables = (self._open(name) for name in RECORDS)
        if any(version_of(table) < SCHEMA_VERSION for table in tables if table):
            self._migrate()

    def publish(
        self,
        report: RunReport,
        documents: Iterable[Document],
        removals: Iterable[Removal] = (),
        rejections: Iterable[Rejection] = (),
        relations: Iterable[Relation] = (),
        pairs: Iterable[Pair] = (),
    ) -> bool:
        """Append the rows of one run and commit them with its report; False if the run is committed already.

        Each iterable is read twice, and no more than a batch of its rows is in memory. Rows of an
        earlier attempt that broke off are replaced. Raises StorageError where nothing can be written, Busy
        where another process keeps publishing. Raises ValueError for rows of another run, two documents of a
        page with the same id and part, and times that are not ISO 8601.
        """
        rows_by_table: dict[str, Iterable[Any]] = {
            "documents": documents,
            "removals": removals,
            "rejections": rejections,
            "relations": relations,
            "pairs": pairs,
        }
        _check(report, rows_by_table)
        with self._publishing():
            tables = {name: self._ready(name) for name in RECORDS}
            self._record_checksums()
            if tables["runs"].transaction_version(report.run_id) is not None:
                return False
            for table in tables.values():
                compact(table)
            for name, records in rows_by_table.items():
                _write_run(tables[name], name, report.run_id, records)
            self._record_checksums()
            _write_run(tables["runs"], "runs", report.run_id, [report])
            self._record_checksums()
        return True

    def forget(self, pages: Collection[str], relations: Sequence[Relation] = ()) -> list[str]:
        """Delete every row of these pages, committed or not; return the ids of their documents.

        `relations` are those that hold between other documents since; they are added to the last run. The
        files with the deleted rows leave the disk with the first publish a week later (`compaction`). If it
        breaks off, it must be repeated. Raises StorageError, Busy.
        """
        with self.views() as connection:
            ids = documents_of(connection, pages)
        with self._publishing():
            # Documents go last, for a repeated call finds the other rows by them.
            tables = {name: table for name in reversed([*RECORDS]) if (table := self._open(name))}
            for name, table in tables.items():
                records = []
                if name == "relations" and relations:
                    run_id = self._last_finished_run()
                    records = [replace(relation, run_id=run_id) for relation in relations]
                _write(table, name, records, without=_rows_of(name, pages, ids))
            self._record_checksums()
        return ids

    def _last_finished_run(self) -> str:
        return max((report.finished_at or report.started_at, report.run_id) for report in self.runs())[1]

    def committed(self, run_id: str) -> RunReport | None:
        """Return the report of a committed run, or None."""
        return next((report for report in self.runs() if report.run_id == run_id), None)

    def runs(self) -> list[RunReport]:
        """Return the reports of all committed runs, the oldest first."""
        with self.views() as connection:
            batches_of_runs = rows(connection, "from runs order by run_id", schema(RunReport))
            return [from_row(RunReport, row) for batch in batches_of_runs for row in batch.to_pylist()]

    def rows_by_run(self, name: str) -> dict[str, int]:
        """Return the number of rows of each run in a table, whether the run committed or not."""
        with self.views() as connection:
            query = f"select run_id, count(*) from stored_{name} group by all"  # noqa: S608 - our own name
            return dict(connection.execute(query).fetchall())

    def was_appended(self, name: str, run_id: str) -> bool:
        """Whether a run has appended rows to a table, even if they were withdrawn since."""
        table = self._open(name)
        return table is not None and table.transaction_version(run_id) is not None

    def page_counts(self, run_id: str) -> DatasetCounts:
        """Return the pages of a committed run, read from the tables; none where it is not committed."""
        query = "select distinct input_id from {} where run_id = ?"
        with self.views() as connection:
            documents = connection.execute(query.format("documents"), [run_id]).fetchall()
            rejections = connection.execute(query.format("rejections"), [run_id]).fetchall()
        return DatasetCounts(
            frozenset(page for (page,) in documents), frozenset(page for (page,) in rejections)
        )

    def latest(self) -> pa.RecordBatchReader:
        """Return the newest committed version of each document, as a stream of batches in no fixed order."""
        columns = schema(Document)

        def stream() -> Iterator[pa.RecordBatch]:
            with self.views() as connection:
                yield from rows(connection, "from latest", columns)

        return pa.RecordBatchReader.from_batches(columns, stream())

    @contextmanager
    def views(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a DuckDB connection with views of the committed rows; StorageError for damaged files."""
        # `runs` is written last and opened first, so that a run that commits in between is not seen by half.
        tables = {name: self._open(name) for name in reversed([*RECORDS])}
        stored = {name: self._files(name, table) if table else [] for name, table in tables.items()}
        try:
            with views(stored) as connection:
                yield connection
        except duckdb.Error as error:
            raise StorageError(f"cannot read {self.root}: {error}; {VERIFY_ADVICE}") from error

    def verify(self) -> list[str]:
        """Return a line for each damaged or missing file of a folder; object stores verify themselves."""
        return fixity.verify(self.folder, self._current_files()) if self.folder else []

    def _current_files(self) -> set[str] | None:
        """Return the data files of the tables, relative to the folder; None where a table does not open."""
        try:
            tables = {name: table for name in RECORDS if (table := self._open(name))}
            return {f"{name}/{path}" for name, table in tables.items() for path in _paths(table)}
        except StorageError:
            return None

    def _files(self, name: str, table: DeltaTable) -> list[str] | Scan:
        """Return a folder's files for DuckDB to open; for an object store, Delta's own scan."""
        if self.folder is None:
            return table.to_pyarrow_dataset()
        return [str(self.folder / name / path) for path in _paths(table)]

    def _uri(self, name: str) -> str:
        return f"{self.folder or self.root}/{name}"

    def _open(self, name: str) -> DeltaTable | None:
        uri = self._uri(name)
        with storage_errors(f"cannot read {uri}", VERIFY_ADVICE):
            if not DeltaTable.is_deltatable(uri):
                return None
            table = DeltaTable(uri)
            version_of(table)
            return table

    def _migrate(self) -> None:
        with self._publishing():
            for name in RECORDS:
                if table := self._open(name):
                    migrate(table, name)
            self._record_checksums()

    def _ready(self, name: str) -> DeltaTable:
        """Open or create a table, with every column of today."""
        if table := self._open(name):
            add_missing_columns(table, name)
            return table
        return DeltaTable.create(
            self._uri(name),
            schema=schema(RECORDS[name]),
            name=name,
            configuration=_CONFIGURATION,
            raise_if_key_not_exists=False,
        )

    def _record_checksums(self) -> None:
        if self.folder:
            fixity.append_checksums(self.folder, RECORDS)

    @contextmanager
    def _publishing(self) -> Iterator[None]:
        with storage_errors(f"cannot publish to {self.root}", _ADVICE):
            if self.folder:
                with locked(self.folder):
                    yield
            else:
                yield


def _rows_of(name: str, pages: Collection[str], ids: Collection[str]) -> pc.Expression | None:
    """Return the condition for the rows of a table that tell of these pages and documents; None for none."""
    columns = schema(RECORDS[name]).names
    if "input_id" in columns:
        return pc.field("input_id").isin([*pages])
    if "a" in columns and ids:
        return pc.field("a").isin([*ids]) | pc.field("b").isin([*ids])
    return None


def _paths(table: DeltaTable) -> list[str]:
    """Return the paths of a table's files, relative to it."""
    paths: list[str] = pa.table(table.get_add_actions())["path"].to_pylist()
    return paths


def _write_run(table: DeltaTable, name: str, run_id: str, records: Iterable[Any]) -> None:
    """Append a run's rows, in place of those of an earlier attempt that broke off."""
    attempt = table.transaction_version(run_id)
    earlier = None if attempt is None else pc.field("run_id").isin([run_id])
    done = [Transaction(run_id, (attempt or 0) + 1)]
    _write(table, name, records, without=earlier, transactions=done)


def _write(table: DeltaTable, name: str, records: Iterable[Any], **how: Any) -> None:
    writing.write(table, schema(RECORDS[name]), batches(records, RECORDS[name]), **how)


def _check(report: RunReport, rows_by_table: dict[str, Iterable[Any]]) -> None:
    run_id = report.run_id
    if not _RUN_ID.fullmatch(run_id):
        raise ValueError(f"{run_id!r} is no run id: letters, digits and ._:+- only")
    datetime.fromisoformat(report.finished_at or report.started_at)
    keys: set[tuple[str, str, int]] = set()
    for name, records in rows_by_table.items():
        for record in records:
            if record.run_id != run_id:
                raise ValueError(f"{name}: a row of run {record.run_id!r} is published with run {run_id!r}")
            if isinstance(record, Document):
                _refuse_repeated(record, keys)


def _refuse_repeated(document: Document, keys: set[tuple[str, str, int]]) -> None:
    key = (document.id, document.input_id, document.part)
    if key in keys:
        raise ValueError(f"{document.input_id}: two documents with id {document.id}, part {document.part}")
    keys.add(key)
