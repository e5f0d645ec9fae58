from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from output.archive.archive import read_record
from output.archive.scan import run_records
from output.base.errors import StorageError
from output.base.records import ArchiveRef, sha256_hex
from tests.unit.output.archive.small_crawl import Crawl

PAGES = [f"https://blog.example/{n}" for n in range(5)]


def archived(crawl: Crawl) -> list[str]:
    return [head.url for head in run_records(crawl.folder, "blog", crawl.run_id)]


def test_a_killed_run_goes_on_after_its_last_committed_record(crawl: Crawl) -> None:
    writer = crawl.writer()
    first = crawl.write(writer, PAGES[0])
    crawl.commit(PAGES[0], first)
    crawl.write(writer, PAGES[1])  # written whole, never committed
    crawl.kill(writer)
    with crawl.path().open("ab") as stream:
        stream.write(b"\x1f\x8b torn")
    again = crawl.writer()
    assert crawl.path().stat().st_size == first.offset + first.length
    second = crawl.write(again, PAGES[2])
    crawl.commit(PAGES[2], second)
    assert second.file == first.file
    assert archived(crawl) == [PAGES[0], PAGES[2]]
    assert read_record(crawl.folder, second).url == PAGES[2]


def test_a_run_killed_before_its_first_commit_begins_anew(crawl: Crawl) -> None:
    writer = crawl.writer()
    crawl.write(writer, PAGES[0])
    crawl.kill(writer)
    again = crawl.writer()
    assert crawl.path().stat().st_size == 0
    crawl.commit(PAGES[1], crawl.write(again, PAGES[1]))
    assert archived(crawl) == [PAGES[1]]


def test_a_file_that_lost_committed_records_is_not_written_to(crawl: Crawl) -> None:
    writer = crawl.writer()
    ref = crawl.write(writer, PAGES[0])
    crawl.commit(PAGES[0], ref)
    writer.close()
    os.truncate(crawl.path(), ref.offset)
    with pytest.raises(
        StorageError, match=f"has {ref.offset} bytes, but the ledger counts {ref.offset + ref.length}"
    ):
        crawl.writer()
    crawl.path().unlink()
    with pytest.raises(StorageError, match="records are lost"):
        crawl.writer()


def test_files_rotate_by_size_and_their_hashes_reach_the_ledger(crawl: Crawl) -> None:
    writer = crawl.writer(rotate_bytes=1000)
    bodies = [os.urandom(900) for _ in PAGES]
    refs = []
    for url, body in zip(PAGES, bodies, strict=True):
        refs.append(crawl.write(writer, url, body))
        crawl.commit(url, refs[-1], body=body)
    writer.close()
    files = crawl.ledger.archive_files()
    assert len(files) == 5
    for file in files:
        data = (crawl.folder / file.file).read_bytes()
        assert (file.size, file.end, file.sha256) == (len(data), len(data), sha256_hex(data))
    assert [read_record(crawl.folder, ref).body for ref in refs] == bodies
    assert archived(crawl) == PAGES


def test_a_closed_run_that_goes_on_appends_and_closes_again(crawl: Crawl) -> None:
    for url in PAGES[:2]:
        writer = crawl.writer()
        crawl.commit(url, crawl.write(writer, url))
        writer.close()
    (file,) = crawl.ledger.archive_files()
    data = crawl.path().read_bytes()
    assert (file.size, file.sha256) == (len(data), sha256_hex(data))
    assert archived(crawl) == PAGES[:2]


def test_a_resumed_run_goes_on_with_its_last_file(crawl: Crawl) -> None:
    writer = crawl.writer(rotate_bytes=1)
    for url in PAGES[:3]:
        crawl.commit(url, crawl.write(writer, url))
    crawl.kill(writer)
    again = crawl.writer()
    assert crawl.write(again, PAGES[3]).file.endswith("-00003.warc.gz")


def test_closing_leaves_only_what_was_committed(crawl: Crawl) -> None:
    writer = crawl.writer()
    ref = crawl.write(writer, PAGES[0])
    crawl.commit(PAGES[0], ref)
    crawl.write(writer, PAGES[1])
    writer.close()
    writer.close()
    (file,) = crawl.ledger.archive_files()
    assert crawl.path().stat().st_size == file.size == ref.offset + ref.length
    assert sha256_hex(crawl.path().read_bytes()) == file.sha256


def test_a_run_that_archived_nothing_leaves_no_file(crawl: Crawl) -> None:
    crawl.writer().close()
    writer = crawl.writer()
    crawl.write(writer, PAGES[0])
    writer.close()
    assert list(crawl.folder.rglob("*.warc.gz")) == []
    assert crawl.ledger.archive_files() == []


def test_a_full_disk_cuts_the_record_back_and_the_run_goes_on(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = crawl.writer()
    crawl.commit(PAGES[0], crawl.write(writer, PAGES[0]))
    size = crawl.path().stat().st_size
    pwrite = os.pwrite

    def fills_up(descriptor: int, data: bytes, at: int) -> int:
        if at > size:
            raise OSError(errno.ENOSPC, "No space left on device")
        return pwrite(descriptor, data[:100], at)

    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", fills_up)
        with pytest.raises(
            StorageError, match=r"00001\.warc\.gz cannot be written \(No space left on device\): make room"
        ):
            crawl.write(writer, PAGES[1])
    assert crawl.path().stat().st_size == size
    second = crawl.write(writer, PAGES[1])
    crawl.commit(PAGES[1], second)
    assert archived(crawl) == PAGES[:2]


def test_a_limit_on_the_file_leaves_a_whole_archive(crawl: Crawl) -> None:
    program = f"""
import os, resource, sys
from pathlib import Path
from output.base.errors import StorageError
from output.ledger.ledger import Ledger
from tests.unit.output.archive.small_crawl import Crawl

folder = Path({str(crawl.folder)!r})
crawl = Crawl(Ledger(folder.parent / "ledger.sqlite"), folder, {crawl.run_id!r})
writer = crawl.writer()
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
try:
    for n in range(100):
        url = f"https://blog.example/{{n}}"
        crawl.commit(url, crawl.write(writer, url, os.urandom(500_000)))
        print(n, flush=True)
except StorageError as error:
    writer.close()
    sys.exit(str(error))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60
    )
    assert "cannot be written (File too large)" in ended.stderr
    written = len(ended.stdout.split())
    assert written == 3
    assert len(archived(crawl)) == written
    (file,) = crawl.ledger.archive_files()
    assert file.size == file.end == crawl.path().stat().st_size


def test_a_folder_that_cannot_be_made_is_named(crawl: Crawl) -> None:
    crawl.folder.write_text("a file stands where the archive should")
    with pytest.raises(StorageError, match=r"blog.*cannot be written"):
        crawl.writer()


def test_a_place_stays_readable_while_the_run_writes(crawl: Crawl) -> None:
    writer = crawl.writer()
    refs: list[ArchiveRef] = []
    for url in PAGES:
        refs.append(crawl.write(writer, url))
        assert read_record(crawl.folder, refs[-1]).url == url
