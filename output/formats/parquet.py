"""Parquet files: page checksums, row groups sized for scanning, same bytes for same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# A row group is read whole. It ends at so many rows, or at so many bytes of text if they come first.
GROUP_ROWS = 65_536
GROUP_BYTES = 32 * 2**20


@contextmanager
def parquet_writer(
    file: Path | pa.NativeFile, columns: pa.Schema, compression_level: int | None = None
) -> Iterator[pq.ParquetWriter]:
    """Open a writer of zstd-compressed pages with checksums, which readers can verify."""
    with pq.ParquetWriter(
        file, columns, compression="zstd", compression_level=compression_level, write_page_checksum=True
    ) as writer:
        yield writer


def row_groups(
    batches: Iterable[pa.RecordBatch],
    columns: pa.Schema,
    max_rows: int | None = None,
    max_bytes: int | None = None,
) -> Iterator[pa.Table]:
    """Yield the rows of batches as one table for each row group.

    Where a group ends depends on the rows alone: at GROUP_ROWS or GROUP_BYTES, unless less is asked. Bytes
    count the column `text`, where there is one.
    """
    pending: list[pa.RecordBatch] = []
    rows = size = 0
    most_rows, most_bytes = max_rows or GROUP_ROWS, max_bytes or GROUP_BYTES
    for batch in batches:
        start = 0
        for end, length in enumerate(_text_bytes(batch), 1):
            rows, size = rows + 1, size + length
            if rows >= most_rows or size >= most_bytes:
                yield _table([*pending, batch.slice(start, end - start)], columns)
                pending, rows, size, start = [], 0, 0, end
        pending.append(batch.slice(start))
    if rows:
        yield _table(pending, columns)


def _text_bytes(batch: pa.RecordBatch) -> list[int]:
    """Return the bytes of each row's text, 0 where the rows have none."""
    if "text" not in batch.schema.names:
        return [0] * batch.num_rows
    lengths: list[int] = np.asarray(pc.fill_null(pc.binary_length(batch["text"]), 0)).tolist()
    return lengths


def _table(batches: list[pa.RecordBatch], columns: pa.Schema) -> pa.Table:
    return pa.Table.from_batches(batches, columns).combine_chunks()
