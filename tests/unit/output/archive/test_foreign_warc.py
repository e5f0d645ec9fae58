"""WARC files of other tools: bodies as they came over the wire, resources, records that are cut."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import zstandard

from output.archive.scan import read_warc
from output.archive.warc import Record

PAGE = b"<html><body>" + b"<p>The harbour opens at dawn, and closes at dusk.</p>" * 200 + b"</body></html>"


def record(url: str, block: bytes, *, kind: str = "response", more: str = "") -> bytes:
    media = "text/html" if kind == "resource" else "application/http; msgtype=response"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-03-02T10:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{len(url):012}>\r\n{more}"
        f"Content-Type: {media}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n")


def answer(body: bytes, headers: str = "", line: str = "HTTP/1.1 200 OK") -> bytes:
    return f"{line}\r\nContent-Type: text/html\r\n{headers}\r\n".encode() + body


def chunks(body: bytes) -> bytes:
    pieces = (body[at : at + 100] for at in range(0, len(body), 100))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def read(path: Path, *records: bytes) -> list[Record | str]:
    path.write_bytes(b"".join(records))
    return list(read_warc(path))


CUT = "http://pier.example/cut"
LAST = record("http://pier.example/last", answer(b"<p>Last.</p>"))


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body, wbits=-15)),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
        ("gzip", bytes),  # stored opened, below the header that it came with
        ("br", bytes),
        ("identity", bytes),
    ],
)
def test_a_body_in_any_encoding_is_opened_and_the_next_record_is_read(
    tmp_path: Path, encoding: str, pack: Callable[[bytes], bytes], chunked: bool
) -> None:
    headers = f"Content-Encoding: {encoding}\r\n" + "Transfer-Encoding: chunked\r\n" * chunked
    body = chunks(pack(PAGE)) if chunked else pack(PAGE)
    first, last = read(tmp_path / "a.warc.gz", record("http://pier.example/", answer(body, headers)), LAST)
    assert isinstance(first, Record)
    assert first.body == PAGE
    assert isinstance(last, Record)
    assert last.body == b"<p>Last.</p>"


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        (record(CUT, answer(gzip.compress(PAGE)[:-9], "Content-Encoding: gzip\r\n")), "gzip"),
        (record(CUT, answer(zstandard.compress(PAGE)[:-9], "Content-Encoding: zstd\r\n")), "zstd"),
        (record(CUT, answer(chunks(PAGE)[:-300], "Transfer-Encoding: chunked\r\n")), "last chunk"),
        (record(CUT, answer(PAGE[:900]), more="WARC-Truncated: length\r\n"), "cut when it was archived"),
        (record(CUT, b"no HTTP at all"), "no HTTP answer"),
    ],
)
def test_a_cut_body_is_named_and_not_taken_for_a_whole_one(tmp_path: Path, cut: bytes, said: str) -> None:
    line, last = read(tmp_path / "a.warc.gz", cut, LAST)
    assert isinstance(line, str)
    assert line.startswith(f"{CUT}: ")
    assert said in line
    assert isinstance(last, Record)


def test_a_file_that_ends_within_a_record_says_so(tmp_path: Path) -> None:
    whole = gzip.decompress(LAST) + gzip.decompress(record(CUT, answer(PAGE)))
    first, line = read(tmp_path / "a.warc", whole[:-3000])
    assert isinstance(first, Record)
    assert line == f"{CUT}: the file ends, or is damaged, before the end of this record"


def test_a_bomb_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    bomb = answer(gzip.compress(bytes(70 << 20), 9), "Content-Encoding: gzip\r\n")
    line, last = read(tmp_path / "a.warc.gz", record(CUT, bomb), LAST)
    assert line == f"{CUT}: opens to more than 67108864 bytes"
    assert isinstance(last, Record)


def test_resources_of_the_web_are_pages_and_other_records_are_none(tmp_path: Path) -> None:
    (page,) = read(
        tmp_path / "a.warc.gz",
        record("dns:pier.example", b"20240302\npier.example. 300 IN A 192.0.2.1\n"),
        record("urn:pageinfo:http://pier.example/", b"{}", kind="resource"),
        record("http://pier.example/", b"The harbour opens.", kind="conversion"),
        record("http://pier.example/", answer(b""), kind="revisit"),
        record("<http://pier.example/>", PAGE, kind="resource"),
    )
    assert isinstance(page, Record)
    assert (page.url, page.status, page.body) == ("http://pier.example/", 200, PAGE)
    assert page.headers == (("content-type", "text/html"),)


def test_headers_that_end_in_bare_newlines_are_read(tmp_path: Path) -> None:
    (page,) = read(
        tmp_path / "a.warc.gz", record("http://pier.example/", answer(PAGE).replace(b"\r\n", b"\n"))
    )
    assert isinstance(page, Record)
    assert page.body == PAGE


def test_a_file_that_ends_within_a_record_says_so_wherever_that_is(tmp_path: Path) -> None:
    for name, pack in (("a.warc.gz", bytes), ("a.warc", gzip.decompress)):
        first, last = pack(record("http://pier.example/first", answer(PAGE))), pack(LAST)
        for end in range(1, len(last) - 4):  # an end of line or two of a plain record may be missing
            found = read(tmp_path / name, first, last[:end])
            assert isinstance(found[0], Record)
            assert isinstance(found[-1], str), end
        assert [type(page) for page in read(tmp_path / name, first, last)] == [Record, Record]
    everything = gzip.compress(b"".join(map(gzip.decompress, (LAST, LAST))))
    assert [type(page) for page in read(tmp_path / "a.warc.gz", everything)] == [Record, Record]
    assert isinstance(read(tmp_path / "a.warc.gz", LAST, b"nothing of gzip")[-1], str)
