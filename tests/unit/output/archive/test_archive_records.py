from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from output.archive.archive import ArchiveWriter, read_record
from output.archive.foreign_warc import read_warc
from output.archive.scan import run_records
from output.base.errors import StorageError, UsageError
from output.base.records import ArchiveRef, sha256_hex
from tests.unit.output.archive.small_crawl import NOW, Crawl, flip

PAGE = "https://blog.example/法/a?b=c"
BODY = b"\x00\xff<p>text\r\n\r\nWARC/1.1\r\n</p>" * 50


def test_a_response_is_read_back_as_it_came(crawl: Crawl) -> None:
    writer = crawl.writer()
    ref = writer.write_response(
        url=PAGE,
        status=203,
        reason="",
        request_headers=[("User-Agent", "Tamis")],
        response_headers=[
            ("Content-Type", "text/html; charset=gb2312"),
            ("Content-Encoding", "br"),
            ("Transfer-Encoding", "chunked"),
            ("Content-Length", "7"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=\xe9"),
        ],
        body=BODY,
        sha256=sha256_hex(BODY),
        fetched_at=NOW,
        ip="127.0.0.1",
    )
    record = read_record(crawl.folder, ref)
    assert (record.url, record.status, record.type, record.run_id) == (PAGE, 203, "response", crawl.run_id)
    assert (record.body, record.date) == (BODY, NOW)
    assert record.headers == (
        ("content-type", "text/html; charset=gb2312"),
        ("x-crawl-content-encoding", "br"),
        ("x-crawl-transfer-encoding", "chunked"),
        ("x-crawl-content-length", "7"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=\xe9"),
        ("content-length", str(len(BODY))),
    )


@pytest.mark.parametrize("body", [b"", b"x", b"\r\n" * 20, b"a" * 3_000_000])
def test_bodies_of_any_size_come_back_whole(crawl: Crawl, body: bytes) -> None:
    ref = crawl.write(crawl.writer(), PAGE, body)
    assert read_record(crawl.folder, ref).body == body


def test_a_standard_reader_finds_request_response_and_right_digests(crawl: Crawl) -> None:
    writer = crawl.writer()
    crawl.write(writer, "https://blog.example/", BODY)
    with crawl.path().open("rb") as stream:
        records = [
            (r, r.verify_block_digest(), r.reader.read()) for r in ArchiveIterator(stream, parse_http=False)
        ]
    kinds = [record.record_type for record, _, _ in records]
    assert kinds == [WarcRecordType.warcinfo, WarcRecordType.request, WarcRecordType.response]
    assert all(sound for _, sound, _ in records)
    info, request, response = (record.headers for record, _, _ in records)
    assert records[1][2] == b"GET / HTTP/1.1\r\nHost: blog.example\r\nUser-Agent: Tamis\r\n\r\n"
    assert response["WARC-Concurrent-To"] == request["WARC-Record-ID"] != response["WARC-Record-ID"]
    assert response["WARC-Payload-Digest"] == f"sha256:{sha256_hex(BODY)}"
    assert response["WARC-Date"] == "2026-03-01T12:30:15.250000Z"
    assert request["WARC-Warcinfo-ID"] == response["WARC-Warcinfo-ID"] == info["WARC-Record-ID"]
    with crawl.path().open("rb") as stream:
        parsed = next(iter(ArchiveIterator(stream, WarcRecordType.response)))
        assert parsed.verify_payload_digest()
        assert parsed.http_headers.status_code == 200
        assert parsed.reader.read() == BODY


def test_each_record_is_a_gzip_member_at_its_place(crawl: Crawl) -> None:
    writer = crawl.writer()
    refs = [crawl.write(writer, f"https://blog.example/{n}", BODY) for n in range(3)]
    data = crawl.path().read_bytes()
    for ref in refs:
        member = zlib.decompressobj(31)
        text = member.decompress(data[ref.offset : ref.offset + ref.length])
        assert text.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")
        assert member.eof
        assert member.unused_data == b""
    assert refs[-1].offset + refs[-1].length == len(data)


@pytest.mark.parametrize(
    ("status", "profile"), [(304, "server-not-modified"), (200, "identical-payload-digest")]
)
def test_a_revisit_names_the_body_it_stands_for(crawl: Crawl, status: int, profile: str) -> None:
    writer = crawl.writer()
    body = crawl.write(writer, PAGE)
    ref = crawl.revisit(writer, PAGE, body, status)
    record = read_record(crawl.folder, ref)
    assert (record.type, record.status, record.body) == ("revisit", status, b"")
    assert record.refers_to == body
    assert read_record(crawl.folder, record.refers_to).body == b"<p>text</p>"
    with crawl.path().open("rb") as stream:
        answers = ArchiveIterator(stream, WarcRecordType.response | WarcRecordType.revisit, parse_http=False)
        original, revisit = answers
        assert revisit.headers["WARC-Profile"] == f"http://netpreserve.org/warc/1.1/revisit/{profile}"
        assert revisit.headers["WARC-Refers-To"] == original.headers["WARC-Record-ID"]
        assert revisit.headers["WARC-Refers-To-Date"] == original.headers["WARC-Date"]
        assert revisit.headers["WARC-Payload-Digest"] == original.headers["WARC-Payload-Digest"]


def test_no_header_can_forge_another(crawl: Crawl) -> None:
    writer = crawl.writer()
    ref = writer.write_response(
        url="https://blog.example/\r\nWARC-Type: request",
        status=200,
        reason="OK\r\nX-Forged: 1",
        request_headers=[("A\r\nX-Forged", "1")],
        response_headers=[("A", "b\r\nX-Forged: 1\r\n\r\nbody"), ("法", "法\x00")],
        body=b"body",
        sha256=sha256_hex(b"body"),
        fetched_at=NOW,
    )
    record = read_record(crawl.folder, ref)
    assert record.body == b"body"
    assert "x-forged" not in dict(record.headers)
    assert dict(record.headers)["a"] == "b  X-Forged: 1    body"


def test_large_header_blocks_are_read_back(crawl: Crawl) -> None:
    headers = [("Content-Type", "text/html"), *((f"X-{n}", "x" * 1000) for n in range(300))]
    ref = crawl.writer().write_response(
        url=PAGE,
        status=200,
        reason="OK",
        request_headers=[],
        response_headers=headers,
        body=b"body",
        sha256=sha256_hex(b"body"),
        fetched_at=NOW,
    )
    record = read_record(crawl.folder, ref)
    assert len(record.headers) == 302
    assert record.body == b"body"
    assert [head.url for head in run_records(crawl.folder, "blog", crawl.run_id)] == [PAGE]


def test_every_flipped_byte_of_a_record_is_noticed(crawl: Crawl) -> None:
    ref = crawl.write(crawl.writer(), PAGE, BODY)
    sound = crawl.path().read_bytes()
    # The first ten bytes are gzip's header, of which four (time, system) mean nothing.
    for at in range(ref.offset + 10, ref.offset + ref.length, 7):
        flip(crawl.path(), at)
        with pytest.raises(StorageError, match=f"record at {ref.offset} is damaged"):
            read_record(crawl.folder, ref)
        crawl.path().write_bytes(sound)


def test_a_record_that_is_gone_or_elsewhere_is_named(crawl: Crawl, tmp_path: Path) -> None:
    ref = crawl.write(crawl.writer(), PAGE)
    with pytest.raises(StorageError, match=r"none\.warc\.gz cannot be read"):
        read_record(crawl.folder, ArchiveRef("blog/none.warc.gz", 0, 10))
    with pytest.raises(StorageError, match=f"record at {ref.offset + 1} is damaged"):
        read_record(crawl.folder, ArchiveRef(ref.file, ref.offset + 1, ref.length))
    with pytest.raises(StorageError, match="there is no record"):
        read_record(crawl.folder, ArchiveRef(ref.file, ref.offset + ref.length, 100))
    (tmp_path / "secret").write_text("x")
    with pytest.raises(StorageError, match="outside the archive"):
        read_record(crawl.folder, ArchiveRef("../secret", 0, 1))


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "a b"])
def test_a_source_cannot_write_outside_its_folder(crawl: Crawl, name: str) -> None:
    with pytest.raises(UsageError, match="cannot name archive files"):
        ArchiveWriter(
            crawl.folder, name, run_id="r", end_of=crawl.ledger.archive_end, closed=crawl.ledger.close_file
        )


