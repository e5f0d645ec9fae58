"""Files that strangers made: read no further than a bound, and no link is followed out of its folder."""

from __future__ import annotations

from pathlib import Path

LINK_OUT = "a link that leads out of the folder, and is not followed; name its target to read it"


def leads_out(file: Path, folder: Path) -> bool:
    """Tell whether a file below a folder is a link to something that does not lie below it."""
    return file.is_symlink() and not file.resolve().is_relative_to(folder.resolve())


def read_bounded(file: Path, max_bytes: int) -> bytes | None:
    """Read a file; None for one of more bytes, of which no more are read. Raises OSError."""
    with file.open("rb") as stream:
        content = stream.read(max_bytes + 1)
    return content if len(content) <= max_bytes else None
