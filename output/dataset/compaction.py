"""Compaction of the tables: small files are merged, and files that no reader needs any more are removed.

No committed row is lost: a release can be cut again to the same bytes.
"""

from __future__ import annotations

from deltalake import DeltaTable, WriterProperties

from output.dataset.writing import COMPRESSION_LEVEL, GROUP_ROWS

# Each publish adds a file to each table. From so many on, opening them costs a reader more than reading them.
MIN_FILES = 64

# A reader that began before a compaction has so long to finish; Delta's own default.
RETENTION_HOURS = 168


_WRITER = WriterProperties(
    compression="ZSTD", compression_level=COMPRESSION_LEVEL, max_row_group_size=GROUP_ROWS
)


def compact(table: DeltaTable, *, min_files: int = MIN_FILES) -> None:
    """Merge the files of a table with `min_files` or more; delete replaced files after RETENTION_HOURS."""
    if len(table.file_uris()) >= min_files:
        table.optimize.compact(writer_properties=_WRITER, max_concurrent_tasks=1)
    if table.vacuum(RETENTION_HOURS, dry_run=True, full=True):
        table.vacuum(RETENTION_HOURS, dry_run=False, full=True)
