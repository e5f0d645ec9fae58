"""The archive's own list of what was withdrawn, so that it is honoured wherever the archive is copied to.

`forgotten.txt` holds the SHA-256 of each URL, a line each: whoever has the list learns no address from it.
The ledger's tombstones are the truth, and the list is written whole from them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from output.base.errors import StorageError
from output.base.records import sha256_hex

NAME = "forgotten.txt"


def name_of(url: str) -> str:
    """How the list names a URL."""
    return sha256_hex(url.encode(errors="surrogatepass"))


def bury(folder: Path, urls: Iterable[str]) -> None:
    """Write the list; the old one stands until the new one is whole. Raises StorageError."""
    unfinished = folder / f".{NAME}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="ascii") as file:
            file.writelines(f"{name}\n" for name in sorted(map(name_of, urls)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / NAME)
    except OSError as error:
        raise StorageError(
            f"{folder / NAME} cannot be written ({error.strerror}): make room or mend the permissions, "
            "then run the same command again"
        ) from error


def buried(folder: Path) -> frozenset[str]:
    """The names on the list of an archive; none where it has no list."""
    try:
        return frozenset((folder / NAME).read_bytes().decode("latin-1").split())
    except FileNotFoundError:
        return frozenset()
