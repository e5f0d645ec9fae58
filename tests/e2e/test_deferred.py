"""A run that leaves a host says so and ends well; the next run takes what it left."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.declaration.schema import Source
from flows.commands.run import run_sources
from flows.ingest.run import ingest
from flows.reports.completeness import completeness
from flows.workspace.workspace import Workspace
from tests.e2e.quay import Site, source, text

PAGES = ("first", "second")


def patient(quay: Source, seconds: float) -> Source:
    return quay.model_copy(update={"crawl": quay.crawl.model_copy(update={"max_delay": seconds})})


def rules(name: str) -> str:
    return text(name.title(), [f"The {name} rule of the quay holds for boat {n}." for n in range(9)])


def test_what_a_run_defers_is_told_and_taken_by_the_next_one(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.pages.update({f"/{name}": rules(name) for name in PAGES})
    quay, data = source(site, tmp_path), tmp_path / "data"
    site.pages["/robots.txt"] = "User-agent: *\nCrawl-delay: 0.2\n"

    left = ingest(patient(quay, 0.1), data).report

    assert left.outcomes == (("deferred: crawl_delay", 2),)
    assert left.status == "published"
    (message,) = left.messages
    assert message.startswith("2 URLs of 127.0.0.1 deferred to the next run (Crawl-delay: 0.2)")
    assert completeness(Workspace(data), "quay").total.gaps == (("deferred: crawl_delay", 2),)

    assert run_sources([quay.origin], data) == 0
    shown = capsys.readouterr().out
    assert "2 documents published: 2 new" in shown
    assert "deferred" not in shown
    again = ingest(patient(quay, 0.1), data).report
    assert again.outcomes == (("deferred: crawl_delay", 2),)
    assert completeness(Workspace(data), "quay").total.gaps == (), "what is published stays so"
