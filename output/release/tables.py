"""The tables of a release as files: Parquet, JSON Lines, and an overview for spreadsheets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import zstandard
from pyarrow import csv

from output.dataset.views import BATCH_ROWS, rows
from output.formats.arrow import RECORDS, schema
from output.formats.jsonl import json_line
from output.formats.ordering import sort_on_disk
from output.formats.parquet import GROUP_ROWS, parquet_writer, row_groups
from output.formats.spreadsheet import cells
from output.release import changes

# With 32 MiB of text in each row group, a file of documents takes some 100 MB on disk.
FILE_ROW_GROUPS = 8

JSONL_FILE = "documents.jsonl.zst"
CSV_FILE = "documents.csv"

# The tables beside the documents, without `runs`, which only the dataset needs.
OTHER_TABLES = tuple(sorted(RECORDS.keys() - {"documents", "runs"}))

# The sort keys of the large tables. They leave no two different rows equal, so that the order is always the
# same.
_SORT_KEYS = {
    "documents": ("position",),
    "removals": ("position", "offset", "kind", "rule", "evidence", "text"),
}

# The manifest counts documents by the values of these columns; "" stands for none.
_COUNTED = ("source_id", "language", "access", "licence", "rules_version", "model_version", "profile_version")

# The columns for a spreadsheet: all whose values fit a cell, and no texts.
_CSV_COLUMNS = (
    "id", "source_id", "title", "url", "language", "document_type", "document_number", "issuer",
    "legal_status", "date_published", "date_issued", "date_effective", "access", "licence", "characters",
    "fetched_at",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """Counts of the rows that were written: rows by file, documents by value of a column; and their runs."""

    rows: Counter[str] = field(default_factory=Counter)
    by: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in _COUNTED})
    runs: set[str] = field(default_factory=set)

    def count(self, path: str, table: pa.Table) -> None:
        """Count the rows of a table that were written to a file."""
        self.rows[path] += table.num_rows
        self.runs.update(table["run_id"].unique().to_pylist())

    def by_value(self, name: str) -> dict[str, int]:
        """Return the number of documents by value of a column, in the order of the values."""
        return dict(sorted(self.by[name].items()))


def table_schema(name: str) -> pa.Schema:
    """Return the Arrow schema of a table of a release."""
    return changes.COLUMNS if name == "changes" else schema(RECORDS[name])


def write_documents(folder: Path, connection: duckdb.DuckDBPyConnection, tally: Tally) -> None:
    """Write documents/part-*.parquet, documents.jsonl.zst and documents.csv in one pass over the rows."""
    columns = schema(RECORDS["documents"])
    (folder / "documents").mkdir()
    groups = _groups(folder, connection, "documents")
    with ExitStack() as stack:
        lines = stack.enter_context(_open_jsonl(folder / JSONL_FILE))
        overview = stack.enter_context(_open_csv(folder / CSV_FILE, columns))
        for number, first in enumerate(groups):
            path = f"documents/part-{number:05}.parquet"
            with parquet_writer(folder / path, columns) as writer:
                for group in chain((first,), islice(groups, FILE_ROW_GROUPS - 1)):
                    writer.write_table(group, row_group_size=GROUP_ROWS)
                    tally.count(path, group)
                    tally.count(JSONL_FILE, group)
                    tally.rows[CSV_FILE] += group.num_rows
                    for name, counts in tally.by.items():
                        counts.update(_value_counts(group[name]))
                    for batch in group.to_batches(max_chunksize=BATCH_ROWS):
                        lines.write(b"".join(map(json_line, _records(batch))))
                        overview.write(_csv_rows(batch))


def write_table(folder: Path, connection: duckdb.DuckDBPyConnection, name: str, tally: Tally) -> None:
    """Write the chosen rows of a table as NAME.parquet."""
    path = f"{name}.parquet"
    with parquet_writer(folder / path, schema(RECORDS[name])) as writer:
        for group in _groups(folder, connection, name):
            writer.write_table(group, row_group_size=GROUP_ROWS)
            tally.count(path, group)


def _groups(folder: Path, connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[pa.Table]:
    """Yield the chosen rows of a table in order, by row group; one empty group where there are none."""
    columns = schema(RECORDS[name])
    if keys := _SORT_KEYS.get(name):
        numbered = columns.append(pa.field("position", pa.int64())).append(pa.field("bucket", pa.int64()))
        batches = sort_on_disk(rows(connection, f"from chosen_{name}", numbered), columns, keys, folder)
    else:
        batches = rows(connection, f"from chosen_{name} order by all", columns)
    groups = row_groups(batches, columns)
    yield next(groups, columns.empty_table())
    yield from groups


def _records(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """Yield the rows as dicts, faster than `to_pylist`, which makes an Arrow object of each value."""
    names = batch.schema.names
    for row in zip(*map(_values, batch.columns), strict=True):
        yield dict(zip(names, row, strict=True))


def _values(column: pa.Array) -> list[Any]:
    if column.null_count == len(column):
        return [None] * len(column)
    if pa.types.is_string(column.type) or (column.null_count == 0 and not pa.types.is_nested(column.type)):
        values: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
        return values
    items: list[Any] = column.to_pylist()
    return items


def _value_counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {item["values"] or "": item["counts"] for item in column.value_counts().to_pylist()}


@contextmanager
def _open_jsonl(path: Path) -> Iterator[Any]:
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    with path.open("wb") as file, compressor.stream_writer(file) as frame:
        yield frame


@contextmanager
def _open_csv(path: Path, columns: pa.Schema) -> Iterator[csv.CSVWriter]:
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")  # without it Excel takes UTF-8 for the machine's own charset
        with csv.CSVWriter(file, pa.schema([columns.field(name) for name in _CSV_COLUMNS])) as writer:
            yield writer


def _csv_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [batch[name] for name in _CSV_COLUMNS]
    texts = [cells(column) if pa.types.is_string(column.type) else column for column in columns]
    return pa.RecordBatch.from_arrays(texts, names=[*_CSV_COLUMNS])
