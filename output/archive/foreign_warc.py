"""The pages in archives of other tools, which keep bodies as they came over the wire, or say that they do."""

from __future__ import annotations

import dataclasses
import re
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from fastwarc.warc import WarcRecord, WarcRecordType

from output.archive.compression import BodyError, decompress
from output.archive.warc import MAX_HEADERS, Record, as_record

_OPENED_BYTES: Final = 64 << 20  # of one body; cleaning takes none that is larger
_READ: Final = 1 << 20
_GZIP: Final = 16 + zlib.MAX_WBITS
_GZIP_MAGIC: Final = b"\x1f\x8b"
_LENGTH: Final = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,18})[ \t]*\r?$")
_BLANK: Final = re.compile(rb"\r?\n\r?\n")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


def read_foreign_record(record: WarcRecord) -> Record:
    """The page in a response, or in a resource, which has no HTTP around it; its body opened.

    Raises OSError where its headers cannot be read, and Broken where its body is cut or opens to too much.
    """
    record.parse_http(auto_decode="none", max_header_len=MAX_HEADERS, quirks_mode=True)
    read = as_record(record)
    if len(read.body) < record.content_length or not record.headers.get("Content-Length"):
        raise BodyError("truncated", "the file ends, or is damaged, before the end of this record")
    if record.record_type == WarcRecordType.resource:
        media = record.headers.get("Content-Type") or ""
        return dataclasses.replace(read, status=200, headers=(("content-type", media),))
    if not read.status:
        raise BodyError("bad_encoding", "there is no HTTP answer in this record")
    return dataclasses.replace(read, body=_opened(read))


def is_truncated_after(path: Path, last: int) -> bool:
    """Whether a file ends within the record at `last` or the next one, whose head is cut: FastWARC's reader
    ends there without a word.
    """
    with path.open("rb") as file:
        file.seek(last)
        if file.read(2) != _GZIP_MAGIC:
            file.seek(0)  # where all records are in one member, no place is told
            if file.read(2) != _GZIP_MAGIC:
                return _is_cut_plain(file, last)
            last = 0
        file.seek(last)
        member = zlib.decompressobj(_GZIP)
        try:
            while data := file.read(_READ):
                while data:
                    member = zlib.decompressobj(_GZIP) if member.eof else member
                    member.decompress(data, _READ)
                    data = member.unconsumed_tail or member.unused_data
        except zlib.error:  # no gzip at all
            return True
        return not member.eof


def _is_cut_plain(file: BinaryIO, last: int) -> bool:
    file.seek(last)
    head = file.read(MAX_HEADERS)
    if not head.strip():
        return False
    blank = _BLANK.search(head)
    length = _LENGTH.search(head[: blank.start() + 1]) if blank else None
    if not (blank and length):
        return True
    file.seek(last + blank.end() + int(length[1]))
    return bool(file.read(MAX_HEADERS).strip())


def _opened(read: Record) -> bytes:
    """The body without its encodings. One that is not in the encoding that is said is the body itself: many
    tools store it opened below the headers that it came with.
    """
    body = read.body
    if "chunked" in _tokens(read, "transfer-encoding"):
        body = _unchunked(body)
    try:
        return decompress(body, _tokens(read, "content-encoding"), _OPENED_BYTES)
    except BodyError as error:
        if error.reason == "bad_encoding":
            return body
        raise


def _tokens(read: Record, name: str) -> list[str]:
    values = ",".join(value for key, value in read.headers if key == name)
    return [token.strip().lower() for token in values.split(",")]


def _unchunked(body: bytes) -> bytes:
    """A body in chunks as one (RFC 9112, 7.1). Raises Broken where the last one is missing."""
    pieces: list[bytes] = []
    at = 0
    while head := _CHUNK.match(body, at):
        size, start = int(head[1], 16), head.end()
        if not size:
            return b"".join(pieces)
        pieces.append(body[start : start + size])
        at = start + size
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)
    if not pieces:
        return body
    raise BodyError("truncated", "the last chunk of the body is missing")
