"""The manifest of a release: every file with its SHA-256, and a checksum over the manifest itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from output.errors import NewerFormat
from output.fixity import file_sha256
from output.records import SCHEMA_VERSION, sha256_hex

NAME = "manifest.json"


def file_entries(folder: Path, rows: Mapping[str, int]) -> list[dict[str, Any]]:
    """Path, bytes, SHA-256 and, where the file holds rows, their number, for every file below the folder."""
    return [
        {
            "path": path,
            "bytes": (folder / path).stat().st_size,
            "sha256": file_sha256(folder / path),
            **({"rows": rows[path]} if path in rows else {}),
        }
        for path in sorted(_paths(folder))
    ]


def sealed(day: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with its id (day and start of the digest) and its digest: SHA-256 of the body as JSON."""
    digest = sha256_hex(_dumped(body))
    return {"id": f"{day}-{digest[:8]}", "digest": digest, **body}


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write manifest.json into the folder."""
    (folder / NAME).write_bytes(_dumped(manifest))


def verify(folder: Path) -> list[str]:
    """A line for each damaged, missing or extra path of a release; [] when it is as it was cut.

    Raises NewerFormat for a release that a newer version cut.
    """
    manifest = _read(folder / NAME)
    if isinstance(manifest, str):
        return [f"{folder / NAME}: {manifest}"]
    if manifest["schema_version"] > SCHEMA_VERSION:
        raise NewerFormat(
            f"{folder} has schema version {manifest['schema_version']}, known here is {SCHEMA_VERSION}; "
            "install a newer Tamis"
        )
    listed = {entry["path"]: entry for entry in manifest["files"]}
    present = {*_paths(folder)} - {NAME}
    return [
        *(f"{folder / path}: missing" for path in sorted(listed.keys() - present)),
        *(f"{folder / path}: not in the manifest" for path in sorted(present - listed.keys())),
        *(
            f"{folder / path}: damaged: its SHA-256 is not the manifest's"
            for path in sorted(listed.keys() & present)
            if file_sha256(folder / path) != listed[path]["sha256"]
        ),
    ]


def _read(path: Path) -> dict[str, Any] | str:
    try:
        content = path.read_bytes()
        manifest: dict[str, Any] = json.loads(content)
        body = {key: value for key, value in manifest.items() if key not in ("id", "digest")}
        whole = content == _dumped(sealed(manifest["id"].rpartition("-")[0], body))
    except FileNotFoundError:
        return "missing"
    except (ValueError, AttributeError, KeyError):
        whole = False
    return manifest if whole else "damaged: it does not match its own digest"


def _dumped(value: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n".encode()


def _paths(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
