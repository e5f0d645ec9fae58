"""The dataset for readers: views of the rows of committed runs, in DuckDB with bounded memory."""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from pyarrow.dataset import Dataset as Scan

from output.base.storage import VERIFY_ADVICE, storage_errors
from output.formats.arrow import RECORDS, schema

# Above this DuckDB spills to disk, so that a laptop can cut a release of a million documents.
MEMORY_LIMIT = "400MiB"

# Rows in a batch for a reader.
BATCH_ROWS = 2048

# A row counts when its run is in `runs`.
_COMMITTED = "create view {name} as select * from stored_{name} semi join committed using (run_id)"

# The latest version of a document is its row of the newest run (run ids sort by time). Where one run found
# the document on two pages, it is the longer text.
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
    """Open a connection with views of each table's committed rows, and of `latest` documents and their keys.

    `stored` are the Parquet files of each table by its name, or a scan of them where DuckDB cannot open them
    itself. They may hold rows of runs that never committed; columns that they lack are null. Raises
    duckdb.Error for files that cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="tamis-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": spill,
        }
        with duckdb.connect(config=settings) as connection:
            connection.execute("set enable_progress_bar = false")  # it would mix with a command's output
            for name, record in RECORDS.items():
                _create_stored_view(connection, name, stored[name], schema(record))
            connection.execute("create table committed as select run_id from stored_runs")
            for name in RECORDS:
                connection.execute(_COMMITTED.format(name=name))
            connection.execute(_LATEST)
            yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str, columns: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a query in batches with the columns, order and types of the schema.

    Raises StorageError for files that cannot be read.
    """
    with storage_errors("cannot read the dataset", VERIFY_ADVICE):
        reader = connection.sql(query).to_arrow_reader(BATCH_ROWS)
    while True:
        with storage_errors("cannot read the dataset", VERIFY_ADVICE):
            batch = next(reader, None)
        if batch is None:
            return
        yield batch.select(columns.names).cast(columns)


def quoted(values: Iterable[str]) -> str:
    """Return SQL string literals for a list of values, separated by commas."""
    return ", ".join("'{}'".format(value.replace("'", "''")) for value in values)


def _create_stored_view(
    connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[str] | Scan, columns: pa.Schema
) -> None:
    connection.register(f"empty_{name}", columns.empty_table())
    stored, source = f"from empty_{name}", ""
    if isinstance(files, Scan):
        source = f"scan_{name}"
        connection.register(source, files)
    elif files:
        source = f"read_parquet([{quoted(map(glob.escape, files))}], union_by_name = true)"
    if source:
        stored = f"from {source}"
        if missing := set(columns.names).difference(connection.sql(stored).columns):
            nulls = f"select {', '.join(sorted(missing))} from empty_{name}"  # noqa: S608 - names of columns
            stored = f"from {source} union all by name {nulls}"
    connection.execute(f"create view stored_{name} as {stored}")
