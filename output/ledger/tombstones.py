"""The archive's own list of withdrawn URLs, so that copies of the archive honour it too.

`forgotten.txt` holds the SHA-256 of each URL, a line each, so that the list gives no address away. It is
written whole from the tombstones of the ledger. A ledger that lacks some of them, because the one before was
lost, takes them over (`Ledger.adopt_forgotten`); a URL that it does not know then stands as its hash.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from output.base.errors import StorageError
from output.base.records import sha256_hex

FORGOTTEN_FILE = "forgotten.txt"
_HASHED = "sha256:"


def url_hash(url: str) -> str:
    """Return the SHA-256 that stands for a URL in the list; that of a hashed URL is its own."""
    if url.startswith(_HASHED):
        return url.removeprefix(_HASHED)
    return sha256_hex(url.encode(errors="surrogatepass"))


def hashed_url(url_sha256: str) -> str:
    """Return what stands for a withdrawn URL of which only the hash is known."""
    return f"{_HASHED}{url_sha256}"


def write_forgotten_list(folder: Path, urls: Iterable[str]) -> None:
    """Replace the list of an archive in one step. Raises StorageError."""
    unfinished = folder / f".{FORGOTTEN_FILE}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="ascii") as file:
            file.writelines(f"{digest}\n" for digest in sorted(map(url_hash, urls)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / FORGOTTEN_FILE)
    except OSError as error:
        raise StorageError(
            f"{folder / FORGOTTEN_FILE} cannot be written ({error.strerror}): "
            "make room or fix the permissions, then run the same command again"
        ) from error


def forgotten_hashes(folder: Path) -> frozenset[str]:
    """Return the hashes in the list of an archive; none where it has no list."""
    try:
        return frozenset((folder / FORGOTTEN_FILE).read_bytes().decode("latin-1").split())
    except FileNotFoundError:
        return frozenset()
