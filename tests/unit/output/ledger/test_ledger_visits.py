from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from output.base.errors import StorageError
from output.base.records import ArchiveRef, Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import FORGOTTEN, Fetched, RunStatus, Scheduled, Settled
from output.ledger.sql import database as database_module
from tests.unit.output.ledger.arrivals import arrived

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PAGE = "https://blog.example/a?b=c&d=%E6%B3%95"


def begin(ledger: Ledger, *urls: str, now: datetime = NOW) -> str:
    for run in ledger.runs("blog"):
        ledger.set_status(run.run_id, RunStatus.PUBLISHED, now)
    run_id, _ = ledger.open_run("blog", now=now)
    ledger.schedule(run_id, [Scheduled(url) for url in urls])
    return run_id


def response(url: str = PAGE, offset: int = 100, **changes: object) -> Fetched:
    made = Fetched(
        url, 200, ArchiveRef("blog/r-00001.warc.gz", offset, 50), "response", "ab" * 32, NOW, '"1"', "Sun"
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def test_a_url_is_scheduled_once_a_run(ledger: Ledger) -> None:
    run_id = begin(ledger)
    urls = [
        Scheduled(PAGE, hint="first"),
        Scheduled(PAGE, hint="second"),
        Scheduled("https://blog.example/b", "index"),
    ]
    assert ledger.schedule(run_id, urls) == [urls[0], urls[2]]
    assert ledger.schedule(run_id, [*urls, Scheduled("https://blog.example/c", depth=2)]) == [
        Scheduled("https://blog.example/c", depth=2)
    ]
    assert ledger.schedule(run_id, []) == []
    assert [one.url for one in ledger.waiting(run_id)] == [
        PAGE,
        "https://blog.example/b",
        "https://blog.example/c",
    ]
    assert ledger.waiting(run_id)[0] == urls[0]


def test_more_urls_than_a_statement_takes_parameters(ledger: Ledger) -> None:
    run_id = begin(ledger)
    urls = [Scheduled(f"https://blog.example/{n:05d}") for n in range(12_000)]
    assert ledger.schedule(run_id, urls) == urls
    assert ledger.schedule(run_id, urls) == []


def test_what_was_fetched_or_settled_waits_no_more(ledger: Ledger) -> None:
    run_id = begin(ledger, PAGE, "https://blog.example/robots", "https://blog.example/left")
    arrived(ledger, run_id, response())
    ledger.settle(run_id, "https://blog.example/robots", Outcome.REFUSED, "robots", "Disallow: /")
    assert [one.url for one in ledger.waiting(run_id)] == ["https://blog.example/left"]
    assert ledger.counts(run_id) == {("pending", ""): 2, ("refused", "robots"): 1}
    (page,) = [visit for visit in ledger.visits(run_id, Outcome.PENDING) if visit.ref]
    assert (page.url, page.status, page.record, page.fetched_at) == (PAGE, 200, "response", NOW)
    assert page.ref == ArchiveRef("blog/r-00001.warc.gz", 100, 50)


def test_visits_may_be_settled_while_they_are_read(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "ROWS_PER_QUERY", 3)
    urls = [f"https://blog.example/{n}" for n in range(8)]
    run_id = begin(ledger, *urls)
    for visit in ledger.visits(run_id, Outcome.PENDING):
        ledger.settle(run_id, visit.url, Outcome.PUBLISHED)
    assert ledger.counts(run_id) == {("published", ""): 8}
    assert [visit.url for visit in ledger.visits(run_id)] == urls


def test_an_outcome_for_a_url_never_scheduled_is_an_error_and_changes_nothing(ledger: Ledger) -> None:
    run_id = begin(ledger, PAGE)
    with pytest.raises(StorageError, match="never scheduled"):
        arrived(ledger, run_id, response("https://blog.example/other"))
    with pytest.raises(StorageError, match="never scheduled"):
        ledger.settle_many(
            run_id, [Settled(PAGE, Outcome.GONE), Settled("https://blog.example/other", Outcome.GONE)]
        )
    assert ledger.counts(run_id) == {("pending", ""): 1}
    assert ledger.known("blog", "https://blog.example/other") is None


def test_the_next_run_knows_the_body_and_what_a_304_renewed(ledger: Ledger) -> None:
    arrived(ledger, begin(ledger, PAGE), response(), Outcome.PENDING)
    body = ArchiveRef("blog/r-00001.warc.gz", 100, 50)
    second = begin(ledger, PAGE, now=LATER)
    not_modified = response(
        status=304,
        record="revisit",
        ref=ArchiveRef("blog/s-00001.warc.gz", 7, 9),
        fetched_at=LATER,
        etag='"2"',
        last_modified="",
        revisit_of=body,
    )
    arrived(ledger, second, not_modified, Outcome.UNCHANGED)
    known = ledger.known("blog", PAGE)
    assert known is not None
    assert (known.etag, known.last_modified, known.sha256) == ('"2"', "Sun", "ab" * 32)
    assert (known.ref, known.fetched_at, known.checked_at) == (body, NOW, LATER)
    assert ledger.known("gazette", PAGE) is None


def test_an_identical_body_refers_to_the_first_and_a_new_one_replaces_it(ledger: Ledger) -> None:
    arrived(ledger, begin(ledger, PAGE), response(), Outcome.PENDING)
    body = ArchiveRef("blog/r-00001.warc.gz", 100, 50)
    revisit = response(record="revisit", offset=300, fetched_at=LATER, etag="", revisit_of=body)
    arrived(ledger, begin(ledger, PAGE, now=LATER), revisit, Outcome.UNCHANGED)
    known = ledger.known("blog", PAGE)
    assert known is not None
    assert (known.ref, known.fetched_at, known.checked_at, known.etag) == (body, NOW, LATER, "")
    amended = response(offset=400, sha256="cd" * 32, fetched_at=LATER)
    arrived(ledger, begin(ledger, PAGE, now=LATER + timedelta(days=1)), amended)
    known = ledger.known("blog", PAGE)
    assert known is not None
    assert known.ref == ArchiveRef("blog/r-00001.warc.gz", 400, 50)
    assert (known.sha256, known.fetched_at) == ("cd" * 32, LATER)


@pytest.mark.parametrize("status", [301, 404, 410, 500])
def test_an_answer_without_a_page_leaves_what_is_known(ledger: Ledger, status: int) -> None:
    arrived(ledger, begin(ledger, PAGE), response())
    before = ledger.known("blog", PAGE)
    arrived(
        ledger,
        begin(ledger, PAGE, now=LATER),
        response(status=status, offset=300, sha256="", etag='"e"'),
        Outcome.GONE,
    )
    assert before is not None
    assert ledger.known("blog", PAGE) == dataclasses.replace(before, ended="gone")


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REFUSED])
def test_a_body_that_was_cut_or_declined_is_not_known(ledger: Ledger, outcome: Outcome) -> None:
    arrived(ledger, begin(ledger, PAGE), response(), outcome, "truncated")
    assert ledger.known("blog", PAGE) is None


