"""What runs came to in another ledger, taken over from there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from output.base.records import ArchiveRef, Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import Fetched, RunStatus, Scheduled, Settled
from tests.unit.output.ledger.arrivals import arrived

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
PAGE, LOST, LINKED = (f"https://blog.example/{name}" for name in ("page", "lost", "linked"))
RUN, HELD = "20260301T123000Z-blog", "20260302T123000Z-blog"
REFS = {PAGE: ArchiveRef("blog/a.warc.gz", 0, 10), LOST: ArchiveRef("blog/a.warc.gz", 10, 10)}


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "other.sqlite")
    yield ledger
    ledger.close()


def crawled(ledger: Ledger, run_id: str = RUN) -> None:
    ledger.open_run("blog", now=NOW, run_id=run_id)
    ledger.schedule(run_id, [Scheduled(url) for url in REFS])
    for url, ref in REFS.items():
        arrived(ledger, run_id, Fetched(url, 200, ref, "response", "0" * 64, NOW, etag="e"))


def test_outcomes_documents_and_reports_are_those_of_the_other(ledger: Ledger, other: Ledger) -> None:
    for one in (ledger, other):
        crawled(one)
        crawled(one, HELD)
    for url in REFS:
        ledger.settle_many(RUN, [Settled(url, Outcome.PUBLISHED, documents=((f"{url}#old", "1"),))])
    ledger.set_status(RUN, RunStatus.PUBLISHED, NOW, "{}")
    other.schedule(RUN, [Scheduled(LINKED)])
    other.settle_many(
        RUN,
        [
            Settled(PAGE, Outcome.PUBLISHED, documents=(("new", "2"),)),
            Settled(LINKED, Outcome.PUBLISHED),
            Settled(LOST, Outcome.FAILED, "archive_lost", "it is gone"),
        ],
    )
    other.set_status(RUN, RunStatus.CRAWLED, NOW, '{"documents": 1}')
    other.settle(HELD, PAGE, Outcome.GONE)
    ledger.take_over(other, [RUN], [REFS[LOST]])
    found = {visit.url: (visit.outcome, visit.reason, visit.ref) for visit in ledger.visits(RUN)}
    assert found == {
        PAGE: (Outcome.PUBLISHED, "", REFS[PAGE]),
        LOST: (Outcome.FAILED, "archive_lost", REFS[LOST]),
        LINKED: (Outcome.PUBLISHED, "", None),
    }
    assert ledger.document_versions("blog") == {"new": "2"}
    run = ledger.run(RUN)
    assert (run.status, run.report_json) == (RunStatus.PUBLISHED, '{"documents": 1}')
    assert {visit.outcome for visit in ledger.visits(HELD)} == {Outcome.PENDING}, (
        "a run that was not asked for"
    )
    known = ledger.known("blog", PAGE)
    assert known is not None
    assert known.etag == "e"
    assert ledger.known("blog", LOST) is None, "it is asked for anew"
