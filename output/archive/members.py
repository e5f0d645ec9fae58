"""The ends of archive files, which FastWARC's reader passes over: of a file that is cut, of a gzip member."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from output.archive.warc import MAX_HEADERS

# What is left of a piece is copied at the end of each member, and a member can be as short as 20 bytes.
_PIECE_BYTES: Final = 1 << 14
_OPENED_BYTES: Final = 1 << 20
_GZIP: Final = 16 + zlib.MAX_WBITS
_GZIP_MAGIC: Final = b"\x1f\x8b"
_CONTENT_LENGTH: Final = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,18})[ \t]*\r?$")
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Member:
    """A gzip member: the offset of its end, and the number of bytes that it opens to."""

    end: int
    opened_bytes: int


def member_at(file: BinaryIO, offset: int) -> Member | None:
    """Return the gzip member at an offset; None where none stands there whole. Its content is not kept."""
    file.seek(offset)
    member, opened = zlib.decompressobj(_GZIP), 0
    try:
        while not member.eof and (data := file.read(_PIECE_BYTES)):
            opened += _pass_over(member, data)
    except zlib.error:
        return None
    return Member(file.tell() - len(member.unused_data), opened) if member.eof else None


def is_truncated_after(path: Path, last: int) -> bool:
    """Return whether a file ends within the record at `last`, or within the head of the next one.

    FastWARC's reader ends there without an error.
    """
    with path.open("rb") as file:
        file.seek(last)
        if file.read(2) != _GZIP_MAGIC:
            file.seek(0)  # where all records are in one gzip member, FastWARC gives no offsets
            if file.read(2) != _GZIP_MAGIC:
                return _is_truncated_plain(file, last)
            last = 0
        file.seek(last)
        member = zlib.decompressobj(_GZIP)
        try:
            while data := file.read(_PIECE_BYTES):
                while data:
                    member = zlib.decompressobj(_GZIP) if member.eof else member
                    _pass_over(member, data)
                    data = member.unused_data
        except zlib.error:  # not gzip
            return True
        return not member.eof


def _pass_over(member: Any, data: bytes) -> int:
    """Feed a member, forget what it opens to, and return how many bytes that were."""
    opened = 0
    while data and not member.eof:
        opened += len(member.decompress(data, _OPENED_BYTES))
        data = member.unconsumed_tail
    return opened


def _is_truncated_plain(file: BinaryIO, last: int) -> bool:
    file.seek(last)
    head = file.read(MAX_HEADERS)
    if not head.strip():
        return False
    blank = _BLANK_LINE.search(head)
    length = _CONTENT_LENGTH.search(head[: blank.start() + 1]) if blank else None
    if not (blank and length):
        return True
    file.seek(last + blank.end() + int(length[1]))
    return bool(file.read(MAX_HEADERS).strip())
