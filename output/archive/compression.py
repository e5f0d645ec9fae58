"""Decoding of content encodings, with a limit on the result and an error for truncated bodies.

zstd is not requested, for every server that speaks it speaks gzip; but archives of browsers hold it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import brotli

# The Accept-Encoding of every request.
ACCEPTED = "gzip, deflate, br"
# Encodings that exist and that no crawl asks for. Any other name is put there by mistake, such as that of a
# charset or a media type; browsers leave such a body as it is.
_NOT_ASKED_FOR = frozenset(
    {"compress", "x-compress", "bzip2", "x-bzip2", "lzma", "xz", "exi", "pack200-gzip", "sdch", "dcb", "dcz"}
)
# A server has no reason for more than one encoding; proxies are seen to stack up to three.
_MAX_LAYERS = 3
_CHUNK_BYTES = 64 * 1024
_PIECE_BYTES = 16 * 1024
# A zstd block of 4 bytes can open to 128 KiB, so that 256 bytes open to no more than 8 MiB.
_ZSTD_CHUNK_BYTES = 256
_ZSTD_WINDOW_BYTES = 8 << 20  # the limit of browsers (RFC 9659)


class BodyError(Exception):
    """Error for a body that cannot be decoded; `reason` is `truncated`, `bad_encoding` or `too_large`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def decompress(body: bytes, encodings: Sequence[str], max_bytes: int) -> bytes:
    """Decode content encodings, the last one first; names that are no encoding say nothing.

    Raises BodyError where the body ends early, is not in that encoding, or opens to more than `max_bytes`.
    """
    names = (name.partition(";")[0].strip(" \t\"'").lower() for name in encodings)
    layers = [name for name in names if name in _OPENERS or name in _NOT_ASKED_FOR]
    if len(layers) > _MAX_LAYERS:
        raise BodyError("bad_encoding", f"{len(layers)} content encodings on one body")
    for name in reversed(layers):
        if not body:
            return body
        if name not in _OPENERS:
            raise BodyError("bad_encoding", f"content encoding {name!r:.40} was not asked for")
        try:
            body = _OPENERS[name](body, max_bytes)
        except BodyError as error:
            # The traceback would keep the decoded bytes in memory, as Scrapy keeps the error for a while.
            raise error.with_traceback(None) from None
    return body


def _gzip(body: bytes, max_bytes: int) -> bytes:
    """Decode one gzip member or several; as in browsers, other bytes after the last are ignored."""
    opened = bytearray()
    offset = _inflate(zlib.decompressobj(wbits=31), body, 0, opened, max_bytes, "gzip")
    while body.startswith(b"\x1f\x8b", offset):
        offset = _inflate(zlib.decompressobj(wbits=31), body, offset, opened, max_bytes, "gzip")
    return bytes(opened)


def _deflate(body: bytes, max_bytes: int) -> bytes:
    """Decode zlib, which the standard means by deflate, or raw deflate, as some servers send it."""
    opened = bytearray()
    try:
        _inflate(zlib.decompressobj(), body, 0, opened, max_bytes, "deflate")
    except BodyError as error:
        if error.reason != "bad_encoding":
            raise
        opened.clear()
        _inflate(zlib.decompressobj(wbits=-zlib.MAX_WBITS), body, 0, opened, max_bytes, "deflate")
    return bytes(opened)


def _inflate(inflater: Any, body: bytes, offset: int, opened: bytearray, max_bytes: int, name: str) -> int:
    """Append what the stream at an offset opens to, and return the offset of its end."""
    try:
        while not inflater.eof:
            # Piece by piece: zlib copies the input that it leaves, and whatever follows the stream.
            piece = inflater.unconsumed_tail or body[offset : offset + _PIECE_BYTES]
            offset += 0 if inflater.unconsumed_tail else len(piece)
            chunk = inflater.decompress(piece, _CHUNK_BYTES)
            opened += chunk
            _check(len(opened), max_bytes)
            if not piece and not chunk:
                break
    except zlib.error as error:
        raise BodyError("bad_encoding", f"{name}: {error}") from error
    if not inflater.eof:
        raise BodyError("truncated", f"the {name} stream ends before its end")
    return offset - len(inflater.unused_data)


def _brotli(body: bytes, max_bytes: int) -> bytes:
    decoder = brotli.Decompressor()
    opened = bytearray()
    try:
        while not decoder.is_finished():
            chunk = decoder.process(body, output_buffer_limit=_CHUNK_BYTES)
            opened += chunk
            _check(len(opened), max_bytes)
            if not chunk and not body:
                break
            body = b""
    except brotli.error as error:
        raise BodyError("bad_encoding", f"br: {error}") from error
    if not decoder.is_finished():
        raise BodyError("truncated", "the br stream ends before its end")
    return bytes(opened)


def _zstd(body: bytes, max_bytes: int) -> bytes:
    import zstandard

    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES).decompressobj()
    opened = bytearray()
    try:
        for start in range(0, len(body), _ZSTD_CHUNK_BYTES):
            if decoder.eof:
                break
            opened += decoder.decompress(body[start : start + _ZSTD_CHUNK_BYTES])
            _check(len(opened), max_bytes)
    except zstandard.ZstdError as error:
        raise BodyError("bad_encoding", f"zstd: {error}") from error
    if not decoder.eof:
        raise BodyError("truncated", "the zstd stream ends before its end")
    return bytes(opened)


def _check(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise BodyError("too_large", f"opens to more than {max_bytes} bytes")


_OPENERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
