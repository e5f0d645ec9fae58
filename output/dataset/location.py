"""Where a dataset lies: in a folder of this machine, or in an object store."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from output.base.errors import UsageError

# delta-rs decodes an escape that stands in a folder's name itself, and takes a backslash for a slash.
_UNREADABLE = re.compile(r"%[0-9A-Fa-f]{2}|\\")


def local_folder(root: str) -> Path | None:
    """Return the folder of a path or a file URL, None for an object store. Raises UsageError."""
    parts = urlsplit(root) if "://" in root else None
    if parts and parts.scheme != "file":
        return None
    folder = Path(url2pathname(parts.path)) if parts else Path(root)
    if unreadable := _UNREADABLE.search(str(folder.resolve())):
        raise UsageError(
            f"{folder}: delta-rs cannot read a dataset in a folder whose path holds {unreadable[0]!r}; "
            f"rename the folder, or give another place"
        )
    return folder
