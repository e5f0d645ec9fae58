"""The dataset as readers see it: only what a committed run brought, asked with DuckDB in bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from pyarrow.dataset import Dataset as Scan

from output.base.storage import VERIFY_ADVICE, storage_errors
from output.formats.arrow import RECORDS, schema

# What DuckDB may hold before it spills to disk, so that a release of a million documents is cut on a laptop.
MEMORY_LIMIT = "400MiB"

# Rows in a batch that a reader gets.
BATCH_ROWS = 2048

# A row counts when its run stands in `runs`.
_COMMITTED = "create view {name} as select * from stored_{name} semi join committed using (run_id)"

# Of a document's rows the one of the newest run is its latest version (run ids sort by time); where one run
# found a document on two pages, the longer text.
_LATEST = """
create view latest_keys as
    select
        id, source_id, input_id, part, run_id, access, language, licence, characters,
        coalesce(date_published, date_issued, date_effective) as day
    from documents
    qualify row_number() over (
        partition by id order by run_id desc, characters desc, version desc, input_id, part
    ) = 1;

create view latest as select * from documents semi join latest_keys using (id, input_id, part, run_id);
"""


@contextmanager
def views(stored: Mapping[str, Sequence[str] | Scan]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a view of each table's committed rows, and `latest` and `latest_keys` of documents.

    `stored` are the Parquet files of each table by the table's name, or a scan of them where DuckDB cannot
    open them itself, with the rows of runs that never committed; columns that they do not have yet are null.
    Raises duckdb.Error for files that do not read.
    """
    with tempfile.TemporaryDirectory(prefix="tamis-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": spill,
        }
        with duckdb.connect(config=settings) as connection:
            connection.execute("set enable_progress_bar = false")  # it would stand in what a command prints
            for name, record in RECORDS.items():
                _store(connection, name, stored[name], schema(record))
            connection.execute("create table committed as select run_id from stored_runs")
            for name in RECORDS:
                connection.execute(_COMMITTED.format(name=name))
            connection.execute(_LATEST)
            yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str, columns: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of a query in batches of the schema: its columns in its order, with its types.

    Raises StorageError for files that do not read.
    """
    with storage_errors("cannot read the dataset", VERIFY_ADVICE):
        reader = connection.sql(query).to_arrow_reader(BATCH_ROWS)
    while True:
        with storage_errors("cannot read the dataset", VERIFY_ADVICE):
            batch = next(reader, None)
        if batch is None:
            return
        yield batch.select(columns.names).cast(columns)


def _store(
    connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[str] | Scan, columns: pa.Schema
) -> None:
    connection.register(f"no_{name}", columns.empty_table())
    stored, source = f"from no_{name}", ""
    if isinstance(files, Scan):
        source = f"scan_{name}"
        connection.register(source, files)
    elif files:
        source = f"read_parquet({[*files]!r}, union_by_name = true)"
    if source:
        stored = f"from {source}"
        if missing := set(columns.names).difference(connection.sql(stored).columns):
            stored = f"from {source} union all by name select {', '.join(sorted(missing))} from no_{name}"  # noqa: S608
    connection.execute(f"create view stored_{name} as {stored}")
