"""What becomes of a page on which cleaning itself fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaning.pipeline import Directives
from flows.ingest import clean as module
from flows.ingest.jobs import Job
from flows.workspace.crashes import Crash
from output.base.errors import StorageError
from output.base.records import ArchiveRef, Outcome, RawPage
from output.ledger.records import Visit

URL = "http://pier.example/rules"


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    ref = ArchiveRef("pier/run-0.warc.gz", 0, 1)
    visit = Visit("run", URL, "page", Outcome.PENDING, "", "", 200, ref, "response", "", 0, None, 0, "", "")
    monkeypatch.setattr(module, "raw_page", lambda _: RawPage(URL, "pier", URL, b"<p>x", ""))
    return Job(visit, ref, "pier", tmp_path, Directives(), "allow")


@pytest.mark.parametrize(
    "kind", [AttributeError, AssertionError, RecursionError, type("Bug", (Exception,), {})]
)
def test_an_error_of_any_kind_costs_its_page(
    job: Job, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    def fails(*_: object) -> None:
        raise kind("of this page")

    monkeypatch.setattr(module, "clean", fails)
    ((visit, crash),) = module.clean_all([job])
    assert visit.url == URL
    assert crash == Crash("cleaning_error", f"{kind.__name__}: of this page")


def test_an_archive_that_cannot_be_read_is_no_fault_of_the_page(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Job) -> RawPage:
        raise StorageError("damaged")

    monkeypatch.setattr(module, "raw_page", fails)
    with pytest.raises(StorageError):
        list(module.clean_all([job]))
