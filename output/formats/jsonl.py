"""JSON Lines: a record a line, UTF-8, plain or compressed; the format of `tamis extract` and releases."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias

import orjson

from output.base.errors import UsageError
from output.base.serialize import as_dict

# Pages and documents end far below. Parsed, a line takes up to eight times its size in memory.
MAX_LINE_BYTES = 32 * 2**20
# Bytes of a longer line that are read to find its end: a file of a few KB can open to terabytes.
MAX_SKIPPED_BYTES = 4 * 2**30
# Values of a line. Each takes up to 240 bytes in memory, and as little as 3 in the line.
MAX_VALUES = 1_000_000
_PIECE_BYTES = 2**20

# Compressed bytes given to zstd at once. A block of 4 bytes can open to 128 KiB, so that they open to no more
# than 32 MiB.
_ZSTD_READ_BYTES = 1024

# A string of JSON, closed or not, or a mark that begins a value.
_STRING_OR_MARK = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[,\[{]', re.DOTALL)

# Line separators of splitlines() and JavaScript, and control characters: as characters, and as UTF-8. JSON
# itself escapes those below the space.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029]")
_UNSAFE_BYTES = (b"\xc2", b"\xe2\x80\xa8", b"\xe2\x80\xa9")
_SURROGATE = re.compile("[\ud800-\udfff]")


_File: TypeAlias = IO[bytes] | gzip.GzipFile


class Writable(Protocol):
    """Text stream that can be written to."""

    def write(self, text: str, /) -> object:
        """Write the text."""


def well_formed(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate, which UTF-8 cannot hold; offsets stay."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def write_jsonl(records: Iterable[Any], stream: Writable) -> int:
    """Write records (dataclasses or dicts), a line each as by `json_line`; return their number.

    Raises the OSError of the stream, and ValueError for NaN or infinity.
    """
    count = 0
    for record in records:
        stream.write(json_line(record if isinstance(record, dict) else as_dict(record)).decode())
        count += 1
    return count


def json_line(values: dict[str, Any]) -> bytes:
    """Return a JSON object as a line of UTF-8, with its line feed.

    Lone surrogates become U+FFFD. Line separators and control characters are escaped, so that every reader
    finds the same lines. Raises ValueError where a value is NaN or infinity, which JSON cannot hold.
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
    """Yield (number, value) for each line of a .jsonl, .jsonl.zst or .jsonl.gz file; skip blank lines.

    Numbers count from 1, and one line is in memory at a time. Raises UsageError with file and line for a line
    that is not UTF-8, not JSON, ambiguous, or over MAX_LINE_BYTES. It does so too where a compressed file is
    cut or damaged. With `unreadable`, that is called with "file:line" and the reason instead, and reading
    goes on. Raises OSError where the file cannot be read.
    """
    with _opened(path) as file:
        for number in itertools.count(1):
            try:
                line = _read_line(file)
                if not line:
                    return
                if line.isspace():
                    continue
                parsed = [_parse(line)]
            except (_DamagedFile, _BadLine) as error:
                if unreadable is None:
                    raise UsageError(f"{path}:{number}: {error}") from error
                unreadable(f"{path}:{number}", str(error))
                if isinstance(error, _DamagedFile):
                    return
                continue
            line = b""  # its memory is free while the value is worked on, and so is the value's afterwards
            yield number, parsed.pop()


class _BadLine(Exception):
    """Error in one line; the next can be read."""


class _DamagedFile(Exception):
    """Error behind which nothing of the file can be read."""


class _Ambiguous(dict[str, Any]):
    """A JSON object with a key that is there twice."""

    repeated: str


def _parse(line: bytes | bytearray) -> Any:
    if len(line) > MAX_VALUES and _holds_too_many_values(line):
        raise _BadLine(f"over {MAX_VALUES:,} values; a line holds one page or document")
    try:
        value = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise _BadLine(f"not UTF-8 at byte {error.start + 1}; JSON Lines are UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise _BadLine(f"not JSON ({error}); a line holds one JSON object") from None
    if isinstance(value, _Ambiguous):
        raise _BadLine(f"the key {value.repeated!r:.80} is there twice; leave one")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    ambiguous = _Ambiguous(values)
    ambiguous.repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return ambiguous


def _holds_too_many_values(line: bytes | bytearray) -> bool:
    marks = (match for match in _STRING_OR_MARK.finditer(line) if not match[0].startswith(b'"'))
    return next(itertools.islice(marks, MAX_VALUES, None), None) is not None


def _read_line(file: _File) -> bytes | bytearray:
    """Return the next line, b"" at the end of the file; a line that is too long is skipped, and an error."""
    piece = _read_piece(file)
    if len(piece) < _PIECE_BYTES or piece.endswith(b"\n"):
        return piece
    line = bytearray(piece)
    while piece and not piece.endswith(b"\n"):
        piece = _read_piece(file)
        line += piece
        if len(line) > MAX_LINE_BYTES:
            line.clear()
            _skip_line(file, piece)
            raise _BadLine(f"over {MAX_LINE_BYTES // 2**20} MiB; a line holds one page or document")
    return line


def _skip_line(file: _File, piece: bytes) -> None:
    skipped = 0
    while piece and not piece.endswith(b"\n"):
        if skipped > MAX_SKIPPED_BYTES:
            raise _DamagedFile(
                f"over {MAX_SKIPPED_BYTES // 2**30} GiB without a line's end, and not read further; "
                "is this JSON Lines?"
            )
        piece = _read_piece(file)
        skipped += len(piece)


def _read_piece(file: _File) -> bytes:
    try:
        return file.readline(_PIECE_BYTES)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _DamagedFile(
            f"the compressed file is cut or damaged here ({error}); fetch or write it again"
        ) from error


@contextmanager
def _opened(path: Path) -> Iterator[_File]:
    with path.open("rb") as file:
        if path.name.lower().endswith(".zst"):
            yield io.BufferedReader(_ZstdReader(file), 2**18)
        elif path.name.lower().endswith(".gz"):
            with gzip.open(file) as opened:
                yield opened
        else:
            yield file


class _ZstdReader(io.RawIOBase):
    """Reader of zstd frames in a row; unlike zstandard's own it raises an error where a frame is cut."""

    def __init__(self, file: IO[bytes]) -> None:
        import zstandard

        self._file = file
        self._new_frame = zstandard.ZstdDecompressor().decompressobj
        self._error = zstandard.ZstdError
        self._frame: Any = None
        self._content = memoryview(b"")
        self._damage = ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._content:
            if self._damage:
                raise _DamagedFile(
                    f"the compressed file is damaged here ({self._damage}); fetch or write it again"
                )
            if not (chunk := self._file.read(_ZSTD_READ_BYTES)):
                if self._frame is not None:
                    raise _DamagedFile("the compressed file is cut here; fetch or write it again")
                return 0
            self._content = memoryview(self._decompress(chunk))
        size = min(len(buffer), len(self._content))
        buffer[:size] = self._content[:size]
        self._content = self._content[size:]
        return size

    def _decompress(self, chunk: bytes) -> bytes:
        content = []
        while chunk:
            self._frame = self._frame or self._new_frame()
            try:
                content.append(self._frame.decompress(chunk))
            except self._error as error:
                self._damage = str(error)
                break
            chunk = b""
            if self._frame.eof:
                chunk, self._frame = self._frame.unused_data, None
        return b"".join(content)
