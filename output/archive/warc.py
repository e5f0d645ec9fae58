"""WARC/1.1 records as bytes and back, with FastWARC: one gzip member for each record (ISO 28500:2017).

A response's body is stored decoded from its transfer and content encodings, as cleaning needs it. The headers
of these encodings are renamed to `X-Crawl-…`, as Common Crawl does. Content-Length is that of the stored
body. So any WARC reader gets the right bytes.
"""

from __future__ import annotations

import io
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from isal import isal_zlib

from output.base.records import ArchiveRef

Headers = Sequence[tuple[str, str]]

# Level 1 of ISA-L compresses pages as well as zlib's default and takes a third of the time.
_GZIP_LEVEL: Final = 1
_GZIP: Final = 16 + zlib.MAX_WBITS

# Bytes of HTTP headers. FastWARC's default is 32 KiB; the crawler takes larger ones.
MAX_HEADERS: Final = 1 << 20

# Tamis's own headers: the run, and the place in the archive of the body that a revisit refers to.
_RUN_HEADER = "WARC-Tamis-Run"
_BODY_HEADER = "WARC-Tamis-Body"

# The two ways to refer to a body that is archived already (ISO 28500:2017, 6.7).
_PROFILES = "http://netpreserve.org/warc/1.1/revisit/"

_ENCODING_HEADERS = ("content-encoding", "transfer-encoding", "content-length")


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record; `headers` are those of HTTP, with lower-case names.

    `type` is WARC's ("response", "revisit", …). A revisit has an empty `body`; `refers_to` is the place of
    the body that it refers to.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    date: datetime | None
    type: str
    run_id: str
    refers_to: ArchiveRef | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the head of its response, as both are archived; `ip` is the server's address."""

    url: str
    status: int
    reason: str
    request_headers: Headers
    response_headers: Headers
    fetched_at: datetime
    ip: str = ""


def record_id(file: str, offset: int) -> str:
    """Return the id of the record at a place; it is computed from the place alone."""
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{file}#{offset}')}>"


