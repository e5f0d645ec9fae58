"""HTTP/1.1 responses as browsers read them, where Twisted's parser is stricter or without a limit.

Twisted hard-codes its parser's class, so that the class of the object is changed, as Scrapy does.
"""

from __future__ import annotations

import re
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.web._newclient import HEADER
from twisted.web.http import _ChunkedTransferDecoder

# Browsers stop between 256 KiB (Chrome) and 384 KiB; no honest server sends nearly as much.
MAX_HEADER_BYTES = 256 * 1024
# Twisted's limit for the line of a chunk's size.
_MAX_SIZE_LINE_BYTES = 1024
_STATUS_LINE = re.compile(
    rb"(?P<version>HTTP/[^\s]*)\s+(?P<code>\d{3})(?!\d)\s*(?P<phrase>.*)", re.IGNORECASE
)
_VERSION = re.compile(rb"HTTP/\d+\.\d+")


class HeadersTooLarge(Exception):
    """A response whose headers are larger than the limit."""


class LenientDecoder(_ChunkedTransferDecoder):
    """A decoder of chunks with spaces around their sizes, odd extensions, or line ends without CR."""

    def _dataReceived_CHUNK_LENGTH(self) -> bool:  # noqa: N802 - Twisted's
        end = self._buffer.find(b"\n", 0, _MAX_SIZE_LINE_BYTES)
        if end >= 0:
            size = self._buffer[:end].partition(b";")[0].strip()
            self._buffer[: end + 1] = size + b"\r\n"
            self._start = 0
        return super()._dataReceived_CHUNK_LENGTH()

    def _dataReceived_CRLF(self) -> bool:  # noqa: N802 - Twisted's
        self._complete_line_end()
        return super()._dataReceived_CRLF()

    def _dataReceived_TRAILER(self) -> bool:  # noqa: N802 - Twisted's
        self._complete_line_end()
        return super()._dataReceived_TRAILER()

    def _complete_line_end(self) -> None:
        if self._buffer.startswith(b"\n"):
            self._buffer[:0] = b"\r"


class LenientParser(_LenientHTTPClientParser):
    """A parser that reads what browsers read, and no more headers than they do."""

    header_bytes = 0
    _transferDecoders = {b"chunked": LenientDecoder}  # noqa: RUF012, N815 - Twisted's

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's
        """Read a line of the head; the first header may have spaces before its name."""
        self.header_bytes += len(line) + 2
        if self.header_bytes > MAX_HEADER_BYTES:
            raise HeadersTooLarge(f"more than {MAX_HEADER_BYTES} bytes of headers")
        is_first_header = self.state == HEADER and self._partialHeader is None
        super().lineReceived(line.lstrip(b" \t") if is_first_header else line)

    def statusReceived(self, status: bytes) -> None:  # noqa: N802 - Twisted's
        """Read a status line with more than one space, or with a version such as HTTP/1."""
        found = _STATUS_LINE.match(status)
        if found:
            version = found["version"] if _VERSION.fullmatch(found["version"]) else b"HTTP/1.1"
            status = b" ".join((version, found["code"], found["phrase"]))
        super().statusReceived(status)  # type: ignore[no-untyped-call]

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802 - Twisted's
        """Read a header whose name has spaces before the colon."""
        super().headerReceived(name.strip(), value)  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's
        """Read the body's length from what says it: chunks, or a number."""
        encodings = b",".join(self.connHeaders.getRawHeaders(b"transfer-encoding", []))
        if b"chunked" in (name.strip().lower() for name in encodings.split(b",")):
            self.connHeaders.setRawHeaders(b"transfer-encoding", [b"chunked"])
        else:
            self.connHeaders.removeHeader(b"transfer-encoding")
        lengths = self.connHeaders.getRawHeaders(b"content-length", [])
        readable = [length for length in lengths if length.replace(b",", b"").replace(b" ", b"").isdigit()]
        if readable:
            self.connHeaders.setRawHeaders(b"content-length", readable)
        else:
            self.connHeaders.removeHeader(b"content-length")
        super().allHeadersReceived()  # type: ignore[no-untyped-call]


class LenientFactory(_LenientHTTP11ClientFactory):
    """A factory of connections whose responses are read by the parser above."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: ARG002, N802 - Twisted's
        """Return the protocol of one connection."""
        protocol: Any = _LenientProtocol
        return protocol(self._quiescentCallback)


class _LenientProtocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Any) -> Any:
        deferred = super().request(request)
        self._parser.__class__ = LenientParser
        return deferred
