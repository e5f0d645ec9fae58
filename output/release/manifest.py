"""The manifest of a release: every file with its SHA-256, and a checksum of the manifest itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from output.base.errors import NewerFormat, StorageError
from output.base.records import SCHEMA_VERSION, sha256_hex
from output.dataset.fixity import file_sha256
from output.formats.untrusted_text import json_text

NAME = "manifest.json"


def file_entries(
    folder: Path, rows: Mapping[str, int], known: Iterable[dict[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return an entry for every file below the folder: path, bytes, SHA-256 and number of rows, if any.

    Files that have an entry in `known` are not read again.
    """
    entries = {entry["path"]: entry for entry in known}
    for path in _paths(folder):
        if path not in entries:
            entries[path] = {
                "path": path,
                "bytes": (folder / path).stat().st_size,
                "sha256": file_sha256(folder / path),
                **({"rows": rows[path]} if path in rows else {}),
            }
    return [entries[path] for path in sorted(entries)]


def sealed(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest with its digest and id.

    The digest is the SHA-256 of the body as JSON, the id the newest run's day and the start of the digest.
    """
    digest, day = sha256_hex(_dumped(body)), body["newest_run"]["time"][:10]
    return {"id": f"{day}-{digest[:8]}", "digest": digest, **body}


def content_digest(entries: list[dict[str, Any]], parameters: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the files' contents and the parameters, which identifies what a release holds."""
    return sha256_hex(_dumped({"files": entries, "parameters": parameters, "version": SCHEMA_VERSION}))


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write manifest.json into the folder."""
    (folder / NAME).write_bytes(_dumped(manifest))


def verify(folder: Path, below: str = "") -> list[str]:
    """Return a line for each damaged, missing or extra path of a release, [] for a sound one.

    With `below`, only paths that begin with it are read. Raises NewerFormat for a release of a newer version.
    """
    manifest = _read(folder / NAME)
    if isinstance(manifest, str):
        return [f"{folder / NAME}: {manifest}"]
    _refuse_newer(folder, manifest)
    listed = {entry["path"]: entry for entry in manifest["files"] if entry["path"].startswith(below)}
    present = {path for path in _paths(folder) if path.startswith(below)} - {NAME}
    return [
        *(f"{folder / path}: missing" for path in sorted(listed.keys() - present)),
        *(f"{folder / path}: not in the manifest" for path in sorted(present - listed.keys())),
        *(
            f"{folder / path}: damaged: its SHA-256 is not the manifest's"
            for path in sorted(listed.keys() & present)
            if file_sha256(folder / path) != listed[path]["sha256"]
        ),
    ]


def load(folder: Path) -> dict[str, Any]:
    """Return the manifest of a release that is to be read.

    Raises StorageError where it is missing or damaged, NewerFormat where a newer version cut the release.
    """
    found = _read(folder / NAME)
    if isinstance(found, str):
        raise StorageError(f"{folder / NAME}: {found}; restore the release from a copy, or cut it again")
    _refuse_newer(folder, found)
    return found


def read(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a release, or None where it is missing or damaged."""
    found = _read(folder / NAME)
    return None if isinstance(found, str) else found


def _read(path: Path) -> dict[str, Any] | str:
    """Return a manifest, or what is wrong with it."""
    try:
        content = path.read_bytes()
        manifest: dict[str, Any] = json.loads(content)
        body = {key: value for key, value in manifest.items() if key not in ("id", "digest")}
        is_sound = content == _dumped(sealed(body))
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        is_sound = False
    if not is_sound:
        return "damaged: it does not match its own digest"
    return manifest if _has_values_of_a_manifest(manifest) else "damaged: its values are not a manifest's"


def _has_values_of_a_manifest(manifest: Mapping[str, Any]) -> bool:
    """Tell whether the values that are read have their types, whoever sealed them."""
    version, counts = manifest.get("schema_version"), manifest.get("counts")
    if isinstance(version, int) and version > SCHEMA_VERSION:  # a newer Tamis knows what they are
        return True
    return (
        isinstance(version, int)
        and isinstance(counts, dict)
        and isinstance(counts.get("documents"), int)
        and isinstance(manifest["newest_run"].get("run_id"), str)
        and isinstance(manifest.get("before"), str | None)
        and isinstance(manifest.get("files"), list)
        and all(map(_is_entry, manifest["files"]))
    )


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("path"), str)
        and isinstance(entry.get("sha256"), str)
        and isinstance(entry.get("bytes"), int)
    )


def _refuse_newer(folder: Path, manifest: Mapping[str, Any]) -> None:
    if manifest["schema_version"] > SCHEMA_VERSION:
        raise NewerFormat(
            f"{folder} has schema version {manifest['schema_version']}, known here is {SCHEMA_VERSION}; "
            "install a newer Tamis"
        )


def _dumped(value: Mapping[str, Any]) -> bytes:
    return json_text(value).encode()


def _paths(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
