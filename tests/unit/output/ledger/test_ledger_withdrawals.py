from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from output.base.errors import NewerFormat
from output.base.records import ArchiveRef, Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import Acceptance, Fetched, Scheduled, Settled, Tombstone
from output.ledger.sql.migrations import MIGRATIONS
from output.ledger.sql.tables import LEDGER_VERSION
from output.ledger.tombstones import url_hash
from tests.unit.output.ledger.arrivals import arrived

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
PAGE, OTHER = "https://blog.example/page", "https://blog.example/other"


def crawled(ledger: Ledger, outcome: Outcome = Outcome.PENDING) -> str:
    run_id, _ = ledger.open_run("blog", now=NOW)
    ledger.schedule(run_id, [Scheduled(PAGE), Scheduled(OTHER)])
    ref = ArchiveRef("blog/a.warc.gz", 0, 10)
    arrived(ledger, run_id, Fetched(PAGE, 200, ref, "response", "0" * 64, NOW), outcome)
    return run_id


def outcomes(ledger: Ledger, run_id: str) -> dict[str, tuple[str, str]]:
    return {visit.url: (visit.outcome.value, visit.reason) for visit in ledger.visits(run_id)}


def test_what_was_forgotten_is_refused_in_the_run_that_goes_on_and_in_the_next(ledger: Ledger) -> None:
    run_id = crawled(ledger)
    ledger.forget([PAGE], now=NOW, by="editor", reason="asked by its author")
    assert outcomes(ledger, run_id) == {PAGE: ("refused", "forgotten"), OTHER: ("pending", "")}
    (visit,) = ledger.visits(run_id, Outcome.REFUSED)
    assert visit.ref is not None, "the archive's record is still counted"
    assert ledger.known("blog", PAGE) is None
    later, _ = ledger.open_run("blog", now=NOW + timedelta(days=1), run_id="20260302T000000Z-blog")
    assert ledger.schedule(later, [Scheduled(PAGE), Scheduled(OTHER)]) == [Scheduled(OTHER)]
    assert [one.url for one in ledger.waiting(later)] == [OTHER]
    assert outcomes(ledger, later)[PAGE] == ("refused", "forgotten")


def test_an_answer_that_was_under_way_is_not_taken(ledger: Ledger) -> None:
    run_id, _ = ledger.open_run("blog", now=NOW)
    ledger.schedule(run_id, [Scheduled(PAGE)])
    ledger.forget([PAGE], now=NOW, by="editor")
    arrived(
        ledger, run_id, Fetched(PAGE, 200, ArchiveRef("f", 0, 9), "response", "0" * 64, NOW), Outcome.PENDING
    )
    assert outcomes(ledger, run_id) == {PAGE: ("refused", "forgotten")}
    assert ledger.known("blog", PAGE) is None


def test_what_an_ended_run_did_stays_told_and_its_documents_no_longer_stand(ledger: Ledger) -> None:
    run_id = crawled(ledger)
    ledger.settle_many(run_id, [Settled(PAGE, Outcome.PUBLISHED, documents=((PAGE, "v"),))])
    ledger.forget([PAGE], now=NOW, by="editor")
    assert outcomes(ledger, run_id)[PAGE] == ("published", "")
    assert ledger.document_versions("blog") == {}
    assert ledger.sources_of([PAGE]) == ["blog"]
    assert ledger.sources_of(["https://blog.example/never"]) == []


def test_the_first_tombstone_stands(ledger: Ledger) -> None:
    ledger.forget([PAGE], now=NOW, by="editor", reason="asked")
    ledger.forget([PAGE, OTHER], now=NOW + timedelta(days=1), by="somebody")
    assert ledger.tombstones() == [
        Tombstone(OTHER, NOW + timedelta(days=1), "somebody", ""),
        Tombstone(PAGE, NOW, "editor", "asked"),
    ]


def test_hashes_that_a_lost_ledger_left_are_honoured_with_the_url_where_it_is_known(ledger: Ledger) -> None:
    run_id = crawled(ledger)
    unknown = "https://blog.example/unknown"
    ledger.forget([OTHER], now=NOW, by="editor")
    ledger.adopt_forgotten([*map(url_hash, (PAGE, OTHER, unknown)), "0torn"], now=NOW)
    assert {stone.url for stone in ledger.tombstones()} == {PAGE, OTHER, f"sha256:{url_hash(unknown)}"}
    assert {url_hash(stone.url) for stone in ledger.tombstones()} == {*map(url_hash, (PAGE, OTHER, unknown))}
    assert ledger.known("blog", PAGE) is None
    assert ledger.schedule(run_id, [Scheduled(unknown)]) == []
    assert outcomes(ledger, run_id)[unknown] == ("refused", "forgotten")


def test_who_accepted_a_run_and_why_is_kept(ledger: Ledger) -> None:
    ledger.accept("run", ["3 documents, fewer than the 20 expected"], now=NOW, by="ana", reason="site shrank")
    ledger.accept("run", ["3 documents"], now=NOW, by="ana", reason="site shrank, asked them")
    assert ledger.acceptances() == [
        Acceptance("run", NOW, "ana", "site shrank, asked them", ("3 documents",))
    ]


def test_a_ledger_of_version_1_is_migrated_with_what_it_holds(tmp_path: Path) -> None:
    assert sorted(MIGRATIONS) == [*range(2, LEDGER_VERSION + 1)]
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    run_id = crawled(ledger)
    ledger.close()
    with sqlite3.connect(path) as raw:
        raw.executescript(
            "drop index visits_deferred; drop table tombstones; drop table acceptances;"
            "update ledger set version = 1;"
            "alter table pages drop column ended; alter table pages drop column ended_run"
        )
    raw.close()
    migrated = Ledger(path)
    known = migrated.known("blog", PAGE)
    assert known is not None
    assert known.may_be_mined
    migrated.forget([PAGE], now=NOW, by="editor")
    assert outcomes(migrated, run_id)[PAGE] == ("refused", "forgotten")
    migrated.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("select version from ledger").fetchall() == [(LEDGER_VERSION,)]
        raw.execute("update ledger set version = ?", [LEDGER_VERSION + 1])
    raw.close()
    with pytest.raises(NewerFormat):
        Ledger(path)