def test_a_body_counts_as_settled_only_once_something_came_of_it(ledger: Ledger) -> None:
    def settled() -> bool:
        known = ledger.known("blog", PAGE)
        assert known is not None
        return known.settled

    first = begin(ledger, PAGE)
    arrived(ledger, first, response())
    ledger.settle(first, PAGE, Outcome.HELD)
    assert not settled()
    again = response(record="revisit", offset=300, revisit_of=response().ref)
    second = begin(ledger, PAGE, now=LATER)
    arrived(ledger, second, again, Outcome.UNCHANGED)
    assert not settled()
    ledger.settle(second, PAGE, Outcome.PUBLISHED)
    assert settled()
    third = begin(ledger, PAGE, now=LATER + timedelta(days=1))
    arrived(ledger, third, dataclasses.replace(again, status=304), Outcome.UNCHANGED)
    assert settled()
    fourth = begin(ledger, PAGE, now=LATER + timedelta(days=2))
    arrived(ledger, fourth, response(sha256="cd" * 32, offset=400))
    assert not settled()


def test_known_urls_are_of_one_source_and_kind(ledger: Ledger) -> None:
    run_id = begin(ledger)
    ledger.schedule(run_id, [Scheduled(PAGE), Scheduled("https://blog.example/feed", "index")])
    arrived(ledger, run_id, response())
    arrived(ledger, run_id, response("https://blog.example/feed", offset=200), Outcome.INDEX)
    assert [known.url for known in ledger.known_urls("blog")] == [PAGE]
    assert [known.url for known in ledger.known_urls("blog", "index")] == ["https://blog.example/feed"]
    assert list(ledger.known_urls("gazette")) == []


