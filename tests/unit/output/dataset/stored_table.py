"""A table as an older Tamis may have left it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable

from output.dataset.writing import write


def store_table(folder: Path, rows: pa.Table) -> None:
    """Create a table of these rows, with their columns alone."""
    write(DeltaTable.create(folder, schema=rows.schema), rows.schema, rows.to_batches())
