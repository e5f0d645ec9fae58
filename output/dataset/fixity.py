"""Checksums of a dataset's files, for neither Parquet nor Delta notices a flipped bit.

`fixity.jsonl` beside the tables holds a line for each file: {"path", "bytes", "sha256", "check"}. `check` is
the SHA-256 of the line without it, which tells damage to the line from damage to the file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from output.base.records import sha256_hex

CHECKSUMS_FILE = "fixity.jsonl"
DELTA_LOG = "_delta_log"


def append_checksums(root: Path, tables: Iterable[str]) -> None:
    """Append the checksums of the files that the tables' commits have added since the last call.

    It completes the work of a killed writer: commits without a line are read from the Delta log, and an
    incomplete last line is cut off. Returns when the lines are on disk; raises OSError.
    """
    file = root / CHECKSUMS_FILE
    known = _recorded_paths(file)
    new = [path for table in tables for path in _unrecorded(root, table, known)]
    if not new:
        return
    with file.open("ab") as stream:
        stream.writelines(_line(root, path) for path in new)
        stream.flush()
        os.fsync(stream.fileno())


def verify(root: Path, needed: set[str] | None) -> list[str]:
    """Return a line for each damaged or missing file, and for each damaged line of the checksums.

    `needed` are the current data files of the tables, relative to root; files that compaction replaced may be
    missing. None means unknown, because a table does not open: then every missing file is named.
    """
    file = root / CHECKSUMS_FILE
    lines, damaged = _lines(file), []
    if not lines and any(root.glob(f"*/{DELTA_LOG}/*.json")):
        return [f"{file}: missing"]
    for number, line in enumerate(lines, 1):
        entry = _entry(line)
        if entry is None:
            damaged.append(f"{file}:{number}: damaged: the line does not match its own checksum")
            continue
        path = root / entry["path"]
        if not path.is_file():
            if needed is None or entry["path"] in needed or DELTA_LOG in path.parts:
                damaged.append(f"{path}: missing")
        elif path.stat().st_size != entry["bytes"] or file_sha256(path) != entry["sha256"]:
            damaged.append(f"{path}: damaged: its SHA-256 is not the one it was written with")
    return damaged


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unrecorded(root: Path, table: str, known: set[str]) -> Iterator[Path]:
    """Yield the data files, checkpoints and commits of a table that have no line yet."""
    log = root / table / DELTA_LOG
    for commit in sorted(log.glob("*.json")):
        if commit.relative_to(root).as_posix() in known:
            continue
        for line in commit.read_text("utf-8").splitlines():
            added = json.loads(line).get("add")
            if added and (path := root / table / added["path"]).exists():
                yield path
        yield from sorted(log.glob(f"{commit.stem}.checkpoint*.parquet"))
        yield commit


def _line(root: Path, path: Path) -> bytes:
    return _dumped(
        {"path": path.relative_to(root).as_posix(), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
    )


def _dumped(entry: dict[str, Any]) -> bytes:
    check = sha256_hex(json.dumps(entry).encode())
    return f"{json.dumps({**entry, 'check': check})}\n".encode()


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
        del entry["check"]
        inside = not Path(entry["path"]).is_absolute() and ".." not in Path(entry["path"]).parts
        whole = entry.keys() == {"path", "bytes", "sha256"}
        return entry if inside and whole and _dumped(entry) == line else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines(keepends=True) if file.exists() else []


def _recorded_paths(file: Path) -> set[str]:
    """Return the paths that have a line; cut off a last line without its end, which a kill left."""
    lines = _lines(file)
    if lines and not lines[-1].endswith(b"\n"):
        os.truncate(file, file.stat().st_size - len(lines.pop()))
    return {entry["path"] for line in lines if (entry := _entry(line))}
