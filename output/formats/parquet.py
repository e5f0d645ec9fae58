"""Parquet as releases hold it: page checksums, row groups sized for scanning, same bytes for same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# A row group is read whole: this many rows, or this much text if that comes first.
GROUP_ROWS = 65_536
GROUP_BYTES = 32 * 2**20


@contextmanager
def parquet_writer(path: Path, columns: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """A writer of zstd-compressed pages with checksums, which readers can verify."""
    with pq.ParquetWriter(path, columns, compression="zstd", write_page_checksum=True) as writer:
        yield writer


def row_groups(batches: Iterable[pa.RecordBatch], columns: pa.Schema) -> Iterator[pa.Table]:
    """The rows of batches as one table a row group; where they are cut depends on the rows alone.

    GROUP_BYTES counts the column `text`, where there is one.
    """
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        start = 0
        for end, length in enumerate(_lengths(batch), 1):
            rows, size = rows + 1, size + length
            if rows >= GROUP_ROWS or size >= GROUP_BYTES:
                yield _table([*held, batch.slice(start, end - start)], columns)
                held, rows, size, start = [], 0, 0, end
        held.append(batch.slice(start))
    if rows:
        yield _table(held, columns)


def _lengths(batch: pa.RecordBatch) -> list[int]:
    if "text" not in batch.schema.names:
        return [0] * batch.num_rows
    lengths: list[int] = np.asarray(pc.fill_null(pc.binary_length(batch["text"]), 0)).tolist()
    return lengths


def _table(batches: list[pa.RecordBatch], columns: pa.Schema) -> pa.Table:
    return pa.Table.from_batches(batches, columns).combine_chunks()
