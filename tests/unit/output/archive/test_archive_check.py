from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from output.archive.scan import iter_records, run_records, verify_archive
from output.base.errors import StorageError
from output.base.records import Outcome
from output.integrity.check import MAX_URLS_LISTED, check_run
from output.ledger.records import RunStatus, Scheduled
from tests.unit.output.archive.small_crawl import NOW, Crawl, flip

PAGES = [f"https://blog.example/{n}" for n in range(4)]


@dataclass
class Counts:
    documents: set[str]
    rejections: set[str]


def crawled(crawl: Crawl) -> Counts:
    """Two pages published, one rejected, one refused: all well."""
    writer = crawl.writer()
    for url, outcome in zip(PAGES, (Outcome.PUBLISHED, Outcome.PUBLISHED, Outcome.REJECTED), strict=False):
        crawl.commit(url, crawl.write(writer, url), outcome)
    crawl.ledger.schedule(crawl.run_id, [Scheduled(PAGES[3])])
    crawl.ledger.settle(crawl.run_id, PAGES[3], Outcome.REFUSED, "robots")
    writer.close()
    return Counts({PAGES[0], PAGES[1]}, {PAGES[2]})


def check(crawl: Crawl, counts: Counts) -> list[str]:
    return check_run(crawl.ledger, crawl.folder, crawl.run_id, counts)


def test_a_run_whose_three_counts_agree_passes(crawl: Crawl) -> None:
    assert check(crawl, crawled(crawl)) == []


def test_a_url_without_an_outcome_is_named(crawl: Crawl) -> None:
    counts = crawled(crawl)
    crawl.ledger.schedule(crawl.run_id, [Scheduled("https://blog.example/lost")])
    assert check(crawl, counts) == ["1 without an outcome: https://blog.example/lost"]


def test_a_record_that_the_ledger_does_not_know_is_named(crawl: Crawl) -> None:
    counts = crawled(crawl)
    writer = crawl.writer()
    crawl.write(writer, "https://blog.example/extra")
    assert check(crawl, counts) == ["1 in the archive, not in the ledger: https://blog.example/extra"]


def test_a_record_that_the_archive_does_not_hold_is_named(crawl: Crawl) -> None:
    counts = crawled(crawl)
    visit = next(visit for visit in crawl.ledger.visits(crawl.run_id) if visit.url == PAGES[2])
    assert visit.ref is not None
    previous = next(head for head in iter_records(crawl.path(), visit.ref.file) if head.url == PAGES[2])
    os.truncate(crawl.path(), previous.ref.offset)
    assert check(crawl, counts) == [f"1 in the ledger, not where it says in the archive: {PAGES[2]}"]


def test_a_url_archived_twice_is_named(crawl: Crawl) -> None:
    counts = crawled(crawl)
    writer = crawl.writer()
    crawl.write(writer, PAGES[0])
    assert check(crawl, counts)[0] == f"1 archived more than once: {PAGES[0]}"


def test_the_dataset_must_hold_what_the_ledger_says_and_no_more(crawl: Crawl) -> None:
    counts = crawled(crawl)
    counts.documents = {PAGES[0], "https://blog.example/never"}
    counts.rejections = set()
    assert check(crawl, counts) == [
        f"1 published in the ledger, not in the dataset: {PAGES[1]}",
        "1 published in the dataset, not in the ledger: https://blog.example/never",
        f"1 rejected in the ledger, not in the dataset: {PAGES[2]}",
    ]


def test_many_differences_are_counted_and_the_first_named(crawl: Crawl) -> None:
    counts = crawled(crawl)
    crawl.ledger.schedule(crawl.run_id, [Scheduled(f"https://blog.example/lost/{n:03d}") for n in range(50)])
    (line,) = check(crawl, counts)
    assert line.startswith("50 without an outcome: https://blog.example/lost/000, ")
    assert line.endswith(f" and {50 - MAX_URLS_LISTED} more")


def test_another_run_of_the_source_is_not_counted(crawl: Crawl) -> None:
    counts = crawled(crawl)
    crawl.ledger.set_status(crawl.run_id, RunStatus.PUBLISHED, NOW)
    first, crawl.run_id = crawl.run_id, crawl.ledger.open_run("blog", now=NOW)[0]
    writer = crawl.writer()
    crawl.commit(PAGES[0], crawl.write(writer, PAGES[0]))
    assert crawl.run_id > first
    assert check_run(crawl.ledger, crawl.folder, first, counts) == []
    assert check(crawl, Counts({PAGES[0]}, set())) == []


def test_a_damaged_archive_is_no_count(crawl: Crawl) -> None:
    counts = crawled(crawl)
    flip(crawl.path(), crawl.path().stat().st_size // 2)
    with pytest.raises(StorageError, match="damaged"):
        check(crawl, counts)


def test_a_scan_gives_each_record_its_exact_place(crawl: Crawl) -> None:
    crawled(crawl)
    heads = {head.url: head.ref for head in run_records(crawl.folder, "blog", crawl.run_id)}
    assert heads == {visit.url: visit.ref for visit in crawl.ledger.visits(crawl.run_id) if visit.ref}


def test_a_sound_archive_verifies_open_or_closed(crawl: Crawl) -> None:
    assert verify_archive(crawl.folder, crawl.ledger) == []
    crawled(crawl)
    assert verify_archive(crawl.folder, crawl.ledger) == []
    writer = crawl.writer()
    crawl.commit("https://blog.example/more", crawl.write(writer, "https://blog.example/more"))
    crawl.write(writer, "https://blog.example/uncommitted")
    assert verify_archive(crawl.folder, crawl.ledger) == []


def test_every_flipped_bit_of_a_closed_file_is_named(crawl: Crawl) -> None:
    crawled(crawl)
    sound = crawl.path().read_bytes()
    for at in range(0, len(sound), 11):
        flip(crawl.path(), at)
        assert verify_archive(crawl.folder, crawl.ledger) == [
            f"{crawl.path()}: damaged: its SHA-256 is not the one it was closed with"
        ]
        crawl.path().write_bytes(sound)


def test_damage_to_an_open_file_is_named_with_its_place(crawl: Crawl) -> None:
    crawled(crawl)
    writer = crawl.writer()
    ref = crawl.write(writer, "https://blog.example/more")
    crawl.commit("https://blog.example/more", ref)
    flip(crawl.path(), ref.offset + ref.length // 2)
    (line,) = verify_archive(crawl.folder, crawl.ledger)
    assert line.startswith(f"{crawl.path()}: damaged at or after byte ")


def test_files_cut_short_grown_missing_or_strange_are_named(crawl: Crawl) -> None:
    crawled(crawl)
    sound = crawl.path().read_bytes()
    crawl.path().write_bytes(sound[:-1])
    assert verify_archive(crawl.folder, crawl.ledger) == [
        f"{crawl.path()}: cut short: {len(sound) - 1} bytes of {len(sound)}"
    ]
    crawl.path().write_bytes(sound + b"x")
    assert verify_archive(crawl.folder, crawl.ledger) == [
        f"{crawl.path()}: 1 bytes were added after it was closed"
    ]
    strange = crawl.folder / "blog" / "strange.warc.gz"
    crawl.path().rename(strange)
    assert verify_archive(crawl.folder, crawl.ledger) == [
        f"{crawl.path()}: missing",
        f"{strange}: not in the ledger",
    ]
