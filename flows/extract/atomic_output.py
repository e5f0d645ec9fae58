"""Files that a command writes beside those it reads: they appear whole, and over nothing that is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from output.base.errors import StorageError, UsageError


def refuse_overwriting(read: Iterable[Path], written: Sequence[Path]) -> None:
    """Raise UsageError where a file would be written over what is read, or two into one."""
    given = {path.resolve() for path in read}
    for path in written:
        if path.resolve() in given:
            raise UsageError(f"{path}: is read, and cannot be written too; name another file")
    if len({path.resolve() for path in written}) < len(written):
        raise UsageError(f"{written[0]}: cannot hold two kinds of lines; name another file for one")


@contextmanager
def whole(path: Path) -> Iterator[TextIO]:
    """A text file that appears under its name only when all of it is written. Raises StorageError."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"cannot write {path}: {error.strerror or error}; free space or name another file"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
