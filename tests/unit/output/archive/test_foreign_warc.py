"""WARC files of other tools: bodies as they came over the wire, resources, records that are cut."""

from __future__ import annotations

import gzip
import random
import re
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import zstandard

from output.archive import foreign_warc
from output.archive.compression import BodyError, decompress
from output.archive.foreign_warc import read_warc
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
    assert line.startswith(f"{CUT} (record at byte 0): ")
    assert said in line
    assert isinstance(last, Record)


def test_a_file_that_ends_within_a_record_says_so(tmp_path: Path) -> None:
    whole = gzip.decompress(LAST) + gzip.decompress(record(CUT, answer(PAGE)))
    first, line = read(tmp_path / "a.warc", whole[:-3000])
    assert isinstance(first, Record)
    at = len(gzip.decompress(LAST))
    assert line == f"{CUT} (record at byte {at}): the file ends, or is damaged, before the end of this record"


def test_a_bomb_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    bomb = answer(gzip.compress(bytes(70 << 20), 9), "Content-Encoding: gzip\r\n")
    line, last = read(tmp_path / "a.warc.gz", record(CUT, bomb), LAST)
    assert line == f"{CUT} (record at byte 0): opens to more than 67108864 bytes"
    assert isinstance(last, Record)


def test_bodies_of_many_pieces_are_opened_in_one_go() -> None:
    members = b"".join(gzip.compress(b"%d," % n, 1) for n in range(3000))
    assert decompress(members, ["gzip"], 1 << 20) == b"".join(b"%d," % n for n in range(3000))
    assert decompress(members + b"litter", ["gzip"], 1 << 20).endswith(b"2999,")
    noise = random.Random(1).randbytes(100_000)  # several pieces of input, and of output
    for name, pack in (("gzip", gzip.compress), ("deflate", zlib.compress)):
        assert decompress(pack(noise * 3), [name], 1 << 20) == noise * 3
        with pytest.raises(BodyError, match="ends before its end"):
            decompress(pack(noise * 3)[:-9], [name], 1 << 20)


BIG = "http://pier.example/big"


@pytest.fixture
def small_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_warc, "MAX_BODY_BYTES", 1 << 20)
    monkeypatch.setattr(foreign_warc, "_MAX_BLOCK_BYTES", 2 << 20)


@pytest.mark.usefixtures("small_caps")
@pytest.mark.parametrize("pack", [bytes, gzip.decompress])
def test_a_record_that_is_too_large_is_named_and_not_read(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    first, big, last = LAST, record(BIG, answer(bytes(3 << 20))), LAST
    found = read(tmp_path / "a.warc.gz", *map(pack, (first, big, last)))
    assert [type(one) for one in found] == [Record, str, Record]
    at = len(pack(first))
    assert found[1] == f"{BIG} (record at byte {at}): 3145728 bytes, a page has 1048576 at most"


@pytest.mark.usefixtures("small_caps")
@pytest.mark.parametrize("kind", ["response", "resource"])
@pytest.mark.parametrize(
    ("media", "is_counted"),
    [("video/mp4", True), ("application/zip", True), ("", False), ("application/pdf", False)],
)
def test_a_film_that_is_too_large_is_counted_and_no_error(
    tmp_path: Path, kind: str, media: str, is_counted: bool
) -> None:
    counts: Counter[str] = Counter()
    block = answer(bytes(3 << 20)).replace(b"text/html", media.encode())
    film = gzip.decompress(record(BIG, block, kind=kind)).replace(b"text/html", media.encode(), 1)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(LAST + gzip.compress(film) + LAST)
    found = list(read_warc(path, counts))
    assert [type(one) for one in found] == [Record, *([] if is_counted else [str]), Record]
    assert counts == Counter({f"{media} over 1 MiB": 1} if is_counted else {})


@pytest.mark.usefixtures("small_caps")
def test_a_record_that_says_it_is_longer_than_its_member_takes_no_other(tmp_path: Path) -> None:
    liar = gzip.decompress(record(BIG, answer(PAGE)))
    liar = gzip.compress(re.sub(rb"Content-Length: \d+", b"Content-Length: 999999999", liar))
    found = read(tmp_path / "a.warc.gz", LAST, liar, LAST, LAST)
    assert [type(one) for one in found] == [Record, str, Record, Record]


@pytest.mark.parametrize(
    "damage",
    [
        b"WARC/1.0\r\nWARC-Type: response\r\nX-Long: " + b"x" * (2 << 20),
        b"nothing of WARC",
        b"\0" * (2 << 20),
        gzip.decompress(record(CUT, answer(PAGE))).replace(b"Content-Length: ", b"Content-Length: -"),
        gzip.decompress(record(CUT, answer(PAGE, f"X: {'y' * (2 << 20)}\r\n"))),
    ],
)
def test_behind_a_damaged_record_reading_goes_on(tmp_path: Path, damage: bytes) -> None:
    found = read(tmp_path / "a.warc.gz", LAST, gzip.compress(damage), LAST, LAST)
    assert sum(isinstance(one, Record) for one in found) == 3
    said = [one for one in found if isinstance(one, str)]
    assert said
    behind = len(LAST) + len(gzip.compress(damage))
    assert f"read on from byte {behind}" in said[-1] or said[-1].startswith(CUT)
    plain = read(tmp_path / "a.warc", *(gzip.decompress(LAST), damage, gzip.decompress(LAST)))
    assert {Record, str} == set(map(type, plain))


@pytest.mark.parametrize(
    "header",
    [
        "WARC-Tamis-Body: no place at all",
        "WARC-Tamis-Body: 1 2",
        "WARC-Tamis-Run: another",
        "WARC-Date: 0000-01-01T00:00:00Z",
        "WARC-Date: 99999-12-31T00:00:00Z",
        "WARC-Date: nan",
    ],
)
def test_headers_of_a_stranger_are_no_places_of_ours(tmp_path: Path, header: str) -> None:
    odd = gzip.decompress(record("http://pier.example/odd", answer(PAGE)))
    lines = [line for line in odd.split(b"\r\n") if not line.startswith(header.split(" ")[0].encode())]
    odd = gzip.compress(b"\r\n".join([lines[0], header.encode(), *lines[1:]]))
    first, last = read(tmp_path / "a.warc.gz", odd, LAST)
    assert isinstance(first, Record)
    assert (first.body, first.refers_to) == (PAGE, None)
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
