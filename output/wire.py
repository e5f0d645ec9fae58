"""The pages in archives of other tools, which keep bodies as they came over the wire, or say that they do."""

from __future__ import annotations

import dataclasses
import re
from typing import Final

from fastwarc.warc import WarcRecord, WarcRecordType

from output.compression import Broken, decompress
from output.warc import MAX_HEADERS, Record, as_record

_OPENED_BYTES: Final = 64 << 20  # of one body; cleaning takes none that is larger
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


def stranger(record: WarcRecord) -> Record:
    """The page in a response, or in a resource, which has no HTTP around it; its body opened.

    Raises OSError where its headers cannot be read, and Broken where its body is cut or opens to too much.
    """
    record.parse_http(auto_decode="none", max_header_len=MAX_HEADERS, quirks_mode=True)
    read = as_record(record)
    if len(read.body) < record.content_length or not record.headers.get("Content-Length"):
        raise Broken("truncated", "the file ends, or is damaged, before the end of this record")
    if record.record_type == WarcRecordType.resource:
        media = record.headers.get("Content-Type") or ""
        return dataclasses.replace(read, status=200, headers=(("content-type", media),))
    if not read.status:
        raise Broken("bad_encoding", "there is no HTTP answer in this record")
    return dataclasses.replace(read, body=_opened(read))


def _opened(read: Record) -> bytes:
    """The body without its encodings. One that is not in the encoding that is said is the body itself: many
    tools store it opened below the headers that it came with.
    """
    body = read.body
    if "chunked" in _tokens(read, "transfer-encoding"):
        body = _unchunked(body)
    try:
        return decompress(body, _tokens(read, "content-encoding"), _OPENED_BYTES)
    except Broken as error:
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
    raise Broken("truncated", "the last chunk of the body is missing")
