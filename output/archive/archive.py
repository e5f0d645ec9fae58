"""The archive: every fetched response, in WARC files of one run each.

Only the run itself writes to its files `SOURCE/RUN-00001.warc.gz` and following, so that its records can be
counted from the files alone. A record is written in one piece, `sync` puts it on disk, and it counts once
the ledger has committed its place.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from output.archive.warc import Exchange, Headers, Record, RecordBuilder, read_member
from output.base.errors import Forgotten, StorageError, UsageError
from output.base.records import ArchiveRef
from output.ledger.tombstones import forgotten_hashes, url_hash

# The size of a file that the WARC standard recommends.
ROTATE_BYTES = 1 << 30

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class ArchiveWriter:
    """Writer of the records of one run of one source.

    `end_of` returns the end of a file's last committed record (`Ledger.archive_end`). `closed` is called with
    name, SHA-256 and size of a file that is full or complete (`Ledger.close_file`).
    """

    def __init__(
        self,
        folder: Path,
        source_id: str,
        *,
        run_id: str,
        end_of: Callable[[str], int],
        closed: Callable[[str, str, int], None],
        rotate_bytes: int = ROTATE_BYTES,
    ) -> None:
        """Open the run's last file, truncated to its last committed record, or begin the first.

        Raises StorageError where the file cannot be written, or is shorter than what was committed.
        """
        for name in (source_id, run_id):
            if not _SAFE_NAME.fullmatch(name):
                raise UsageError(f"{name!r} cannot name archive files: use letters, digits, '.', '_' and '-'")
        self._folder = folder
        self._source_id = source_id
        self._run_id = run_id
        self._end_of = end_of
        self._closed = closed
        self._rotate_bytes = rotate_bytes
        self._descriptor, self._end, self._hash = -1, 0, hashlib.sha256()
        self._number = 1
        while end_of(self._name(self._number + 1)) or self._path(self._number + 1).exists():
            self._number += 1
        self._open()

    def write_response(
        self,
        *,
        url: str,
        status: int,
        reason: str,
        request_headers: Headers,
        response_headers: Headers,
        body: bytes,
        sha256: str,
        fetched_at: datetime,
        ip: str = "",
    ) -> ArchiveRef:
        """Archive a request and its response; return the place of the response.

        Headers are pairs of names and values; `body` is decoded from its transfer and content encodings,
        and `sha256` is its own, in hex. Raises StorageError, after which nothing of the exchange is kept.
        """
        exchange = Exchange(url, status, reason, request_headers, response_headers, fetched_at, ip)
        return self._append(
            exchange, lambda offset, request: self._warc.response(exchange, offset, request, body, sha256)
        )

    def write_revisit(
        self,
        *,
        url: str,
        status: int,
        reason: str,
        request_headers: Headers,
        response_headers: Headers,
        fetched_at: datetime,
        refers_to: ArchiveRef,
        refers_to_url: str,
        refers_to_date: datetime,
        sha256: str,
        ip: str = "",
    ) -> ArchiveRef:
        """Archive a response whose body is archived already, at `refers_to`: a 304, or the same bytes again.

        `sha256` is that body's, in hex. Raises StorageError, after which nothing of the exchange is kept.
        """
        exchange = Exchange(url, status, reason, request_headers, response_headers, fetched_at, ip)
        body = (refers_to, refers_to_url, refers_to_date, sha256)
        return self._append(
            exchange, lambda offset, request: self._warc.revisit(exchange, offset, request, *body)
        )

    def sync(self) -> None:
        """Wait until everything written is on disk. Raises StorageError.

        The ledger commits places only afterwards, so that a power cut leaves no place without its record.
        """
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._write_error(error) from error

    def close(self) -> None:
        """Close the file: truncate it to its committed records, and report its SHA-256 to `closed`."""
        if self._descriptor < 0:
            return
        try:
            committed = self._end_of(self._warc.file)
            if committed == 0:
                self._path(self._number).unlink()
                return
            if committed < self._end:
                self._truncate(committed)
            self._closed(self._warc.file, self._hash.hexdigest(), committed)
        except OSError as error:
            raise self._write_error(error) from error
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def _append(self, exchange: Exchange, build_answer: Callable[[int, int], bytes]) -> ArchiveRef:
        # A file is only closed when all its records are committed.
        if self._end >= self._rotate_bytes and self._end_of(self._warc.file) == self._end:
            self.close()
            self._number += 1
            self._open()
        if self._end == 0:
            self._write(self._warc.warcinfo(self._source_id, exchange.fetched_at))
        request_offset = self._end
        request = self._warc.request(exchange, request_offset)
        offset = request_offset + len(request)
        answer = build_answer(offset, request_offset)
        self._write(request + answer)
        return ArchiveRef(self._warc.file, offset, len(answer))

    def _open(self) -> None:
        self._warc = RecordBuilder(self._name(self._number), self._run_id)
        path, committed = self._path(self._number), self._end_of(self._warc.file)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            size = path.stat().st_size if path.exists() else 0
            if size < committed:
                raise StorageError(
                    f"{path} has {size} bytes, but the ledger counts {committed}: records are lost; "
                    "restore the file from a copy, then run the same command again"
                )
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._truncate(committed)
        except OSError as error:
            raise self._write_error(error) from error

    def _truncate(self, end: int) -> None:
        """Truncate the file to `end` bytes, and hash the rest."""
        os.ftruncate(self._descriptor, end)
        self._end = end
        with open(self._descriptor, "rb", closefd=False) as stream:
            stream.seek(0)
            self._hash = hashlib.file_digest(stream, "sha256")

    def _write(self, data: bytes) -> None:
        rest, offset = memoryview(data), self._end
        try:
            while rest:
                written = os.pwrite(self._descriptor, rest, offset)
                rest, offset = rest[written:], offset + written
        except OSError as error:
            with suppress(OSError):  # the next start truncates the file if this fails
                os.ftruncate(self._descriptor, self._end)
            raise self._write_error(error) from error
        self._hash.update(data)
        self._end = offset

    def _write_error(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self._path(self._number)} cannot be written ({error.strerror}): "
            "make room or fix the permissions, then run the same command again, which goes on from here"
        )

    def _name(self, number: int) -> str:
        return f"{self._source_id}/{self._run_id}-{number:05d}.warc.gz"

    def _path(self, number: int) -> Path:
        return self._folder / self._name(number)


def read_record(folder: Path, ref: ArchiveRef) -> Record:
    """Read the record at a place in the archive below `folder`.

    Raises StorageError where it is damaged or missing, Forgotten where its URL was withdrawn.
    """
    path = folder / ref.file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise StorageError(f"{ref.file} lies outside the archive {folder}")
    try:
        with path.open("rb") as stream:
            stream.seek(ref.offset)
            member = stream.read(ref.length)
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}): restore it from a copy") from error
    try:
        record = read_member(member)
    except ValueError as error:
        raise StorageError(
            f"{path}: the record at {ref.offset} is damaged ({error}): restore it from a copy"
        ) from error
    if url_hash(record.url) in forgotten_hashes(folder):
        raise Forgotten(f"{record.url} was withdrawn with `tamis forget`, and is not read again")
    return record
