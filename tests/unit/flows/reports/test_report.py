"""The report as Markdown and as a page that needs nothing but itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html

from flows.reports.page import report_page
from flows.reports.report import as_markdown, print_report, show_report, summary_line
from output.base.errors import StorageError, UsageError
from output.base.records import RunReport
from output.base.serialize import as_dict
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus

HOSTILE = "<script>alert(1)</script>\"'&"

REPORT = RunReport(
    run_id="20261122T040000Z-gazette",
    source_id="gazette",
    status="published",
    started_at="2026-11-22T04:00:00+00:00",
    finished_at="2026-11-22T04:10:00+00:00",
    scheduled=31,
    fetched=30,
    fetched_bytes=385_510,
    documents=26,
    new=25,
    changed=1,
    outcomes=(("gone", 2), ("published", 26), ("unchanged: not_modified", 3)),
    removals=(("nav", 272), ("share", 175)),
    access=(("excerpt", 4), ("full", 22)),
    relations=(("version", 7),),
    profile_fit=0.9667,
)


def test_the_page_says_what_the_runs_did() -> None:
    held = replace(
        REPORT, run_id="20261123T040000Z-gazette", status="held", messages=("3 documents, fewer than 20",),
        profile_fit=0.3111,
    )  # fmt: skip
    page = html.fromstring(report_page([held, REPORT], title="Tamis"))
    (section,) = page.xpath("//section[@id='gazette']")
    cells = [[cell.text_content() for cell in row.xpath("td")] for row in section.xpath(".//tbody/tr")]
    assert [row[1] for row in cells] == ["held", "published"], "the newest run comes first"
    assert cells[1] == [
        "2026-11-22 04:00",
        "published",
        "31",
        "30",
        "26",
        "25",
        "1",
        "3",
        "2",
        "0",
        "4",
        "447",
        "0.97",
    ]
    assert [row[-1] for row in cells] == ["0.31", "0.97"]
    assert "fewer than 20" in section.text_content()
    titles = section.xpath(".//*[local-name()='svg']/*[local-name()='title']/text()")
    assert len(titles) == 6
    assert all(title.startswith("gazette: ") for title in titles)
    for word in ("nav", "272", "excerpt", "version"):
        assert word in section.text_content()


def test_what_comes_from_the_web_stays_words() -> None:
    hostile = replace(
        REPORT,
        source_id=HOSTILE,
        run_id=HOSTILE,
        status=HOSTILE,
        outcomes=((HOSTILE, 3),),
        removals=((HOSTILE, 1),),
        messages=(HOSTILE, "国务院 \udcff"),
    )
    text = report_page([hostile], title=HOSTILE)
    page = html.fromstring(text.encode("utf-8", "replace"))
    assert not page.xpath("//script")
    assert not page.xpath("//@onerror")
    assert HOSTILE in page.xpath("//h1")[0].text_content()


def test_the_page_asks_for_nothing_outside_itself() -> None:
    text = report_page([REPORT], title="Tamis")
    assert "default-src 'none'" in text
    page = html.fromstring(text)
    assert not page.xpath("//script | //link | //img | //iframe | //@src")
    assert not re.findall(r"url\(|@import", text)
    assert all(href.startswith("#") for href in page.xpath("//@href"))


def test_markdown_keeps_the_words_of_a_site_as_code() -> None:
    text = as_markdown(replace(REPORT, messages=("[click](javascript:x)\n# heading",)))
    assert "| published | 26 |" in text
    assert "    [click](javascript:x)\n    # heading" in text


@pytest.mark.parametrize("width", ["80", "200"])
def test_the_terminal_shows_every_count_whole(
    width: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    print_report(replace(REPORT, outcomes=(("refused: robots_disallowed", 1_200), ("published", 26))))
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= int(width) for line in lines)
    for words in ("1,200 refused: robots_disallowed", "272 nav", "22 full", "7 version", "0.97"):
        assert any(words in line for line in lines), words


def test_a_run_of_pages_without_a_profile_says_so() -> None:
    page = html.fromstring(report_page([replace(REPORT, profile_fit=None)], title="Tamis"))
    assert [row.xpath("td")[-1].text_content() for row in page.xpath("//tbody/tr")] == ["none", "none"]
    assert not page.xpath("//*[contains(@class, 'floor')]")


def test_one_of_a_thing_is_no_plural() -> None:
    one = replace(REPORT, scheduled=1, fetched_bytes=1, documents=1)
    assert "gazette: 1 URL, 30 fetched (1 byte)" in summary_line(one)
    assert "; 1 document published:" in summary_line(one)


def test_gone_pages_are_in_the_summary() -> None:
    assert "3 unchanged, 2 gone; 26 documents published: 25 new, 1 changed" in summary_line(REPORT)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    import json

    ledger = Ledger(tmp_path / "ledger.sqlite")
    now = datetime(2026, 11, 22, 4, tzinfo=UTC)
    for _ in range(2):
        run_id, _resumed = ledger.open_run("gazette", now=now)
        report = replace(REPORT, run_id=run_id)
        ledger.set_status(run_id, RunStatus.PUBLISHED, now, json.dumps(as_dict(report)))
        now = now.replace(day=now.day + 1)
    ledger.close()
    return tmp_path


def test_the_command_writes_all_runs_of_the_source(data: Path) -> None:
    page = data / "report.html"
    show_report(data, source="gazette", run_id=None, as_json=False, page=page)
    rows = html.fromstring(page.read_text("utf-8")).xpath("//section//tbody/tr")
    assert len(rows) == 2


def test_a_page_that_cannot_be_written_is_an_error(data: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        show_report(data, source=None, run_id=None, as_json=False, page=data / "no" / "report.html")


def test_a_source_that_never_ran_is_an_error(data: Path) -> None:
    with pytest.raises(UsageError, match="sources with runs: gazette"):
        show_report(data, source="gazete", run_id=None, as_json=False)


def test_a_run_that_was_held_or_failed_somewhere_does_not_say_that_nothing_changed() -> None:
    same = replace(REPORT, documents=0, new=0, changed=0, outcomes=(("gone", 2), ("unchanged", 3)))
    assert summary_line(same).endswith("nothing has changed since the last run")
    for outcomes in ((("held", 2), ("unchanged", 3)), (("failed: timeout", 1), ("unchanged", 3))):
        assert "nothing has changed" not in summary_line(replace(same, outcomes=outcomes))
    assert "nothing has changed" not in summary_line(replace(same, messages=("2 are gone",)))


def test_a_run_that_is_not_done_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger(data / "ledger.sqlite")
    run_id, _ = ledger.open_run("gazette", now=datetime(2027, 1, 2, tzinfo=UTC))
    ledger.close()
    show_report(data, source=None, run_id=None, as_json=False)
    said = capsys.readouterr()
    assert f"gazette: run {run_id}, started 2027-01-02 00:00:00 UTC, is not finished" in said.err
    assert "is not finished" not in said.out
