"""Pages in archives of other tools, whose bodies are mostly encoded as they came over the wire.

A record costs no more than itself: one that is too large is passed over, and behind one that is damaged
reading goes on at the next gzip member.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from output.archive.compression import BodyError, decompress
from output.archive.members import is_truncated_after, member_at
from output.archive.warc import MAX_HEADERS, Record, as_record, url_of
from output.ledger.tombstones import forgotten_hashes, url_hash

MAX_BODY_BYTES: Final = 64 << 20  # cleaning takes no larger body
_MAX_BLOCK_BYTES: Final = MAX_BODY_BYTES + MAX_HEADERS
_PAGE_TYPES: Final = (WarcRecordType.response, WarcRecordType.resource)
# Records of pages that hold no page themselves.
_OTHER_TYPES: Final = (WarcRecordType.revisit, WarcRecordType.conversion, WarcRecordType.continuation)
# A media type that no page has, such as that of a film.
_NO_PAGE: Final = re.compile(r"(?:audio|font|image|video|application/(?!xhtml|xml|pdf))[\w.+/-]{,60}")
_CHUNK_HEAD: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


def read_warc(path: Path, others: Counter[str] | None = None) -> Iterator[Record | str]:
    """Yield the pages of any WARC file, or a message for each record that cannot be read whole.

    Pages are HTTP responses and resources of the web; their bodies are decoded. `others` counts the records
    of pages that hold no page themselves: by type revisits, conversions, continuations, by media type films
    and the like that are too large to be read. Withdrawn pages of an archive of Tamis are skipped, with a
    message.
    """
    others = Counter() if others is None else others
    found, forgotten = False, forgotten_hashes(path.parent.parent)
    last_offset, last_unreadable = 0, -1
    try:
        for record in _records(path):
            if isinstance(record, str):
                found = True
                yield record
                continue
            last_offset = record.stream_pos
            url = url_of(record)
            if not url.startswith(("http:", "https:")):
                continue
            if record.record_type not in _PAGE_TYPES:
                others.update([str(record.record_type)] if record.record_type in _OTHER_TYPES else [])
                continue
            found = True
            if url_hash(url) in forgotten:
                yield f"{url} was withdrawn"
            elif (page := _read_page(record, others)) is not None:
                last_unreadable = last_offset if isinstance(page, str) else last_unreadable
                yield page
    except OSError as error:
        yield f"damaged, and not read to its end: {error}"
        return
    if last_offset != last_unreadable and is_truncated_after(path, last_offset):
        yield "cut: it ends within a record"
    elif not found:
        yield "no response record in it"


def _records(path: Path) -> Iterator[WarcRecord | str]:
    """Yield the records of a file, with a message where one is damaged and others follow it.

    Raises OSError where reading cannot go on, as the damaged record is no gzip member of its own.
    """
    with path.open("rb") as stream, path.open("rb") as members:
        offset, size = 0, path.stat().st_size
        while offset < size:
            stream.seek(offset)
            try:
                # FastWARC must not decode bodies: at a bad one it would end the file without an error.
                for record in ArchiveIterator(stream, parse_http=False, max_header_len=MAX_HEADERS):
                    offset, length = record.stream_pos, record.content_length
                    yield record
                    if length > _MAX_BLOCK_BYTES and (end := _end_of_liar(members, offset, length)):
                        offset = end
                        break
                else:
                    return
            except OSError as error:
                member = member_at(members, offset)
                if member is None or member.end == size:
                    raise
                yield f"damaged at or after byte {offset} ({error}); read on from byte {member.end}"
                offset = member.end


def _end_of_liar(file: BinaryIO, offset: int, length: int) -> int | None:
    """Return the end of a gzip member that is shorter than its record says; it would take the next ones."""
    member = member_at(file, offset)
    return member.end if member is not None and member.opened_bytes < length else None


def _read_page(record: WarcRecord, others: Counter[str]) -> Record | str | None:
    """Return a page, or a message why it cannot be read; None for one that is counted in `others`."""
    where = f"{url_of(record)} (record at byte {record.stream_pos})"
    if reason := record.headers.get("WARC-Truncated"):
        return f"{where}: cut when it was archived (WARC-Truncated: {reason})"
    try:
        if record.content_length <= _MAX_BLOCK_BYTES:
            return _read_whole(record)
        if no_page := _NO_PAGE.match(_media_type(record)):
            others[f"{no_page[0]} over {MAX_BODY_BYTES >> 20} MiB"] += 1
            return None
    except (OSError, BodyError) as error:
        return f"{where}: {error}"
    return f"{where}: {record.content_length} bytes, a page has {MAX_BODY_BYTES} at most"


def _media_type(record: WarcRecord) -> str:
    """Return the media type of a record whose body is not read. Raises OSError as `_parse_http` does."""
    if record.record_type == WarcRecordType.resource:
        return (record.headers.get("Content-Type") or "").lower()
    _parse_http(record)
    headers = record.http_headers
    return ((headers.get("Content-Type") if headers is not None else None) or "").strip().lower()


def _parse_http(record: WarcRecord) -> None:
    """Parse the HTTP headers. Raises OSError for headers that cannot be read."""
    record.parse_http(auto_decode="none", max_header_len=MAX_HEADERS, quirks_mode=True)


def _read_whole(record: WarcRecord) -> Record:
    """Read the page in a response, or in a resource, which has no HTTP headers; decode its body.

    Raises OSError for headers that cannot be read, and BodyError for a truncated or too large body.
    """
    _parse_http(record)
    read = as_record(record, record.reader.read())
    if len(read.body) < record.content_length or not record.headers.get("Content-Length"):
        raise BodyError("truncated", "the file ends, or is damaged, before the end of this record")
    if record.record_type == WarcRecordType.resource:
        media = record.headers.get("Content-Type") or ""
        return dataclasses.replace(read, status=200, headers=(("content-type", media),))
    if not read.status:
        raise BodyError("bad_encoding", "there is no HTTP answer in this record")
    return dataclasses.replace(read, body=_decoded_body(read))


def _decoded_body(read: Record) -> bytes:
    """Return the body without its encodings.

    A body that is not in the encoding of its headers is returned as it is: many tools store it decoded, with
    the headers of the encoded one.
    """
    body = read.body
    if "chunked" in _tokens(read, "transfer-encoding"):
        body = _unchunked(body)
    try:
        return decompress(body, _tokens(read, "content-encoding"), MAX_BODY_BYTES)
    except BodyError as error:
        if error.reason == "bad_encoding":
            return body
        raise


def _tokens(read: Record, name: str) -> list[str]:
    values = ",".join(value for key, value in read.headers if key == name)
    return [token.strip().lower() for token in values.split(",")]


def _unchunked(body: bytes) -> bytes:
    """Join the chunks of a body (RFC 9112, 7.1). Raises BodyError where the last one is missing."""
    chunks = bytearray()
    offset = 0
    while head := _CHUNK_HEAD.match(body, offset):
        size, start = int(head[1], 16), head.end()
        if not size:
            return bytes(chunks)
        chunks += body[start : start + size]
        offset = start + size
        offset += 2 if body.startswith(b"\r\n", offset) else body.startswith(b"\n", offset)
    if not chunks:
        return body
    raise BodyError("truncated", "the last chunk of the body is missing")
