"""Output files that appear whole or not at all, and never overwrite an input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from output.base.errors import StorageError, UsageError


def refuse_overwriting(inputs: Iterable[Path], outputs: Sequence[Path]) -> None:
    """Raise UsageError where an output is also an input, or two outputs are the same file."""
    taken = {path.resolve() for path in inputs}
    for path in outputs:
        if path.resolve() in taken:
            raise UsageError(f"{path}: is an input, and cannot be the output too; name another file")
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise UsageError(f"{outputs[0]}: is named for two outputs; name another file for one of them")


@contextmanager
def whole(path: Path) -> Iterator[TextIO]:
    """Open a text file that gets its name only when all of it is written. Raises StorageError."""
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
