"""Files of a few KB that open to gigabytes: refused before they do, and what stands behind them is read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
import zstandard

from flows.extract.extract import extract
from tests.faults.memory import megabytes_above_idle
from tests.faults.rows import row

MEGABYTES = 256
MIB = 1 << 20
HTML = "<h1>Rules</h1>" + "<p>The rules of the ferry are these, and all of them hold today.</p>" * 20
GOOD = json.dumps({"id": "good", "html": HTML}).encode() + b"\n"


def _zstd(path: Path) -> IO[bytes]:
    return zstandard.open(path, "wb")  # type: ignore[no-any-return]


def _gzip(path: Path) -> IO[bytes]:
    return gzip.open(path, "wb", compresslevel=1)  # type: ignore[return-value]


def _line(begin: bytes, piece: bytes, end: bytes = b'"}\n') -> Callable[[Path, int], None]:
    """A writer of so many MiB of pieces in one line, with a good line before and behind it."""

    def write(path: Path, size: int) -> None:
        with (_zstd if path.suffix == ".zst" else _gzip)(path) as file:
            file.write(GOOD + begin)
            for _ in range(size):
                file.write(piece * (MIB // len(piece)))
            file.write(end + GOOD.replace(b"good", b"last"))

    return write


def _record(length: int, block: bytes, name: str) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://pier.example/{name}\r\n"
        f"WARC-Date: 2024-03-02T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    return head.encode() + block


HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
WHOLE = HTTP + b"\r\n" + HTML.encode()


def _warc(begin: Callable[[int], bytes]) -> Callable[[Path, int], None]:
    """A writer of a record of so many MiB behind a beginning, with a whole record before and behind it."""

    def write(path: Path, size: int) -> None:
        good, last = (
            gzip.compress(_record(len(WHOLE), WHOLE, name) + b"\r\n\r\n") for name in ("good", "last")
        )
        with path.open("wb") as file:
            file.write(good)
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6) as member:
                member.write(begin(size * MIB))
                for _ in range(size):
                    member.write(b"x" * MIB)
                member.write(b"\r\n\r\n")
            file.write(last)

    return write


def _encoded(path: Path, size: int) -> None:
    """A body that opens to so many MiB, in a record of a few KB."""
    body = gzip.compress(bytes(size * MIB), 6)
    block = HTTP + b"Content-Encoding: gzip\r\n\r\n" + body
    named = {"good": WHOLE, "bomb": block, "last": WHOLE}
    records = (_record(len(block), block, name) + b"\r\n\r\n" for name, block in named.items())
    path.write_bytes(b"".join(map(gzip.compress, records)))


# Each is written with so many MiB: in full, and quickly.
BOMBS: dict[str, tuple[str, int, int, Callable[[Path, int], None]]] = {
    "a line of 240 MB in zstd": (".jsonl.zst", 240, 100, _line(b'{"html": "', b"x")),
    "a line of 3 GB in zstd": (".jsonl.zst", 3000, 0, _line(b'{"html": "', b"x")),
    "a line of 1 GB in gzip": (".jsonl.gz", 1000, 0, _line(b'{"html": "', b"x")),
    "a line of blanks": (".jsonl.zst", 1000, 0, _line(b"", b" ", b"\n")),
    "a line of lists": (".jsonl.zst", 30, 0, _line(b'{"x": [', b"[],", b"0]}\n")),
    "a line of objects": (".jsonl.zst", 30, 0, _line(b'{"x": [', b'{"a":0},', b"0]}\n")),
    "a line of short strings": (".jsonl.zst", 30, 0, _line(b'{"x": [', b'"ab",', b"0]}\n")),
    "a line of open lists": (".jsonl.zst", 30, 0, _line(b'{"x": ', b"[", b"\n")),
    "a line of digits": (".jsonl.zst", 30, 0, _line(b'{"x": ', b"1", b"}\n")),
    "a line of escapes without an end": (".jsonl.zst", 30, 0, _line(b'{"x": "', b'\\"', b"\n")),
    "a million lines of nothing": (".jsonl.zst", 3, 0, _line(b"", b"{}\n", b"{}\n")),
    "a record of 1.3 GB": (
        ".warc.gz",
        1300,
        100,
        _warc(lambda size: _record(size + len(HTTP) + 2, HTTP + b"\r\n", "bomb")),
    ),
    "a record that says it has 1 EB": (
        ".warc.gz",
        100,
        0,
        _warc(lambda _: _record(10**18, HTTP + b"\r\n", "bomb")),
    ),
    "a header of 1.3 GB": (
        ".warc.gz",
        1300,
        0,
        _warc(lambda size: _record(size + len(HTTP) + 3, HTTP + b"X: ", "bomb")),
    ),
    "a WARC header of 1.3 GB": (".warc.gz", 1300, 0, _warc(lambda _: b"WARC/1.0\r\nX-Long: ")),
    "a body of 1.3 GB in a record of 1.3 MB": (".warc.gz", 1300, 0, _encoded),
}


def _survived(folder: Path, path: Path) -> str:
    """What is wrong with an extraction: pages that are lost, a bomb that is not named."""
    output = folder / "documents.jsonl"
    tally = extract([path], output, None, lambda *_: None)
    kept = [json.loads(line)["input_id"].rpartition("/")[2] for line in output.read_text().splitlines()]
    wrong = [] if kept == ["good", "last"] else [f"kept {kept}"]
    wrong += [] if tally.unreadable else ["nothing named"]
    wrong += [place.where for place in tally.unreadable if not place.where.startswith(str(path))]
    return " ".join(wrong)


def _measured(folder: Path, name: str, *, quick: bool) -> tuple[int, str]:
    ending, full, few, write = BOMBS[name]
    path = folder / f"bomb{ending}"
    write(path, few if quick else full)
    return megabytes_above_idle(lambda: _survived(folder, path))


@pytest.fixture(autouse=True)
def warm(tmp_path: Path) -> None:
    """Load what every extraction loads, the model and the readers."""
    _encoded(tmp_path / "warm.warc.gz", 1)
    extract([tmp_path / "warm.warc.gz"], tmp_path / "warm.jsonl", None, lambda *_: None)


@pytest.mark.parametrize("name", [name for name, bomb in BOMBS.items() if bomb[2]])
def test_a_bomb_is_refused_in_little_memory(tmp_path: Path, name: str) -> None:
    megabytes, wrong = _measured(tmp_path, name, quick=True)
    assert not wrong
    assert megabytes <= MEGABYTES


@pytest.mark.slow
def test_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    failed = []
    for name in BOMBS:
        megabytes, wrong = _measured(tmp_path, name, quick=False)
        held = not wrong and megabytes <= MEGABYTES
        row(f"{name}: {megabytes} MB above idle", int(held), 1)
        failed += [] if held else [f"{name}: {megabytes} MB {wrong}"]
    row(f"bombs refused in {MEGABYTES} MB, the pages behind them read", len(BOMBS) - len(failed), len(BOMBS))
    assert not failed
