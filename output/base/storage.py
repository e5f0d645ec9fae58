"""Storage helpers: errors of disks and libraries as StorageError, and writes forced to disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake.exceptions import DeltaError

from output.base.errors import StorageError

# The advice for files that cannot be read.
VERIFY_ADVICE = "`tamis verify` names the damaged files"


@contextmanager
def storage_errors(what: str, advice: str) -> Iterator[None]:
    """Raise StorageError ("what: error; advice") for errors of the system, Delta, Arrow or DuckDB inside."""
    try:
        yield
    except (OSError, DeltaError, pa.ArrowException, duckdb.Error) as error:
        raise StorageError(f"{what}: {error}; {advice}") from error


def sync(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