class RecordBuilder:
    """Builder of the records of one file of one run, each as a gzip member."""

    def __init__(self, file: str, run_id: str) -> None:
        self.file = file
        self.run_id = run_id

    def warcinfo(self, source_id: str, now: datetime) -> bytes:
        """Return the member that begins the file."""
        fields = {"software": "Tamis", "format": "WARC File Format 1.1", "isPartOf": source_id}
        block = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
        headers = {"Content-Type": "application/warc-fields", "WARC-Filename": self.file.rsplit("/", 1)[-1]}
        return self._member(WarcRecordType.warcinfo, 0, now, headers, block)

    def request(self, exchange: Exchange, offset: int) -> bytes:
        """Return the request of an exchange."""
        parts = urlsplit(exchange.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        http_headers = list(exchange.request_headers)
        if not any(name.lower() == "host" for name, _ in http_headers):
            http_headers.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
        headers = self._http_headers(exchange, "request")
        block = _head(f"GET {target} HTTP/1.1", http_headers)
        return self._member(WarcRecordType.request, offset, exchange.fetched_at, headers, block)

    def response(
        self, exchange: Exchange, offset: int, request_offset: int, body: bytes, sha256: str
    ) -> bytes:
        """Return the response with its body, whose SHA-256 is in hex."""
        headers = self._http_headers(exchange, "response") | {
            "WARC-Concurrent-To": record_id(self.file, request_offset),
            "WARC-Payload-Digest": f"sha256:{sha256}",
        }
        block = _head(_status_line(exchange), _stored_headers(exchange.response_headers, len(body))) + body
        return self._member(WarcRecordType.response, offset, exchange.fetched_at, headers, block)

    def revisit(
        self,
        exchange: Exchange,
        offset: int,
        request_offset: int,
        body: ArchiveRef,
        body_url: str,
        body_date: datetime,
        sha256: str,
    ) -> bytes:
        """Return the response without its body, which lies at `body`: a 304, or the same bytes again."""
        profile = "server-not-modified" if exchange.status == 304 else "identical-payload-digest"
        headers = self._http_headers(exchange, "response") | {
            "WARC-Concurrent-To": record_id(self.file, request_offset),
            "WARC-Profile": _PROFILES + profile,
            "WARC-Refers-To": record_id(body.file, body.offset),
            "WARC-Refers-To-Target-URI": body_url,
            "WARC-Refers-To-Date": _warc_date(body_date),
            "WARC-Payload-Digest": f"sha256:{sha256}",
            _BODY_HEADER: f"{body.offset} {body.length} {body.file}",
        }
        block = _head(_status_line(exchange), _stored_headers(exchange.response_headers, None))
        return self._member(WarcRecordType.revisit, offset, exchange.fetched_at, headers, block)

    def _http_headers(self, exchange: Exchange, message: str) -> dict[str, str]:
        headers = {
            "WARC-Target-URI": exchange.url,
            "Content-Type": f"application/http; msgtype={message}",
            "WARC-Warcinfo-ID": record_id(self.file, 0),
        }
        return headers | ({"WARC-IP-Address": exchange.ip} if exchange.ip else {})

    def _member(
        self, kind: WarcRecordType, offset: int, date: datetime, headers: dict[str, str], block: bytes
    ) -> bytes:
        record = WarcRecord()
        record.init_headers(kind)
        record.headers["WARC-Date"] = _warc_date(date)
        record.headers["WARC-Record-ID"] = record_id(self.file, offset)
        for name, value in headers.items():
            record.headers[name] = value
        record.headers[_RUN_HEADER] = self.run_id
        record.set_bytes_content(block)
        plain = io.BytesIO()
        record.write(plain, checksum_data=True)
        return isal_zlib.compress(plain.getbuffer(), _GZIP_LEVEL, _GZIP)


def read_member(member: bytes) -> Record:
    """Read the record of one gzip member. Raises ValueError where it is damaged or not a record of HTTP."""
    try:
        record = next(iter(ArchiveIterator(io.BytesIO(member), parse_http=False, max_header_len=MAX_HEADERS)))
        if not record.verify_block_digest():
            raise ValueError("its digest does not fit its content")
        record.parse_http(max_header_len=MAX_HEADERS)
        return as_record(record, record.reader.read())
    except StopIteration:
        raise ValueError("there is no record") from None
    except OSError as error:
        raise ValueError(str(error)) from error


def as_record(record: WarcRecord, body: bytes) -> Record:
    """Return a FastWARC record whose HTTP headers are parsed, with this body."""
    kind = record.record_type
    http = record.http_headers
    # Other records may come from anywhere, and name no place of ours.
    place = record.headers.get(_BODY_HEADER) if kind == WarcRecordType.revisit else None
    return Record(
        url=url_of(record),
        status=(http.status_code if http is not None else None) or 0,
        headers=tuple((name.lower(), value) for name, value in http.items()) if http is not None else (),
        body=b"" if kind == WarcRecordType.revisit else body,
        date=_date_of(record),
        type=str(kind),
        run_id=run_id_of(record),
        refers_to=_archive_ref(place) if place else None,
    )


def _date_of(record: WarcRecord) -> datetime | None:
    try:
        date: datetime | None = record.record_date
    except ValueError:  # the year 0
        return None
    return date


def url_of(record: WarcRecord) -> str:
    """Return the URL of a record; old tools wrote it in angle brackets."""
    return (record.headers.get("WARC-Target-URI") or "").strip("<>")


def run_id_of(record: WarcRecord) -> str:
    """Return the run that wrote a record, "" for one of another tool."""
    return record.headers.get(_RUN_HEADER) or ""


def _archive_ref(text: str) -> ArchiveRef:
    offset, length, file = text.split(" ", 2)
    return ArchiveRef(file, int(offset), int(length))


def _warc_date(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _status_line(exchange: Exchange) -> str:
    return f"HTTP/1.1 {exchange.status} {exchange.reason}".rstrip()


def _stored_headers(headers: Headers, length: int | None) -> list[tuple[str, str]]:
    stored = [
        (f"X-Crawl-{name}" if name.lower() in _ENCODING_HEADERS else name, value) for name, value in headers
    ]
    return stored if length is None else [*stored, ("Content-Length", str(length))]


def _head(first_line: str, headers: Headers) -> bytes:
    lines = [first_line, *(f"{name}: {value}" for name, value in headers)]
    return "".join(f"{_one_line(line)}\r\n" for line in [*lines, ""]).encode("latin-1", "backslashreplace")


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\0", " ")