def test_settling_moves_the_versions_of_documents(ledger: Ledger) -> None:
    run_id = begin(ledger, PAGE)
    ledger.settle_many(run_id, [Settled(PAGE, Outcome.PUBLISHED, documents=(("d1", "v1"), ("d2", "v1")))])
    second = begin(ledger, PAGE, now=LATER)
    ledger.settle_many(second, [Settled(PAGE, Outcome.PUBLISHED, documents=(("d1", "v2"),))])
    assert ledger.document_versions("blog") == {"d1": "v2", "d2": "v1"}
    assert ledger.document_versions("gazette") == {}


def test_hostile_texts_are_stored_visibly(ledger: Ledger) -> None:
    run_id = begin(ledger, PAGE)
    arrived(ledger, run_id, response(etag="\0\ud800"))
    ledger.settle(run_id, PAGE, Outcome.FAILED, "broken", "a\0b\udfff")
    (visit,) = ledger.visits(run_id)
    assert visit.detail == "a\\0b\\udfff"
    known = ledger.known("blog", PAGE)
    assert known is not None
    assert known.etag == "\\0\\ud800"


def test_the_end_of_an_archive_file_is_that_of_its_last_committed_record(ledger: Ledger) -> None:
    run_id = begin(ledger, PAGE, "https://blog.example/b")
    assert ledger.archive_end("blog/r-00001.warc.gz") == 0
    arrived(ledger, run_id, response(offset=100))
    arrived(ledger, run_id, response("https://blog.example/b", offset=20))
    assert ledger.archive_end("blog/r-00001.warc.gz") == 150
    ledger.close_file("blog/r-00001.warc.gz", "00" * 32, 120)
    ledger.close_file("blog/r-00001.warc.gz", "11" * 32, 150)
    (file,) = ledger.archive_files()
    assert (file.file, file.end, file.sha256, file.size) == ("blog/r-00001.warc.gz", 150, "11" * 32, 150)


@pytest.mark.parametrize(
    ("outcome", "reason", "why"),
    [
        (Outcome.GONE, "moved_home", "gone"),
        (Outcome.REFUSED, "opt_out", "opt_out"),
        (Outcome.REFUSED, "robots", "robots"),
        (Outcome.REFUSED, "size", ""),
        (Outcome.FAILED, "timeout", ""),
    ],
)
def test_a_published_page_that_ends_is_named_by_the_run_that_finds_it_and_stands(
    ledger: Ledger, outcome: Outcome, reason: str, why: str
) -> None:
    other = "https://blog.example/never-published"
    first = begin(ledger, PAGE, other)
    arrived(ledger, first, response())
    arrived(ledger, first, response(other, offset=300))
    ledger.settle_many(first, [Settled(PAGE, Outcome.PUBLISHED, documents=(("id", "v"),))])
    second = begin(ledger, PAGE, other, now=LATER)
    ledger.settle_many(second, [Settled(url, outcome, reason) for url in (PAGE, other)])
    third = begin(ledger, PAGE, now=LATER + timedelta(days=1))
    ledger.settle(third, PAGE, outcome, reason)

    assert ledger.newly_unavailable(second) == ([(why, PAGE)] if why else [])
    assert ledger.newly_unavailable(first) == ledger.newly_unavailable(third) == []
    assert ledger.document_versions("blog") == {"id": "v"}
    known = ledger.known("blog", PAGE)
    assert known is not None
    assert known.ended == why
    assert known.may_be_mined is (why != "opt_out")

    back = begin(ledger, PAGE, now=LATER + timedelta(days=2))
    again = response(status=304, record="revisit", offset=400, revisit_of=response().ref)
    arrived(ledger, back, again, Outcome.UNCHANGED)
    known = ledger.known("blog", PAGE)
    assert known is not None
    assert (known.ended, ledger.newly_unavailable(second)) == ("", [])


