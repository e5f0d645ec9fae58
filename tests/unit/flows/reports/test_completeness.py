"""Listed against fetched against published, by month; a month below its neighbours is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from lxml import html

from flows.reports.completeness import Month, completeness, low_months
from flows.reports.completeness_show import completeness_section, in_words, print_completeness
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus, Scheduled, Settled

BASE = "https://gazette.example"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Stored:
    """A ledger, and documents by URL and date, as `Workspace` gives them."""

    ledger: Ledger
    documents: dict[str, str | None]

    @property
    def dataset(self) -> Stored:
        return self

    @contextmanager
    def views(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect() as connection:
            connection.execute("create table latest (source_id text, url text, date_published text)")
            for url, day in self.documents.items():
                connection.execute("insert into latest values ('gazette', ?, ?)", [url, day])
            yield connection


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Any]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield Stored(ledger, {})
    ledger.close()


def _run(stored: Any, visits: list[tuple[Scheduled, Outcome, str, str]], day: int = 1) -> None:
    ledger = stored.ledger
    run_id, _ = ledger.open_run("gazette", now=datetime(2030, 1, day, tzinfo=UTC))
    ledger.schedule(run_id, [scheduled for scheduled, *_ in visits])
    ledger.settle_many(
        run_id,
        [
            Settled(
                one.url, outcome, reason, detail, ((one.url, "1"),) if outcome == Outcome.PUBLISHED else ()
            )
            for one, outcome, reason, detail in visits
        ],
    )
    ledger.set_status(run_id, RunStatus.PUBLISHED, NOW)


def _page(path: str, **hint: str) -> Scheduled:
    return Scheduled(f"{BASE}{path}", "page", hint=json.dumps(hint) if hint else "")


def test_every_page_is_counted_in_its_month_with_the_reason_of_its_gap(stored: Any) -> None:
    index = Scheduled(
        f"{BASE}/map.xml", "index", hint=json.dumps({"form": "sitemap", "start": f"{BASE}/map.xml"})
    )
    index_summary = json.dumps({"way": "sitemap", "listed": 5, "total": 7})
    _run(
        stored,
        [
            (index, Outcome.INDEX, "", index_summary),
            (_page("/a", modified="2029-12-30T00:00:00+00:00"), Outcome.PUBLISHED, "", ""),
            (_page("/2029/05/b"), Outcome.GONE, "", ""),
            (_page("/c", published="2029-05-02T00:00:00+00:00"), Outcome.REFUSED, "robots", ""),
            (_page("/t20290511_7.html"), Outcome.PUBLISHED, "", ""),
            (_page("/plain"), Outcome.REJECTED, "not_html", ""),
        ],
    )
    stored.documents = {f"{BASE}/a": "2029-04-01", f"{BASE}/t20290511_7.html": None}
    found = completeness(stored, "gazette")
    assert [(one.month, one.listed, one.published, one.gaps) for one in found.months] == [
        ("2029-04", 1, 1, ()),
        ("2029-05", 3, 1, (("gone", 1), ("refused: robots", 1))),
        ("no date", 1, 0, (("rejected: not_html", 1),)),
    ]
    assert (found.total.listed, found.total.published) == (5, 2)
    (measure,) = found.measures
    assert in_words(measure) == f"sitemap {BASE}/map.xml: 5 listed of 7 that the site counts, 2 are missing"


def test_a_later_run_that_finds_nothing_new_changes_nothing(stored: Any) -> None:
    _run(stored, [(_page("/a"), Outcome.PUBLISHED, "", ""), (_page("/b"), Outcome.REJECTED, "no_text", "")])
    _run(stored, [(_page("/a"), Outcome.UNCHANGED, "", ""), (_page("/b"), Outcome.UNCHANGED, "", "")], day=2)
    (month,) = completeness(stored, "gazette").months
    assert (month.listed, month.published, month.gaps) == (2, 1, (("rejected: no_text", 1),))
    _run(stored, [(_page("/b"), Outcome.FAILED, "http_500", "")], day=3)
    (month,) = completeness(stored, "gazette").months
    assert month.gaps == (("failed: http_500", 1),)


def test_the_sheets_of_one_list_are_measured_together(stored: Any) -> None:
    sheets = [
        Scheduled(f"{BASE}/api?page={n}", "index", hint=json.dumps({"start": f"{BASE}/"})) for n in (1, 2)
    ]
    said = [json.dumps({"way": "wordpress", "listed": n, "total": 130}) for n in (100, 30)]
    _run(stored, [(sheet, Outcome.INDEX, "", line) for sheet, line in zip(sheets, said, strict=True)])
    (measure,) = completeness(stored, "gazette").measures
    assert (measure.way, measure.start, measure.listed, measure.total) == ("wordpress", f"{BASE}/", 130, 130)


def _months(counts: str, *gaps: tuple[str, int]) -> list[Month]:
    """Months of 2029 with so many pages published; "-" for a month that nothing was listed in."""
    numbers = [(f"2029-{at:02}", int(n)) for at, n in enumerate(counts.split(), 1) if n != "-"]
    return [Month(month, n, n, n, gaps) for month, n in numbers]


@pytest.mark.parametrize(
    ("counts", "low"),
    [
        ("9 9 9 1 9 9 9", ["2029-04"]),
        ("9 9 9 - 9 9 9", ["2029-04"]),
        ("9 9 1 1 9 9 9 9", ["2029-03", "2029-04"]),
        ("9 8 9 5 9 8 9", []),
        ("4 4 4 1 4 4 4", []),
        ("1 9 9 9 9 9 1", []),
        ("0 0 90 0 0 0 1", []),
        ("9 1", []),
        ("", []),
    ],
)
def test_a_month_well_below_its_neighbours_is_low(counts: str, low: list[str]) -> None:
    assert [line[:7] for line in low_months(_months(counts))] == low


def test_a_low_month_says_what_was_lost_or_that_nothing_was_listed() -> None:
    assert low_months(_months("9 9 9 1 9 9 9")) == [
        "2029-04: 1 published, against 9 in the months around it; no more were listed"
    ]
    (line,) = low_months(_months("9 9 9 1 9 9 9", ("failed: http_500", 8)))
    assert line.endswith("; 8 failed: http_500")


def test_a_source_without_dates_has_no_chart(stored: Any) -> None:
    _run(stored, [(_page("/a"), Outcome.PUBLISHED, "", "")])
    found = completeness(stored, "gazette")
    assert [month.month for month in found.months] == ["no date"]
    assert "<svg" not in completeness_section(found)


def test_it_is_shown_and_what_a_site_wrote_is_escaped(
    stored: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(stored, [(_page(f"/2029/05/{n}"), Outcome.FAILED, "<b>\x1b[31m", "") for n in range(3)])
    found = completeness(stored, "gazette")
    print_completeness(found)
    shown = capsys.readouterr().out
    assert "2029-05" in shown
    assert "\x1b" not in shown
    page = html.fromstring(f"<section>{completeness_section(found)}</section>")
    cells = [cell.text_content() for cell in page.xpath("//tbody/tr[2]/td")]
    assert cells == ["2029-05", "3", "0", "0", "3 failed: <b>\x1b[31m"]
