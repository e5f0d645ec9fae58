"""Records of a run on the disk instead of in memory: written once, in their order, and read many times."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Generic, TypeVar, overload

from output.base.errors import StorageError

T = TypeVar("T")


class Spool(Sequence[T], Generic[T]):
    """A sequence that holds its items in a file without a name, which ends with it.

    The items are pickled, as they are on their way from a worker; nobody else can open the file. Each look at
    an item reads it again. Raises StorageError where the disk is full or cannot be written.
    """

    def __init__(self, folder: Path, items: Iterable[T] = ()) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it is closed with this sequence
        except OSError as error:
            raise self._error(error) from error
        weakref.finalize(self, self._file.close)
        self._starts = array("Q", [0])
        self.extend(items)

    def append(self, item: T) -> None:
        """Write an item behind the others."""
        data = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
        try:
            self._file.seek(self._starts[-1])
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise self._error(error) from error
        self._starts.append(self._starts[-1] + len(data))

    def extend(self, items: Iterable[T]) -> None:
        """Write items behind the others."""
        for item in items:
            self.append(item)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __iter__(self) -> Iterator[T]:
        return (self._read(n) for n in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        """Read the item at an index, or those of a slice into a list."""
        positions = range(len(self))[index]
        return self._read(positions) if isinstance(positions, int) else [self._read(n) for n in positions]

    def _error(self, error: OSError) -> StorageError:
        return StorageError(
            f"cannot write to {self._folder} ({error.strerror}): make room or fix the permissions, then run "
            "the same command again, which goes on from the archive"
        )

    def _read(self, position: int) -> T:
        self._file.seek(self._starts[position])
        data = self._file.read(self._starts[position + 1] - self._starts[position])
        item: T = pickle.loads(data)  # noqa: S301 - the file has no name, and this process wrote it
        return item


class Flat(Iterable[T], Generic[T]):
    """The items of lists, one after the other, each time anew."""

    def __init__(self, lists: Iterable[Iterable[T]]) -> None:
        self._lists = lists

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(self._lists)
