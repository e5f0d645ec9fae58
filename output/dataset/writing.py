"""Rows of a table, added and deleted: Parquet files written here, each change committed as one transaction.

The writer of delta-rs itself fails in a folder whose path holds a bracket. This way serves every folder and
every object store.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Sequence
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.fs import DeltaStorageHandler
from deltalake.transaction import AddAction, RemoveAction
from pyarrow.fs import PyFileSystem

from output.formats.parquet import parquet_writer, row_groups

# A thread that reads holds a row group: 8k rows are some 16 MB of texts of 2 KB. With 64k rows, a release
# of a million such texts, compacted, ran out of output.dataset.views.MEMORY_LIMIT.
GROUP_ROWS, GROUP_BYTES = 8_192, 8 * 2**20
COMPRESSION_LEVEL = 3

Action = AddAction | RemoveAction


def write(
    table: DeltaTable,
    columns: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    without: pc.Expression | None = None,
    transactions: Sequence[Transaction] = (),
) -> None:
    """Append rows and delete those stored that meet `without`, in one transaction; without rows, nothing.

    Files that hold a row to delete are written anew without it. `without` must be true or false for every
    row: null would delete it. `transactions` of applications are recorded as done.
    Raises DeltaError, OSError.
    """
    files = PyFileSystem(DeltaStorageHandler(table.table_uri))
    actions = [] if without is None else _rewrite(table, files, columns, without)
    actions += _write_file(files, columns, batches)
    if actions:
        properties = CommitProperties(app_transactions=[*transactions])
        table.create_write_transaction(actions, "append", table.schema(), commit_properties=properties)
        table.update_incremental()


def _rewrite(
    table: DeltaTable, files: PyFileSystem, columns: pa.Schema, without: pc.Expression
) -> list[Action]:
    """Write the files that hold a row to delete anew; return what replaces them."""
    actions: list[Action] = []
    for fragment in table.to_pyarrow_dataset(schema=columns).get_fragments():
        if fragment.count_rows(filter=without):
            actions.append(RemoveAction(fragment.path, data_change=True, deletion_timestamp=_milliseconds()))
            actions += _write_file(files, columns, fragment.to_batches(schema=columns, filter=~without))
    return actions


def _write_file(files: PyFileSystem, columns: pa.Schema, batches: Iterable[pa.RecordBatch]) -> list[Action]:
    """Write rows as a new file of the table, which counts once it is committed; none without rows."""
    groups = row_groups(batches, columns, GROUP_ROWS, GROUP_BYTES)
    first = next(groups, None)
    if first is None:
        return []
    path, rows = f"part-{uuid.uuid4()}.zstd.parquet", 0
    with (
        files.open_output_stream(path) as stream,
        parquet_writer(stream, columns, COMPRESSION_LEVEL) as writer,
    ):
        for group in chain((first,), groups):
            writer.write_table(group)
            rows += group.num_rows
    size, stats = files.get_file_info(path).size, json.dumps({"numRecords": rows})
    return [AddAction(path, size, {}, _milliseconds(), data_change=True, stats=stats)]


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000
