"""Archives that lie on another machine: where several share a ledger, each keeps what it has fetched."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from output.base.errors import UsageError
from output.base.wording import listed
from output.ledger.records import RunRow

if TYPE_CHECKING:
    from output.ledger.ledger import Ledger

# Files that a message names; the rest are counted.
MAX_NAMED_FILES = 5


def archive_place(folder: Path) -> str:
    """Return where an archive lies, for other machines to name it: "host:folder"."""
    return f"{socket.gethostname()}:{folder.resolve()}"


def files_elsewhere(folder: Path, ledger: Ledger, source_id: str | None = None) -> dict[str, list[str]]:
    """Return the archive files that other places hold, and not `folder`, by place.

    Another machine is believed. Where its place is on this one, a file that is not there either is lost.
    """
    here = archive_place(folder)
    runs = [run for run in ledger.runs(source_id) if run.archive not in ("", here)]
    # Where the whole data folder was moved, the first files are there, and the ledger is not read further.
    missing = [run for run in runs if not (folder / f"{_stem(run)}00001.warc.gz").exists()]
    names = (
        [file.file for file in ledger.archive_files() if not (folder / file.file).exists()] if missing else []
    )
    found: dict[str, list[str]] = {}
    for run in missing:
        if files := [name for name in names if name.startswith(_stem(run)) and _may_hold(run.archive, name)]:
            found.setdefault(run.archive, []).extend(files)
    return found


def require_here(folder: Path, ledger: Ledger, source_id: str) -> None:
    """Raise UsageError where another place holds archive files of a source: it must be run there."""
    elsewhere = files_elsewhere(folder, ledger, source_id)
    if not elsewhere:
        return
    places = "; ".join(
        f"{place} holds {listed(files, MAX_NAMED_FILES)}" for place, files in sorted(elsewhere.items())
    )
    raise UsageError(
        f"{source_id}: its archive is not whole in {folder}: {places}. Run the source there; or copy these "
        f"files into {folder / source_id}, and from then on run it here alone. Nothing was begun"
    )


def _may_hold(place: str, file: str) -> bool:
    host, _, folder = place.partition(":")
    return host != socket.gethostname() or (Path(folder) / file).exists()


def _stem(run: RunRow) -> str:
    return f"{run.source_id}/{run.run_id}-"
