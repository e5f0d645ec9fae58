"""The frontier: what is scheduled, what is left out and named, what is asked next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawlers.declaration.schema import Source
from crawlers.discovery import FoundLinks, Hint, IndexSummary, Link
from crawlers.frontier.frontier import Frontier, RunLimits
from crawlers.net.addresses import GuardedResolver
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus, Scheduled, Settled

HOME = "https://laws.example/"
ANYTHING = RunLimits()
INDEX = Scheduled(HOME + "laws/", "index", hint=Hint("listing", HOME + "laws/").to_json())


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "ledger.sqlite")
    made.open_run("laws", now=datetime.now(UTC), run_id="run")
    return made


def frontier(ledger: Ledger, bounds: RunLimits = ANYTHING, **crawl: object) -> Frontier:
    keys = {"discover": "listing", "start": [INDEX.url], "follow": r"/laws/\d+$", **crawl}
    about = {"id": "laws", "name": "Laws", "home": HOME}
    return Frontier(ledger, Source.model_validate({"source": about, "crawl": keys}), "run", bounds)


def pages(count: int) -> list[Link]:
    return [Link(f"{HOME}laws/{number}") for number in range(count)]


def scheduled(ledger: Ledger) -> set[str]:
    return {visit.url.removeprefix(HOME) for visit in ledger.visits("run")}


def test_only_the_source_s_pages_are_scheduled(ledger: Ledger) -> None:
    made = frontier(ledger, deny="/7$")
    found = [
        Link(HOME + "laws/1"),
        Link(HOME + "laws/7"),
        Link(HOME + "about"),
        Link("https://www.laws.example/laws/2"),
        Link("https://elsewhere.example/laws/3"),
        Link("https://elsewhere.example/laws/", "index"),
        Link("http://10.0.0.1/laws/4"),
    ]
    left_out, index_summary = made.add(FoundLinks(found, total=300, unusable=1), INDEX)
    assert left_out == ""
    assert scheduled(ledger) == {"laws/1", "https://www.laws.example/laws/2"}
    skipped = {"address": 1, "no_url": 1, "pattern": 2, "scope": 2}
    assert index_summary == IndexSummary("listing", 2, total=300, skipped=skipped)
    assert IndexSummary.from_json(index_summary.to_json()) == index_summary
    assert IndexSummary.from_json("rest_disabled") is None


def test_a_trap_and_a_limit_are_named_and_go_no_further(ledger: Ledger) -> None:
    more = Link(HOME + "laws/?page=2", "index")
    found = FoundLinks([*pages(5), more])
    left_out, index_summary = frontier(ledger, RunLimits(limit=3)).add(found, INDEX)
    assert (left_out, index_summary.listed, index_summary.skipped) == ("limit", 5, {"limit": 2})
    assert scheduled(ledger) == {"laws/0", "laws/1", "laws/2"}
    assert frontier(ledger, max_pages=4).add(found, INDEX)[0] == "trap"
    assert len(scheduled(ledger)) == 4
    assert frontier(ledger, max_pages=6).add(found, INDEX)[0] == ""
    assert len(scheduled(ledger)) == 6


def test_pages_that_have_not_changed_since_are_no_part_of_the_run(ledger: Ledger) -> None:
    made = frontier(ledger, RunLimits(since=date(2026, 3, 1)))
    dates = ["2026-02-28T23:59:59+00:00", "2026-03-01T00:00:00+00:00", ""]
    links = [Link(f"{HOME}laws/{n}", hint=Hint(modified=moment)) for n, moment in enumerate(dates)]
    _, index_summary = made.add(FoundLinks(links), INDEX)
    assert scheduled(ledger) == {"laws/1", "laws/2"}
    assert (index_summary.skipped, index_summary.months) == ({"since": 1}, {"2026-02": 1, "2026-03": 1})


def test_a_redirect_out_of_scope_is_scheduled_and_refused(ledger: Ledger) -> None:
    made = frontier(ledger)
    parent = Scheduled(HOME + "laws/1", hint=Hint(hops=2).to_json())
    made.redirect("https://elsewhere.example/", parent)
    made.redirect("http://[::ffff:169.254.169.254]/", parent)
    made.redirect(HOME + "moved", parent)
    given = made.next()
    assert given is not None
    assert given.url == HOME + "moved"
    assert Hint.from_json(given.hint).hops == 3
    assert made.next() is None
    refused = {v.url: v.reason for v in ledger.visits("run", Outcome.REFUSED)}
    assert refused == {"https://elsewhere.example/": "scope", "http://[::ffff:169.254.169.254]/": "address"}


def test_hosts_take_turns_and_none_is_crowded(ledger: Ledger) -> None:
    made = frontier(ledger, hosts=["b.example"])
    made.add(FoundLinks([*pages(5), *(Link(f"https://b.example/laws/{n}") for n in range(5))]), INDEX)
    given = [made.next() for _ in range(3)]
    assert [one.url.split("/")[2] for one in given if one] == ["laws.example", "b.example"]
    assert made.has_next()
    assert given[0] is not None
    made.request_done(given[0])
    assert [one.url.split("/")[2] for one in (made.next(), made.next()) if one] == ["laws.example"] * 2
    assert made.next() is None


def test_a_host_that_is_left_is_deferred_whenever_its_urls_come(ledger: Ledger) -> None:
    made = frontier(ledger)
    made.add(FoundLinks(pages(3)), INDEX)
    first = made.next()
    assert first is not None
    made.hosts.set_crawl_delay("laws.example", 1e9)
    assert made.next() is None
    assert not made.has_next()
    made.add(FoundLinks(pages(5)), INDEX)
    assert not made.has_next()
    deferred = list(ledger.visits("run", Outcome.DEFERRED))
    assert {(one.reason, one.detail) for one in deferred} == {("crawl_delay", "Crawl-delay: 1000000000")}
    assert {one.url for one in ledger.waiting("run")} == {first.url}
    assert made.done == 4
    assert len(deferred) == 4


def test_the_declared_delay_may_be_longer_than_the_longest_wait(ledger: Ledger) -> None:
    made = frontier(ledger, delay=300.0)
    made.hosts.set_crawl_delay("laws.example", 300.0)
    assert made.hosts.left == {}


def deferred_run(ledger: Ledger, reason: str, detail: str) -> None:
    """A run that deferred an index and three pages, and the next one after it."""
    index = Scheduled(HOME + "laws/?page=9", "index", INDEX.url, 8, Hint("listing", INDEX.url).to_json())
    urls = [index, *(Scheduled(one.url, depth=9) for one in pages(3)), Scheduled(HOME + "about")]
    ledger.schedule("run", urls)
    ledger.settle_many("run", [Settled(one.url, Outcome.DEFERRED, reason, detail) for one in urls])
    ledger.set_status("run", RunStatus.PUBLISHED, datetime.now(UTC))
    ledger.open_run("laws", now=datetime.now(UTC), run_id="next")


def next_frontier(ledger: Ledger, bounds: RunLimits = ANYTHING, **crawl: object) -> Frontier:
    keys = {"discover": "listing", "start": [INDEX.url], "follow": r"/laws/\d+$", **crawl}
    about = {"id": "laws", "name": "Laws", "home": HOME}
    made = Frontier(ledger, Source.model_validate({"source": about, "crawl": keys}), "next", bounds)
    made.begin()
    return made


def test_the_next_run_begins_with_what_was_deferred(ledger: Ledger) -> None:
    deferred_run(ledger, "crawl_delay", "Crawl-delay: 900")
    made = next_frontier(ledger)
    first = made.next()
    assert first is not None
    assert (first.url, first.kind, first.depth) == (HOME + "laws/?page=9", "index", 8)
    scheduled = {visit.url.removeprefix(HOME) for visit in ledger.visits("next")}
    assert scheduled == {"laws/", "laws/?page=9", "laws/0", "laws/1", "laws/2"}, "and not what it would skip"
    next_frontier(ledger)
    assert len(list(ledger.visits("next"))) == 5, "a run that was killed begins once"


def test_a_limit_holds_for_what_was_deferred_too(ledger: Ledger) -> None:
    deferred_run(ledger, "no_answer", "3 requests")
    next_frontier(ledger, RunLimits(limit=2))
    assert sum(visit.kind == "page" for visit in ledger.visits("next")) == 2
    ledger.set_status("next", RunStatus.PUBLISHED, datetime.now(UTC))
    ledger.open_run("laws", now=datetime.now(UTC), run_id="third")
    assert [visit.url for visit in ledger.deferred("laws", but="third")] == [HOME + "about", HOME + "laws/2"]


def test_declared_urls_are_no_business_of_earlier_runs(ledger: Ledger) -> None:
    deferred_run(ledger, "no_answer", "3 requests")
    next_frontier(ledger, discover="urls", start=[HOME + "laws/7"], follow="")
    assert [visit.url for visit in ledger.visits("next")] == [HOME + "laws/7"]


@pytest.mark.parametrize(("hours", "is_asked"), [(1, False), (-1, True)])
def test_a_retry_after_holds_over_runs(ledger: Ledger, hours: int, *, is_asked: bool) -> None:
    deferred_run(ledger, "retry_after", (datetime.now(UTC) + timedelta(hours=hours)).isoformat())
    assert (next_frontier(ledger).next() is not None) is is_asked
    assert (next_frontier(ledger, discover="urls").next() is not None) is is_asked


def test_a_run_that_was_killed_does_not_ask_a_host_that_it_has_left(ledger: Ledger) -> None:
    made = frontier(ledger)
    made.add(FoundLinks(pages(3)), INDEX)
    made.settle(HOME + "laws/0", Outcome.DEFERRED, "no_answer", "3 requests")
    again = frontier(ledger)
    again.begin()
    assert again.next() is None
    assert {visit.reason for visit in ledger.visits("run", Outcome.DEFERRED)} == {"no_answer"}
    assert ledger.waiting("run") == []


class Receiver:
    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.done = False

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.done = True


def resolve(answers: list[list[str]], *, loopback: bool = False) -> tuple[list[list[str]], set[str]]:
    """What a connection is given for a name that resolves to one answer after the other."""

    class Names:
        def resolveHostName(self, receiver: Any, *_: object) -> None:  # noqa: N802
            for host in answers[len(given)]:
                receiver.addressResolved(SimpleNamespace(host=host))
            receiver.resolutionComplete()

    given: list[list[str]] = []
    resolver = GuardedResolver(SimpleNamespace(nameResolver=Names()), loopback=loopback)
    for _ in answers:
        receiver = Receiver()
        resolver.resolveHostName(receiver, "name.example")
        assert receiver.done
        given.append(receiver.addresses)
    return given, resolver.refused


def test_a_name_is_checked_at_each_connection() -> None:
    rebinding = [["93.184.215.14"], ["127.0.0.1"], ["::ffff:10.0.0.1", "fe80::1%eth0"]]
    assert resolve(rebinding) == ([["93.184.215.14"], [], []], {"name.example"})
    assert resolve([["10.0.0.1", "93.184.215.14"]]) == ([["93.184.215.14"]], set())
    assert resolve([["127.0.0.1"], ["10.0.0.1"]], loopback=True) == ([["127.0.0.1"], []], {"name.example"})
