"""What disks and libraries say when something cannot be stored or read, told as StorageError."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake.exceptions import DeltaError

from output.base.errors import StorageError

# What to do about files that do not read.
DAMAGED = "`tamis verify` names the damaged files"


@contextmanager
def storage_errors(what: str, advice: str) -> Iterator[None]:
    """Raise StorageError ("what: error; advice") for what the system, Delta, Arrow or DuckDB raise inside."""
    try:
        yield
    except (OSError, DeltaError, pa.ArrowException, duckdb.Error) as error:
        raise StorageError(f"{what}: {error}; {advice}") from error


def sync(path: Path) -> None:
    """Wait until a file or a folder's entries are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
