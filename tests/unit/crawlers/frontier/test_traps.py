"""What tells a trap, a page that is gone without saying so, and when a page is due for another look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.frontier.refetch import is_due
from crawlers.frontier.traps import TrapDetector, path_trap
from crawlers.outcomes import of_title
from output.base.escaping import masked
from output.base.records import Outcome
from output.ledger.records import Known

SITE = "https://a.example"


@pytest.mark.parametrize(
    ("path", "is_trap"),
    [
        ("/laws/more/more/more/", True),
        ("/a/b/a/b/a/b/", True),
        ("/" + "/".join(map(str, range(17))), True),
        ("/" + "/".join(map(str, range(16))), False),
        ("/2026/03/03/03/a-law", False),
        ("/laws/x/laws", False),
        ("", False),
        ("/en/laws/en/law", False),
    ],
)
def test_paths_that_nobody_made_are_told(path: str, is_trap: bool) -> None:
    assert bool(path_trap(SITE + path)) is is_trap


def learn(pages: dict[str, bytes]) -> TrapDetector:
    traps = TrapDetector()
    for path, body in pages.items():
        traps.add(SITE + path, body)
    return traps


def test_a_folder_whose_pages_say_the_same_is_a_trap_and_no_other() -> None:
    traps = learn(
        {f"/lost/{n}": b"<p>nothing" for n in range(4)} | {f"/laws/{n}": b"%d" % n for n in range(4)}
    )
    assert "3 of 4 pages" in traps.refusal(f"{SITE}/lost/99")
    assert not traps.refusal(f"{SITE}/laws/99")
    assert not learn({f"/lost/{n}": b"<p>nothing" for n in range(3)}).refusal(f"{SITE}/lost/99")


def bodies(new: int, duplicates: int) -> dict[str, bytes]:
    """Pages of one folder: so many that say something new, then so many that say what the first said."""
    fresh = {f"/a/{n}": b"<p>%d" % n for n in range(new)}
    return fresh | {f"/a/{new + n}": b"<p>0" for n in range(duplicates)}


@pytest.mark.parametrize(
    ("new", "duplicates", "is_trap"),
    [
        (1, 2, False),
        (1, 3, True),
        (3, 3, True),
        (4, 3, False),
        (90, 4, False),  # an odd few among many good pages
        (90, 5, True),  # but not five in a row
    ],
)
def test_a_trap_has_as_many_duplicates_as_new_pages_or_five_in_a_row(
    new: int, duplicates: int, is_trap: bool
) -> None:
    assert bool(learn(bodies(new, duplicates)).refusal(f"{SITE}/a/999")) is is_trap


def test_duplicates_here_and_there_among_new_pages_are_no_trap() -> None:
    pages = {f"/a/{n}": b"<p>0" if n % 3 == 1 else b"<p>%d" % n for n in range(60)}
    assert not learn(pages).refusal(f"{SITE}/a/999")


def test_folders_that_differ_by_their_numbers_alone_are_one_trap_and_other_hosts_are_none() -> None:
    traps = learn({f"/{n}/lost/{n}.html": b"<p>nothing" for n in range(4)})
    assert traps.refusal(f"{SITE}/77/lost/x.html")
    assert not traps.refusal(f"{SITE}/77/found/x.html")
    assert not traps.refusal("https://b.example/77/lost/x.html")


def test_the_same_pages_under_another_query_are_a_trap() -> None:
    traps = learn({f"/laws/{n}{query}": b"%d" % n for query in ("", "?sort=1") for n in range(3)})
    assert traps.refusal(f"{SITE}/laws/7?sort=2")
    assert not traps.refusal(f"{SITE}/laws/7")


def test_days_of_a_calendar_say_the_same_and_days_of_rates_do_not() -> None:
    days = range(1, 6)
    calendar = {f"/day/2031-05-0{n}": b"<a href=/day/%d>on</a>No events on %d.5.2031" % (n, n) for n in days}
    rates = {f"/rate/2031-05-0{n}": b"On %d.5.2031: 7.1%d3" % (n, n) for n in days}
    assert learn(calendar).refusal(f"{SITE}/day/2031-06-01")
    assert not learn(rates).refusal(f"{SITE}/rate/2031-06-01")
    large = {path: body.ljust(70_000) for path, body in calendar.items()}
    assert not learn(large).refusal(f"{SITE}/day/2031-06-01"), "too large for an empty day"
    numbered = {f"/law/{n}": b"<p>Law %d" % n for n in days}
    assert not learn(numbered).refusal(f"{SITE}/law/9"), "no date in the URL"


@pytest.mark.parametrize(
    ("title", "is_gone"),
    [
        ("404 Not Found", True),
        ("Page not found - Example Gazette", True),
        ("Error 404", True),
        ("您访问的页面不存在", True),
        ("404: how we found a page", False),
        ("Land Act 404 of 2026", False),
        ("Rules on pages not found in the register", False),
        ("", False),
    ],
)
def test_a_title_that_says_there_is_no_page_is_believed(title: str, is_gone: bool) -> None:
    expected = (Outcome.GONE, "soft_404") if is_gone else (Outcome.PENDING, "")
    for charset in ("utf-8", "gb18030"):
        assert of_title(f"<html><head><title>\n{title} </title>".encode(charset)) == expected


FETCHED = datetime(2026, 1, 1, tzinfo=UTC)


def known(unchanged: timedelta, *, settled: bool = True) -> Known:
    return Known("u", "page", "", "", "", None, FETCHED, FETCHED + unchanged, settled)


def test_a_page_is_due_the_later_the_longer_it_stayed_as_it_was() -> None:
    def due_after(unchanged: timedelta) -> float:
        asked = FETCHED + unchanged
        return next(d for d in range(400) if is_due(known(unchanged), asked + timedelta(days=d)))

    assert [due_after(timedelta(days=n)) for n in (0, 10, 100, 1000)] == [0, 1, 10, 30]
    assert is_due(known(timedelta(hours=9)), FETCHED + timedelta(hours=9))
    assert is_due(known(timedelta(days=99), settled=False), FETCHED + timedelta(days=99))
    assert is_due(known(timedelta(days=99)), FETCHED), "the clock was set back"
    rested = known(timedelta(days=100))
    assert is_due(rested, FETCHED + timedelta(days=110))
    assert not is_due(rested, FETCHED + timedelta(days=110, seconds=-1))
    assert not is_due(rested, rested.checked_at)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("https://me:secret@a.example/x", "https://***@a.example/x"),
        ("/x?page=2&access_token=abc&y=1", "/x?page=2&access_token=***&y=1"),
        ("/x?api_key=abc#y", "/x?api_key=***#y"),
        ("/x?sig=a%2Fb&X-Amz-Signature=00", "/x?sig=***&X-Amz-Signature=***"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("Set-Cookie: a=b; Path=/", "Set-Cookie: ***"),
        ("/x?keyword=law&monkey=1&page=2", "/x?keyword=law&monkey=1&page=2"),
        ("write to tests@example.org: soon", "write to tests@example.org: soon"),
    ],
)
def test_secrets_are_masked_where_people_read(said: str, shown: str) -> None:
    assert masked(said) == shown
