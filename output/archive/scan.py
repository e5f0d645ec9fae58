"""Archive files read from end to end: counted without the ledger, re-hashed against it, or a stranger's."""

from __future__ import annotations

import glob
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from output.archive.compression import BodyError
from output.archive.foreign_warc import is_truncated_after, read_foreign_record
from output.archive.warc import MAX_HEADERS, Record, run_id_of, url_of
from output.base.errors import StorageError
from output.base.records import ArchiveRef
from output.ledger.records import UNFINISHED, ArchiveFile
from output.ledger.tombstones import FORGOTTEN_FILE, forgotten_hashes, url_hash

if TYPE_CHECKING:
    from output.ledger.ledger import Ledger

_PAGES: Final = (WarcRecordType.response, WarcRecordType.resource)
_OTHERS: Final = (WarcRecordType.revisit, WarcRecordType.conversion, WarcRecordType.continuation)


@dataclass(frozen=True, slots=True)
class Head:
    """What a scan tells of a record: where it lies, WARC's type, URL and run ("" where it has none)."""

    ref: ArchiveRef
    type: str
    url: str
    run_id: str


def run_records(folder: Path, source_id: str, run_id: str) -> Iterator[Head]:
    """The responses and revisits that a run's files hold, counted without the ledger. Raises StorageError."""
    pattern = glob.escape(f"{source_id}/{run_id}") + "-[0-9]*.warc.gz"
    for path in sorted(folder.glob(pattern)):
        for head in iter_records(path, f"{source_id}/{path.name}"):
            if head.type in ("response", "revisit"):
                yield head


def iter_records(path: Path, file: str) -> Iterator[Head]:
    """Every record of an archive file, which is called `file` in places. Raises StorageError at damage."""
    before: tuple[int, str, str, str] | None = None
    size = path.stat().st_size
    try:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, parse_http=False, max_header_len=MAX_HEADERS):
                offset = record.stream_pos
                if before is not None:
                    yield _located(file, before, offset)
                url = record.headers.get("WARC-Target-URI") or ""
                before = (offset, str(record.record_type), url, run_id_of(record))
    except OSError as error:
        after = before[0] if before else 0
        raise StorageError(f"{path} is damaged after {after} ({error}): restore it from a copy") from error
    if before is not None:
        yield _located(file, before, size)


def read_warc(path: Path, others: Counter[str] | None = None) -> Iterator[Record | str]:
    """The pages of any WARC file: its HTTP responses and the resources of the web, bodies opened; a line
    instead of what could not be read whole. `others` counts the records of pages that hold no page
    themselves, by their type: revisits, conversions, continuations.

    In an archive of Tamis, what was withdrawn is passed over, with a line that says so.
    """
    found, gone, last, broken = False, forgotten_hashes(path.parent.parent), 0, -1
    try:
        with path.open("rb") as stream:
            # What FastWARC itself opens ends the file without a word where a body is not as it says.
            for record in ArchiveIterator(stream, parse_http=False, max_header_len=MAX_HEADERS):
                last = record.stream_pos
                url = url_of(record)
                if not url.startswith(("http:", "https:")):
                    continue
                if record.record_type not in _PAGES:
                    if others is not None and record.record_type in _OTHERS:
                        others[str(record.record_type)] += 1
                    continue
                found = True
                if url_hash(url) in gone:
                    yield f"{url} was withdrawn"
                else:
                    page = _page(record)
                    broken = last if isinstance(page, str) else broken
                    yield page
    except OSError as error:
        yield f"damaged, and not read to its end: {error}"
        return
    if last != broken and is_truncated_after(path, last):
        yield "cut: it ends within a record"
    elif not found:
        yield "no response record in it"


def _page(record: WarcRecord) -> Record | str:
    if cut := record.headers.get("WARC-Truncated"):
        return f"{url_of(record)}: cut when it was archived (WARC-Truncated: {cut})"
    try:
        return read_foreign_record(record)
    except (OSError, BodyError) as error:
        return f"{url_of(record)}: {error}"


def _located(file: str, head: tuple[int, str, str, str], end: int) -> Head:
    offset, kind, url, run_id = head
    return Head(ArchiveRef(file, offset, end - offset), kind, url, run_id)


def verify_archive(folder: Path, ledger: Ledger) -> list[str]:
    """A line for each archive file that is missing, damaged, or not in the ledger.

    What the ledger has a SHA-256 of is hashed again; what a run has added since is read record by
    record, and its digests are checked. What a killed run left after its last committed record is no damage.
    """
    files = ledger.archive_files()
    lines = [line for file in files if (line := _damage(folder / file.file, file))]
    known = {file.file for file in files}
    unfinished = tuple(f"{run.run_id}-" for run in ledger.runs() if run.status in UNFINISHED)
    strange = (
        path
        for path in sorted(folder.glob("*/*.warc.gz"))
        if path.relative_to(folder).as_posix() not in known and not path.name.startswith(unfinished)
    )
    stones = {url_hash(tombstone.url) for tombstone in ledger.tombstones()}
    if forgotten_hashes(folder) != stones:
        lines.append(
            f"{folder / FORGOTTEN_FILE}: damaged: it does not name what the ledger says was withdrawn"
        )
    return lines + [f"{path}: not in the ledger" for path in strange]


def _damage(path: Path, file: ArchiveFile) -> str:
    try:
        size = path.stat().st_size
        if size < max(file.end, file.size):
            return f"{path}: cut short: {size} bytes of {max(file.end, file.size)}"
        if size > file.size == file.end:
            return f"{path}: {size - file.size} bytes were added after it was closed"
        if file.size and _sha256(path, file.size) != file.sha256:
            return f"{path}: damaged: its SHA-256 is not the one it was closed with"
        damage = _first_damage(path, file) if file.end > file.size else None
        return "" if damage is None else f"{path}: damaged at or after byte {damage}"
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


def _first_damage(path: Path, file: ArchiveFile) -> int | None:
    """The last place before damage, from what is hashed to the last committed record; None if all is well."""
    at = file.size
    try:
        with path.open("rb") as stream:
            stream.seek(file.size)
            for record in ArchiveIterator(stream, parse_http=False, max_header_len=MAX_HEADERS):
                if record.stream_pos >= file.end:
                    break
                at = record.stream_pos
                if not record.verify_block_digest():
                    return at
    except OSError:
        return at
    return None
