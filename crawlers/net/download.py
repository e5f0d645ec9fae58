"""Downloads as Scrapy lacks them: read as browsers do, and limited in the size of their opened body."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any, Self

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from twisted.web.client import ResponseFailed

from crawlers.net.lenient_http import HeadersTooLarge, LenientFactory
from output.archive.compression import ACCEPTED, decompress


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, then its causes, those that Twisted collects in a ResponseFailed included."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending.append(current.__cause__)
        if isinstance(current, ResponseFailed):
            pending += [reason.value for reason in current.reasons]


def describe(error: BaseException) -> str:
    """Return the message of an error's root cause."""
    root = list(causes(error))[-1]
    return str(root) or type(root).__name__


def is_headers_too_large(error: BaseException) -> bool:
    """Whether a download failed because its headers are larger than the limit."""
    return any(isinstance(cause, HeadersTooLarge) for cause in causes(error))


def header_pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Return headers as pairs of name and value, the names in lower case, decoded as Latin-1."""
    return tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )


class HeaderLimitHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler that reads what browsers read, and drops a connection with too large headers.

    A host's delay starts when a request is sent. Scrapy counts from when the request was due, so that after a
    busy moment two requests would be too close to each other.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = LenientFactory

    async def download_request(self, request: Request) -> Response:
        """Send a request, and note when in its host's slot."""
        engine: Any = self._crawler.engine

        if slot := engine.downloader.slots.get(request.meta.get("download_slot")):
            slot.lastseen = max(slot.lastseen, monotonic())
        response: Response = await super().download_request(request)
        return response


class Decompression:
    """A downloader middleware that decompresses bodies; Scrapy's own accepts truncated ones as complete."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware, as Scrapy does."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        """Accept the encodings that can be decompressed with a size limit."""
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response with its body decompressed and its headers as sent. Raises BodyError."""
        names = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        if not names:
            return response
        max_bytes = request.meta.get("download_maxsize", self._max_bytes)
        return response.replace(body=decompress(response.body, names.split(","), max_bytes))
