"""Checksums of a dataset's files, taken as they are written: neither Parquet nor Delta notices a flipped bit.

`fixity.jsonl` beside the tables holds a line a file: {"path", "bytes", "sha256", "check"}; `check` is the
SHA-256 of the line without it, so that damage to the line is told from damage to the file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from output.base.records import sha256_hex

NAME = "fixity.jsonl"
LOG = "_delta_log"


def record(root: Path, tables: Iterable[str]) -> None:
    """Append the checksums of what the tables' commits have brought since the last call.

    What a killed writer left undone is made up for: commits without a line are read from the Delta log, and
    a torn last line is cut off. Returns when the lines are on disk; raises OSError.
    """
    file = root / NAME
    known = _mended(file)
    new = [path for table in tables for path in _unrecorded(root, table, known)]
    if not new:
        return
    with file.open("ab") as stream:
        stream.writelines(_line(root, path) for path in new)
        stream.flush()
        os.fsync(stream.fileno())


def verify(root: Path, needed: set[str] | None) -> list[str]:
    """A line for each damaged or missing file, and for each damaged line of the checksums themselves.

    `needed` are the data files of the tables as they stand, relative to root: what compaction put
    aside may be gone. None when that is not known, because a table does not open: then every
    missing file is named.
    """
    lines, damaged = _lines(root / NAME), []
    if not lines and any(root.glob(f"*/{LOG}/*.json")):
        return [f"{root / NAME}: missing"]
    for number, line in enumerate(lines, 1):
        entry = _entry(line)
        if entry is None:
            damaged.append(f"{root / NAME}:{number}: damaged: the line does not match its own checksum")
            continue
        path = root / entry["path"]
        if not path.is_file():
            if needed is None or entry["path"] in needed or LOG in path.parts:
                damaged.append(f"{path}: missing")
        elif path.stat().st_size != entry["bytes"] or file_sha256(path) != entry["sha256"]:
            damaged.append(f"{path}: damaged: its SHA-256 is not the one it was written with")
    return damaged


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unrecorded(root: Path, table: str, known: set[str]) -> Iterator[Path]:
    log = root / table / LOG
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
        return entry if inside and _dumped(entry) == line else None
    except (ValueError, KeyError, TypeError):
        return None


def _lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines(keepends=True) if file.exists() else []


def _mended(file: Path) -> set[str]:
    """The paths that have a line; a last line without its end, torn by a kill, is cut off."""
    lines = _lines(file)
    if lines and not lines[-1].endswith(b"\n"):
        os.truncate(file, file.stat().st_size - len(lines.pop()))
    return {entry["path"] for line in lines if (entry := _entry(line))}
