"""JSON Lines: a record a line, UTF-8, plain or compressed; what `tamis extract` and releases write."""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias

import orjson

from output.base.errors import UsageError
from output.base.records import as_dict

# A line longer than this is no page and no document: a compressed file of a few KB can hold gigabytes of it.
MAX_LINE_BYTES = 256 * 2**20

# Compressed bytes given to zstd at once: a block of 4 bytes can open to 128 KiB, so this bounds memory to
# 128 MiB.
_CHUNK = 4096

# What splitlines() and JavaScript take for the end of a line, what a terminal obeys: as characters, and as
# UTF-8. JSON itself escapes what lies below the space.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029]")
_UNSAFE_BYTES = (b"\xc2", b"\xe2\x80\xa8", b"\xe2\x80\xa9")
_SURROGATE = re.compile("[\ud800-\udfff]")


_File: TypeAlias = IO[bytes] | gzip.GzipFile


class Writable(Protocol):
    """A text stream that can be written to."""

    def write(self, text: str, /) -> object:
        """Write the text."""


def well_formed(text: str) -> str:
    """The text with each lone surrogate as U+FFFD, for UTF-8 cannot hold one; its length and offsets stay."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def write_jsonl(records: Iterable[Any], stream: Writable) -> int:
    """Write records (dataclasses or dicts), a line each as `json_line`; returns how many.

    Raises OSError as the stream does, and ValueError for NaN or infinity.
    """
    count = 0
    for record in records:
        stream.write(json_line(record if isinstance(record, dict) else as_dict(record)).decode())
        count += 1
    return count


def json_line(values: dict[str, Any]) -> bytes:
    """A JSON object as a line of UTF-8, its end included.

    Lone surrogates become U+FFFD; line separators and control characters are escaped, so that a line is a
    line to every reader. Raises ValueError where a value is NaN or infinity, which JSON cannot hold.
    """
    for value in values.values():
        if value.__class__ is float and not math.isfinite(value):
            raise ValueError(f"{value} is not JSON compliant")
    try:
        line = orjson.dumps(values)
    except TypeError:  # a lone surrogate, or a number beyond 64 bits
        text = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        line = _SURROGATE.sub("\ufffd", text).encode()
    if b"\x7f" in line or (not line.isascii() and any(sign in line for sign in _UNSAFE_BYTES)):
        line = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", line.decode()).encode()
    return line + b"\n"


def read_jsonl(
    path: Path, *, unreadable: Callable[[str, str], None] | None = None
) -> Iterator[tuple[int, Any]]:
    """The lines of a .jsonl, .jsonl.zst or .jsonl.gz file with their numbers from 1; blank lines are skipped.

    Streams: one line is in memory at a time. A line that is not UTF-8 or JSON or is over MAX_LINE_BYTES,
    and the place where a compressed file is cut or damaged, raise UsageError naming file and line; with
    `unreadable`, that is called with the place ("file:line") and the reason instead, and the rest goes on.
    Raises OSError where the file cannot be read.
    """
    number = 0
    with _opened(path) as file:
        while True:
            number += 1
            try:
                line = _line(file, MAX_LINE_BYTES + 1)
                if not line:
                    return
                if line.strip() or len(line) > MAX_LINE_BYTES:
                    yield number, _value(line, file)
            except (_Damaged, _NotALine) as error:
                if unreadable is None:
                    raise UsageError(f"{path}:{number}: {error}") from error
                unreadable(f"{path}:{number}", str(error))
                if isinstance(error, _Damaged):
                    return


class _NotALine(Exception):
    """What is wrong with a line."""


def _value(line: bytes, file: _File) -> Any:
    if len(line) > MAX_LINE_BYTES:
        while line and not line.endswith(b"\n"):
            line = _line(file, MAX_LINE_BYTES)
        raise _NotALine(f"over {MAX_LINE_BYTES // 2**20} MiB without a line's end; is this JSON Lines?")
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _NotALine(f"not UTF-8 at byte {error.start + 1}; JSON Lines are UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise _NotALine(f"not JSON ({error}); a line holds one JSON object") from None


class _Damaged(Exception):
    """What is wrong with a compressed file."""


def _line(file: _File, most: int) -> bytes:
    try:
        return file.readline(most)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _Damaged(
            f"the compressed file is cut or damaged here ({error}); fetch or write it again"
        ) from error


@contextmanager
def _opened(path: Path) -> Iterator[_File]:
    with path.open("rb") as file:
        if path.name.lower().endswith(".zst"):
            yield io.BufferedReader(_ZstdFrames(file), 2**18)
        elif path.name.lower().endswith(".gz"):
            with gzip.open(file) as opened:
                yield opened
        else:
            yield file


class _ZstdFrames(io.RawIOBase):
    """The content of zstd frames in a row; zstandard's own reader is silent where a frame is cut."""

    def __init__(self, file: IO[bytes]) -> None:
        import zstandard

        self._file = file
        self._new = zstandard.ZstdDecompressor().decompressobj
        self._error = zstandard.ZstdError
        self._frame: Any = None
        self._content = memoryview(b"")
        self._damage = ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._content:
            if self._damage:
                raise _Damaged(
                    f"the compressed file is damaged here ({self._damage}); fetch or write it again"
                )
            if not (chunk := self._file.read(_CHUNK)):
                if self._frame is not None:
                    raise _Damaged("the compressed file is cut here; fetch or write it again")
                return 0
            self._content = memoryview(self._decompress(chunk))
        size = min(len(buffer), len(self._content))
        buffer[:size] = self._content[:size]
        self._content = self._content[size:]
        return size

    def _decompress(self, chunk: bytes) -> bytes:
        content = []
        while chunk:
            self._frame = self._frame or self._new()
            try:
                content.append(self._frame.decompress(chunk))
            except self._error as error:
                self._damage = str(error)
                break
            chunk = b""
            if self._frame.eof:
                chunk, self._frame = self._frame.unused_data, None
        return b"".join(content)
