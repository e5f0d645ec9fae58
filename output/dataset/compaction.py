"""Keeping the tables quick to read: small files made one, and files that no reader needs any more removed.

Neither takes a committed row: what a release was cut from can be cut again to the same bytes.
"""

from __future__ import annotations

from deltalake import DeltaTable, WriterProperties

# Each publish adds a file to each table; from so many on, opening them costs a reader more than reading them.
MIN_FILES = 64

# Whoever began to read before files were put aside has this long to finish; Delta's own default.
RETENTION_HOURS = 168


def compact(table: DeltaTable, writer: WriterProperties, *, files: int = MIN_FILES) -> None:
    """Compact a table that has `files` files or more, and remove what was put aside long enough ago."""
    if len(table.file_uris()) >= files:
        table.optimize.compact(writer_properties=writer, max_concurrent_tasks=1)
    if table.vacuum(RETENTION_HOURS, dry_run=True, full=True):
        table.vacuum(RETENTION_HOURS, dry_run=False, full=True)
