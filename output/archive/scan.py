"""Reading of whole files of the archive: to count their records, to verify them."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastwarc.warc import ArchiveIterator

from output.archive.elsewhere import files_elsewhere
from output.archive.warc import MAX_HEADERS, run_id_of
from output.base.errors import StorageError
from output.base.records import ArchiveRef
from output.ledger.records import UNFINISHED, ArchiveFile
from output.ledger.tombstones import FORGOTTEN_FILE, forgotten_hashes, url_hash

if TYPE_CHECKING:
    from output.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a record: its place, WARC's type, URL and run ("" where it has none)."""

    ref: ArchiveRef
    type: str
    url: str
    run_id: str


def run_records(folder: Path, source_id: str, run_id: str) -> Iterator[Head]:
    """Yield the responses and revisits in a run's files, without the ledger. Raises StorageError."""
    pattern = glob.escape(f"{source_id}/{run_id}") + "-[0-9]*.warc.gz"
    for path in sorted(folder.glob(pattern)):
        for head in iter_records(path, f"{source_id}/{path.name}"):
            if head.type in ("response", "revisit"):
                yield head


def iter_records(path: Path, file: str) -> Iterator[Head]:
    """Yield every record of an archive file, whose places name it `file`. Raises StorageError at damage."""
    previous: tuple[int, str, str, str] | None = None
    size = path.stat().st_size
    try:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, parse_http=False, max_header_len=MAX_HEADERS):
                offset = record.stream_pos
                if previous is not None:
                    yield _head(file, previous, offset)
                url = record.headers.get("WARC-Target-URI") or ""
                previous = (offset, str(record.record_type), url, run_id_of(record))
    except OSError as error:
        sound = previous[0] if previous else 0
        raise StorageError(
            f"{path} is damaged after byte {sound} ({error}): restore it from a copy"
        ) from error
    if previous is not None:
        yield _head(file, previous, size)


def _head(file: str, record: tuple[int, str, str, str], end: int) -> Head:
    offset, record_type, url, run_id = record
    return Head(ArchiveRef(file, offset, end - offset), record_type, url, run_id)


def verify_archive(folder: Path, ledger: Ledger) -> list[str]:
    """Return a line for each archive file that is missing, damaged, or not in the ledger.

    Bytes with a SHA-256 in the ledger are hashed again. Records that a run has added since are read one by
    one, and their digests checked. What a killed run left after its last committed record is no damage, and
    files that lie on another machine are left to that.
    """
    elsewhere = {file for files in files_elsewhere(folder, ledger).values() for file in files}
    files = [file for file in ledger.archive_files() if file.file not in elsewhere]
    return [
        *(line for file in files if (line := _damage_of(folder / file.file, file))),
        *_forgotten_list_damage(folder, ledger),
        *_unknown_files(folder, ledger, {file.file for file in files}),
    ]


def _forgotten_list_damage(folder: Path, ledger: Ledger) -> list[str]:
    if forgotten_hashes(folder) == {url_hash(tombstone.url) for tombstone in ledger.tombstones()}:
        return []
    return [f"{folder / FORGOTTEN_FILE}: damaged: it does not name what the ledger says was withdrawn"]


def _unknown_files(folder: Path, ledger: Ledger, known: set[str]) -> list[str]:
    unfinished = tuple(f"{run.run_id}-" for run in ledger.runs() if run.status in UNFINISHED)
    return [
        f"{path}: not in the ledger"
        for path in sorted(folder.glob("*/*.warc.gz"))
        if path.relative_to(folder).as_posix() not in known and not path.name.startswith(unfinished)
    ]


def _damage_of(path: Path, file: ArchiveFile) -> str:
    try:
        size = path.stat().st_size
        if size < max(file.end, file.size):
            return f"{path}: cut short: {size} bytes of {max(file.end, file.size)}"
        if size > file.size == file.end:
            return f"{path}: {size - file.size} bytes were added after it was closed"
        if file.size and _sha256(path, file.size) != file.sha256:
            return f"{path}: damaged: its SHA-256 is not the one it was closed with"
        sound = _last_sound_offset(path, file) if file.end > file.size else None
        return "" if sound is None else f"{path}: damaged at or after byte {sound}"
    except FileNotFoundError:
        return f"{path}: missing"
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror})"


def _sha256(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while size and (chunk := stream.read(min(size, 1 << 20))):
            digest.update(chunk)
            size -= len(chunk)
    return digest.hexdigest()


def _last_sound_offset(path: Path, file: ArchiveFile) -> int | None:
    """Return the offset of the damaged record behind the hashed bytes, None where all are sound."""
    offset = file.size
    try:
        with path.open("rb") as stream:
            stream.seek(file.size)
            for record in ArchiveIterator(stream, parse_http=False, max_header_len=MAX_HEADERS):
                if record.stream_pos >= file.end:
                    break
                offset = record.stream_pos
                if not record.verify_block_digest():
                    return offset
    except OSError:
        return offset
    return None
