"""The releases in a folder, found by their manifests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from output.base.records import SCHEMA_VERSION
from output.release import manifest


def manifests_in(releases: Path) -> list[dict[str, Any]]:
    """Return the manifests of the releases in a folder, by id, without damaged and newer ones."""
    folders = sorted(path for path in releases.glob("*") if path.is_dir() and not path.is_symlink())
    read = [manifest.read(folder) for folder in folders]
    return [
        found
        for folder, found in zip(folders, read, strict=True)
        if found is not None and found["id"] == folder.name and found["schema_version"] <= SCHEMA_VERSION
    ]


def release_with_content(manifests: list[dict[str, Any]], content: str) -> dict[str, Any] | None:
    """Return the manifest of the release with this content, or None."""
    return next((found for found in manifests if found.get("content") == content), None)


def release_before(manifests: list[dict[str, Any]], parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the newest release with these parameters, after which no other was cut; None for the first."""
    same = [found for found in manifests if found.get("parameters") == parameters]
    followed = {found.get("before") for found in same}
    last = [found for found in same if found["id"] not in followed]
    return max(last, key=lambda found: (found["newest_run"]["run_id"], found["id"]), default=None)
