"""The version of the cleaning: a checksum of the code and the data that turn a page into documents."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

# Raised when the checksum covers other files or is computed in another way.
_SCHEME: Final = 2
_TEXT_FILES: Final = (".py", ".toml", ".txt")
_BINARY_FILES: Final = (".npz",)


@functools.cache
def cleaning_version() -> str:
    """Return the version that a document's field `rules_version` records, such as `2-0123456789ab`.

    It is a checksum of every source and data file of `cleaning` (rules, lexicon, issuers, model weights) and
    of `web`, and of the records in `output.base`. Any change to one of them gives another version.
    Libraries are not covered. Line ends and the way of installing make no difference. Versions that begin
    with `1-` come from an earlier scheme, which covered the lexicon alone.
    """
    digest = hashlib.sha256()
    for name, data in sorted(_covered_files()):
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return f"{_SCHEME}-{digest.hexdigest()[:12]}"


def _covered_files() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each covered file, in no certain order."""
    for package in ("cleaning", "web"):
        yield from _package_files(resources.files(package), package)
    yield "output/base/records.py", _content(resources.files("output.base") / "records.py")


def _package_files(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        path = f"{name}/{entry.name}"
        if entry.name.endswith(_TEXT_FILES + _BINARY_FILES):
            yield path, _content(entry)
        elif entry.is_dir():
            yield from _package_files(entry, path)


def _content(file: Traversable) -> bytes:
    data = file.read_bytes()
    return data.replace(b"\r\n", b"\n") if file.name.endswith(_TEXT_FILES) else data
