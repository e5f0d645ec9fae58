"""Migrations of the tables from one schema version to the next, in place.

A table keeps its version in the property `tamis.schema_version`, which is written last. A migration that was
killed is done again, so each must be repeatable. Tables from before versions were kept have version 0.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
from deltalake import DeltaTable, Schema

from output.base.errors import NewerFormat, StorageError
from output.base.records import SCHEMA_VERSION
from output.base.storage import VERIFY_ADVICE
from output.formats.arrow import RECORDS, schema

VERSION_KEY = "tamis.schema_version"


def add_missing_columns(table: DeltaTable, name: str) -> None:
    """Add the columns that came later than the table, null in its rows; so 0 → 1 is migrated."""
    present = {field.name for field in table.schema().fields}
    fields = Schema.from_arrow(pa.schema([f for f in schema(RECORDS[name]) if f.name not in present])).fields
    if fields:
        table.alter.add_columns(fields)


# Migrations by the version that they lead to.
MIGRATIONS: dict[int, Callable[[DeltaTable, str], None]] = {1: add_missing_columns}


def version_of(table: DeltaTable) -> int:
    """Return a table's schema version. Raises NewerFormat for a newer one, StorageError for no number."""
    uri, text = table.table_uri.rstrip("/"), table.metadata().configuration.get(VERSION_KEY, "0")
    if not text.isdecimal():
        raise StorageError(f"{uri} is damaged: its schema version is {text!r}; {VERIFY_ADVICE}")
    version = int(text)
    if version > SCHEMA_VERSION:
        raise NewerFormat(
            f"{uri} has schema version {version}, known here is {SCHEMA_VERSION}; install a newer Tamis"
        )
    return version


def migrate(table: DeltaTable, name: str) -> None:
    """Bring a table to today's version, a step at a time."""
    for version in range(version_of(table) + 1, SCHEMA_VERSION + 1):
        MIGRATIONS[version](table, name)
        table.alter.set_table_properties({VERSION_KEY: str(version)}, raise_if_not_exists=False)
