"""Rows put in order on disk: for tables whose rows are too many and too wide to sort in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa

# Bytes of a bucket: it is sorted in memory, so a few times this is what ordering costs, whatever the number
# of rows. DuckDB's own sort runs out of its memory limit on some 200,000 rows of 2 KB with lists in them.
BUCKET_BYTES = 64 * 2**20

# Bytes gathered before they are dealt out to buckets: enough that each gets a piece worth writing.
_GATHERED_BYTES = 32 * 2**20


def in_order(
    batches: Iterable[pa.RecordBatch], columns: pa.Schema, keys: Sequence[str], folder: Path
) -> Iterator[pa.RecordBatch]:
    """The rows sorted by `keys` (nulls last, strings by code point), with the columns of `columns` alone.

    Each row carries a `bucket`: buckets are in the order of the keys, and each fits in memory. They are
    written below `folder` and are gone afterwards.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=".buckets-") as spill:
        for file in _dealt(batches, Path(spill)):
            with pa.memory_map(str(file)) as source:
                bucket = pa.ipc.open_stream(source).read_all()
            file.unlink()
            ordered = bucket.sort_by([(key, "ascending") for key in keys])
            yield from ordered.select(columns.names).combine_chunks().to_batches()


def _dealt(batches: Iterable[pa.RecordBatch], spill: Path) -> list[Path]:
    """A file a bucket, in the order of the buckets."""
    writers: dict[int, pa.RecordBatchStreamWriter] = {}
    with ExitStack() as stack:
        for table in _gathered(batches):
            by_bucket = table.sort_by("bucket")
            numbers, starts = np.unique(by_bucket["bucket"].to_numpy(), return_index=True)
            for number, start, end in zip(numbers, starts, [*starts[1:], len(by_bucket)], strict=True):
                if number not in writers:
                    file = spill / f"{number:08}.arrow"
                    writers[number] = stack.enter_context(pa.ipc.new_stream(str(file), by_bucket.schema))
                writers[number].write_table(by_bucket.slice(start, end - start))
    return sorted(spill.iterdir())


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += batch.nbytes
        if size >= _GATHERED_BYTES:
            yield pa.Table.from_batches(held)
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held)