def test_an_archived_answer_ends_a_page_too(ledger: Ledger) -> None:
    first = begin(ledger, PAGE)
    arrived(ledger, first, response())
    ledger.settle_many(first, [Settled(PAGE, Outcome.PUBLISHED, documents=(("id", "v"),))])
    second = begin(ledger, PAGE, now=LATER)
    arrived(ledger, second, response(status=410, offset=300), Outcome.GONE)
    assert ledger.newly_unavailable(second) == [("gone", PAGE)]
    arrived(ledger, begin(ledger, PAGE, now=LATER + timedelta(days=1)), response(offset=500))
    assert ledger.newly_unavailable(second) == []


def test_a_url_stands_where_its_last_telling_outcome_put_it(ledger: Ledger) -> None:
    other = "https://blog.example/b"
    run_id = begin(ledger, PAGE, other)
    arrived(ledger, run_id, response())
    ledger.settle_many(run_id, [Settled(PAGE, Outcome.PUBLISHED, documents=(("d", "1"),))])
    ledger.settle(run_id, other, Outcome.FAILED, "timeout")
    run_id = begin(ledger, PAGE, other, now=LATER)
    ledger.settle(run_id, PAGE, Outcome.UNCHANGED)
    ledger.settle(run_id, other, Outcome.GONE)
    page, gone = ledger.current_state("blog")
    assert (page.url, page.outcome, page.fetched, page.published) == (PAGE, Outcome.PUBLISHED, True, True)
    assert (gone.url, gone.outcome, gone.fetched, gone.published) == (other, Outcome.GONE, False, False)
    assert ledger.current_state("another") == []
    ledger.forget([PAGE], now=LATER, by="tests")
    page, _ = ledger.current_state("blog")
    assert (page.outcome, page.reason, page.published) == (Outcome.REFUSED, FORGOTTEN, False)


def test_what_was_deferred_waits_until_a_later_run_takes_it(ledger: Ledger) -> None:
    urls = [f"https://blog.example/{n}" for n in range(3)]
    first = begin(ledger, *urls)
    ledger.settle_many(first, [Settled(url, Outcome.DEFERRED, "no_answer", "slow") for url in urls[:2]])
    second = begin(ledger, urls[0], now=LATER)
    assert [visit.url for visit in ledger.deferred("blog", but=second)] == urls[:2]
    assert [visit.url for visit in ledger.deferred("gazette", but=second)] == []
    third = begin(ledger, now=LATER + timedelta(days=1))
    (left,) = ledger.deferred("blog", but=third)
    assert (left.url, left.reason, left.detail, left.run_id) == (urls[1], "no_answer", "slow", first)


def test_a_deferred_url_is_in_the_state_that_it_was_in(ledger: Ledger) -> None:
    first = begin(ledger, PAGE)
    ledger.fetched(first, [(response(), Settled(PAGE, Outcome.REJECTED, "not_html"))])
    second = begin(ledger, PAGE, "https://blog.example/new", now=LATER)
    for url in (PAGE, "https://blog.example/new"):
        ledger.settle(second, url, Outcome.DEFERRED, "retry_after", "2026")
    states = {state.url: state.outcome for state in ledger.current_state("blog")}
    assert states == {PAGE: Outcome.REJECTED, "https://blog.example/new": Outcome.DEFERRED}
    known = ledger.known("blog", PAGE)
    assert known is not None
    assert known.checked_at == NOW
