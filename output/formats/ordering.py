"""Sorting of rows on disk, for tables that are too large to sort in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa

# A bucket is sorted in memory, so sorting takes a few times this, whatever the number of rows. DuckDB's own
# sort runs out of its memory limit on some 200,000 rows of 2 KB with lists in them.
BUCKET_BYTES = 64 * 2**20

# Bytes that are held before they are written to the buckets: enough that each bucket gets a large piece.
_WRITE_BYTES = 32 * 2**20


def sort_on_disk(
    batches: Iterable[pa.RecordBatch], columns: pa.Schema, keys: Sequence[str], folder: Path
) -> Iterator[pa.RecordBatch]:
    """Yield the rows sorted by `keys` (nulls last, strings by code point), with the columns of `columns`.

    Each row has a column `bucket`: buckets are in the order of the keys, and each fits in memory. They are
    written below `folder` and removed afterwards.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=".buckets-") as spill:
        for file in _write_buckets(batches, Path(spill)):
            with pa.memory_map(str(file)) as source:
                bucket = pa.ipc.open_stream(source).read_all()
            file.unlink()
            ordered = bucket.sort_by([(key, "ascending") for key in keys])
            yield from ordered.select(columns.names).combine_chunks().to_batches()


def _write_buckets(batches: Iterable[pa.RecordBatch], spill: Path) -> list[Path]:
    """Write a file for each bucket; return the files in the order of the buckets."""
    writers: dict[int, pa.RecordBatchStreamWriter] = {}
    with ExitStack() as stack:
        for table in _merged(batches):
            by_bucket = table.sort_by("bucket")
            numbers, starts = np.unique(by_bucket["bucket"].to_numpy(), return_index=True)
            for number, start, end in zip(numbers, starts, [*starts[1:], len(by_bucket)], strict=True):
                if number not in writers:
                    file = spill / f"{number:08}.arrow"
                    writers[number] = stack.enter_context(pa.ipc.new_stream(str(file), by_bucket.schema))
                writers[number].write_table(by_bucket.slice(start, end - start))
    return sorted(spill.iterdir())


def _merged(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Merge batches to tables of some _WRITE_BYTES."""
    pending: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        pending.append(batch)
        size += batch.nbytes
        if size >= _WRITE_BYTES:
            yield pa.Table.from_batches(pending)
            pending, size = [], 0
    if pending:
        yield pa.Table.from_batches(pending)