def test_any_warc_file_gives_its_responses_with_decoded_bodies(tmp_path: Path) -> None:
    content = gzip.compress(b"<p>packed</p>")
    http = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n\r\n" + content
    path = tmp_path / "other.warc"
    path.write_bytes(
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <https://other.example/>\r\n"
        b"WARC-Date: 2020-01-01T00:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        b"Content-Type: application/http; msgtype=response\r\n"
        b"Content-Length: " + str(len(http)).encode() + b"\r\n\r\n" + http + b"\r\n\r\n"
    )
    (record,) = read_warc(path)
    assert not isinstance(record, str)
    assert (record.url, record.body, record.run_id) == ("https://other.example/", b"<p>packed</p>", "")
    assert record.date is not None
    assert record.date.year == 2020


def test_a_damaged_or_foreign_warc_file_says_so(crawl: Crawl, tmp_path: Path) -> None:
    writer = crawl.writer()
    refs = [crawl.write(writer, f"https://blog.example/{n}", BODY) for n in range(3)]
    flip(crawl.path(), refs[1].offset + 200)
    first, *lines = read_warc(crawl.path())
    assert not isinstance(first, str)
    assert first.url == "https://blog.example/0"
    assert lines
    assert all(isinstance(line, str) and "damaged" in line for line in lines)
    (tmp_path / "page.warc").write_text("<html>")
    assert [type(one) for one in read_warc(tmp_path / "page.warc")] == [str]
    (tmp_path / "empty.warc.gz").write_bytes(b"")
    assert list(read_warc(tmp_path / "empty.warc.gz")) == ["no response record in it"]
