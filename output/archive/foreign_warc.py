"""Pages in archives of other tools, whose bodies are mostly encoded as they came over the wire."""

from __future__ import annotations

import dataclasses
import re
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from fastwarc.warc import WarcRecord, WarcRecordType

from output.archive.compression import BodyError, decompress
from output.archive.warc import MAX_HEADERS, Record, as_record

_MAX_BODY_BYTES: Final = 64 << 20  # cleaning takes no larger body
_READ_BYTES: Final = 1 << 20
_GZIP: Final = 16 + zlib.MAX_WBITS
_GZIP_MAGIC: Final = b"\x1f\x8b"
_CONTENT_LENGTH: Final = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,18})[ \t]*\r?$")
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
_CHUNK_HEAD: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


def read_foreign_record(record: WarcRecord) -> Record:
    """Read the page in a response, or in a resource, which has no HTTP headers; decode its body.

    Raises OSError for headers that cannot be read, and BodyError for a truncated or too large body.
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
    return dataclasses.replace(read, body=_decoded_body(read))


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
            while data := file.read(_READ_BYTES):
                while data:
                    member = zlib.decompressobj(_GZIP) if member.eof else member
                    member.decompress(data, _READ_BYTES)
                    data = member.unconsumed_tail or member.unused_data
        except zlib.error:  # not gzip
            return True
        return not member.eof


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


def _decoded_body(read: Record) -> bytes:
    """Return the body without its encodings.

    A body that is not in the encoding of its headers is returned as it is: many tools store it decoded, with
    the headers of the encoded one.
    """
    body = read.body
    if "chunked" in _tokens(read, "transfer-encoding"):
        body = _unchunked(body)
    try:
        return decompress(body, _tokens(read, "content-encoding"), _MAX_BODY_BYTES)
    except BodyError as error:
        if error.reason == "bad_encoding":
            return body
        raise


def _tokens(read: Record, name: str) -> list[str]:
    values = ",".join(value for key, value in read.headers if key == name)
    return [token.strip().lower() for token in values.split(",")]


def _unchunked(body: bytes) -> bytes:
    """Join the chunks of a body (RFC 9112, 7.1). Raises BodyError where the last one is missing."""
    chunks: list[bytes] = []
    offset = 0
    while head := _CHUNK_HEAD.match(body, offset):
        size, start = int(head[1], 16), head.end()
        if not size:
            return b"".join(chunks)
        chunks.append(body[start : start + size])
        offset = start + size
        offset += 2 if body.startswith(b"\r\n", offset) else body.startswith(b"\n", offset)
    if not chunks:
        return body
    raise BodyError("truncated", "the last chunk of the body is missing")
