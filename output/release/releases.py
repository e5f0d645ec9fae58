"""The releases that stand in a folder, found by what their manifests say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from output.base.records import SCHEMA_VERSION
from output.release import manifest


def manifests_in(releases: Path) -> list[dict[str, Any]]:
    """The manifests of the releases in a folder, by id; what is damaged or newer is passed over."""
    folders = sorted(path for path in releases.glob("*") if path.is_dir() and not path.is_symlink())
    read = [manifest.read(folder) for folder in folders]
    return [
        found
        for folder, found in zip(folders, read, strict=True)
        if found is not None and found["id"] == folder.name and found["schema_version"] <= SCHEMA_VERSION
    ]


def release_with_content(manifests: list[dict[str, Any]], content: str) -> dict[str, Any] | None:
    """The release that holds just this content, or None."""
    return next((one for one in manifests if one.get("content") == content), None)


def release_before(manifests: list[dict[str, Any]], parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    """The newest release with these parameters: the one that no other was cut after; None for the first."""
    same = [one for one in manifests if one.get("parameters") == parameters]
    followed = {one.get("before") for one in same}
    last = [one for one in same if one["id"] not in followed]
    return max(last, key=lambda one: (one["newest_run"]["run_id"], one["id"]), default=None)
