"""Downloads with bounds where Scrapy has none: the size of headers, and what a compressed body opens to."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any, Self

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.web.client import ResponseFailed

from output.archive.compression import ACCEPTED, decompress

# Browsers give up between 256 KiB (Chrome) and 384 KiB; no honest server comes near.
MAX_HEADER_BYTES = 256 * 1024


class HeadersTooLarge(Exception):
    """A response whose headers do not end."""


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what it came from, and what Twisted collected in either."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        found = todo.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        todo.append(found.__cause__)
        if isinstance(found, ResponseFailed):
            todo += [reason.value for reason in found.reasons]


def describe(error: BaseException) -> str:
    """An error in the words of what lies at its root."""
    root = list(causes(error))[-1]
    return str(root) or type(root).__name__


def is_headers_too_large(error: BaseException) -> bool:
    """Whether a download failed at the cap on headers."""
    return any(isinstance(cause, HeadersTooLarge) for cause in causes(error))


class CappedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, which drops a connection whose headers pass the cap.

    A host's delay begins when a request is really sent: Scrapy counts from when it meant to, so that after
    a busy moment two would follow close upon each other.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _CappedFactory
        self._running = crawler

    async def download_request(self, request: Request) -> Response:
        """Send a request, and keep when."""
        engine: Any = self._running.engine
        if slot := engine.downloader.slots.get(request.meta.get("download_slot")):
            slot.lastseen = max(slot.lastseen, monotonic())
        response: Response = await super().download_request(request)
        return response


class Decompression:
    """The downloader middleware that opens bodies, in place of Scrapy's, which takes cut ones for whole."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making a middleware."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        """Ask for the encodings that can be opened with a bound."""
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002
        """The response with its body opened and its headers as they came. Raises compression.BodyError."""
        names = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        encodings = [name.strip().lower() for name in names.split(",")]
        if not any(encodings):
            return response
        return response.replace(body=decompress(response.body, encodings, self._max_bytes))


class _CappedParser(_LenientHTTPClientParser):
    header_bytes = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's
        self.header_bytes += len(line) + 2
        if self.header_bytes > MAX_HEADER_BYTES:
            raise HeadersTooLarge(f"more than {MAX_HEADER_BYTES} bytes of headers")
        super().lineReceived(line)


class _CappedProtocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Any) -> Any:
        deferred = super().request(request)
        # As in Scrapy: the parser's class is fixed in Twisted, so the object's is changed.
        self._parser.__class__ = _CappedParser
        return deferred


class _CappedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> Any:  # noqa: ARG002, N802 - Twisted's
        protocol: Any = _CappedProtocol
        return protocol(self._quiescentCallback)
