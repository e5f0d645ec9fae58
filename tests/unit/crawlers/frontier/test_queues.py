"""Whose turn it is: quick hosts always have room, retries wait, nobody waits for a host that rests."""

from __future__ import annotations

import math
from collections import Counter

from crawlers.frontier.forecast import MIN_TOLD_SECONDS, Forecast
from crawlers.frontier.queues import (
    MAX_OPEN,
    MAX_OPEN_SLOW,
    MAX_OPEN_UNPROVEN,
    SLOW_SECONDS,
    HostQueues,
    host_of,
)
from crawlers.permissions.hosts import Hosts
from crawlers.permissions.throttle import AHEAD_SECONDS
from output.ledger.records import Scheduled


def url(host: str, page: int = 0) -> Scheduled:
    return Scheduled(f"https://{host}.example/{page}")


def name(scheduled: Scheduled | None) -> str:
    return host_of(scheduled.url).removesuffix(".example") if scheduled else ""


def queues(*hosts: str, pages: int = 2, concurrency: int = 1) -> HostQueues:
    made = HostQueues(concurrency)
    for page in range(pages):
        for host in hosts:
            made.add(url(host, page))
    return made


def taken(made: HostQueues, now: float, due: dict[str, float] | None = None) -> list[Scheduled]:
    """All that may be asked at this moment."""
    due_at = {f"{host}.example": moment for host, moment in (due or {}).items()}
    found = []
    while scheduled := made.take(now, lambda host, _: due_at.get(host, 0.0)):
        found.append(scheduled)
    return found


def prove(made: HostQueues, now: float = 0.0, seconds: float = 0.1) -> None:
    """Have every host answer once."""
    for scheduled in taken(made, now):
        made.ended(scheduled, now + seconds)


def test_a_new_host_gets_one_request_a_quick_one_another_that_waits_for_it() -> None:
    made = queues("a", pages=9, concurrency=2)
    first = taken(made, 0.0)
    assert len(first) == 1
    made.ended(first[0], 0.1)
    assert len(taken(made, 0.2)) == 3


def test_hosts_take_turns() -> None:
    made = queues("a", "b", "c", pages=3)
    prove(made)
    assert "".join(map(name, taken(made, 1.0))) == "abcabc"


def test_a_host_is_slow_while_a_request_is_open_for_long() -> None:
    made = queues("a", pages=20, concurrency=3)
    prove(made)
    (first, *others) = taken(made, 1.0)
    assert len(others) == 3
    for other in others:
        made.ended(other, 1.0)
    late = 1.0 + SLOW_SECONDS + 1
    assert len(taken(made, late)) == 2, "no more than its concurrency while the first is open"
    made.ended(first, late)
    assert len(taken(made, late)) == 2, "one such page alone does not make it slow"


def test_a_host_is_slow_until_its_requests_are_quick_again() -> None:
    made = queues("a", pages=20, concurrency=3)
    prove(made, seconds=60.0)
    assert len(taken(made, 60.0)) == 3
    made = queues("a", pages=20, concurrency=3)
    prove(made, seconds=60.0)
    for _ in range(9):
        scheduled = made.take(60.0, lambda *_: 0.0)
        assert scheduled is not None
        made.ended(scheduled, 60.0)
    assert len(taken(made, 60.0)) == 4


def test_new_and_slow_hosts_never_hold_what_quick_ones_need() -> None:
    drips = [f"drip-{n}" for n in range(100)]
    good = [f"good-{n}" for n in range(MAX_OPEN)]
    made = HostQueues(1)
    for host in good:
        made.add(url(host))
    for batch in range(0, len(good), MAX_OPEN_UNPROVEN):
        assert len(taken(made, 0.0)) == len(good[batch : batch + MAX_OPEN_UNPROVEN])
        for host in good[batch : batch + MAX_OPEN_UNPROVEN]:
            made.ended(url(host), 0.1)
    for host in drips:
        made.add(url(host, 0))
        made.add(url(host, 1))
    assert len(taken(made, 1.0)) == MAX_OPEN_UNPROVEN
    for host in good:
        made.add(url(host, 1))
    late = 1.0 + SLOW_SECONDS * 2
    assert Counter(name(one).partition("-")[0] for one in taken(made, late)) == {
        "good": MAX_OPEN - MAX_OPEN_UNPROVEN
    }


def test_a_host_known_to_be_slow_waits_behind_hosts_that_are_new() -> None:
    slow = [f"slow-{n}" for n in range(MAX_OPEN_SLOW + 4)]
    made = queues(*slow, pages=2)
    prove(made, seconds=SLOW_SECONDS + 1)
    made.add(url("new"))
    order = taken(made, 20.0)
    assert name(order[0]) == "new"
    assert len(order) == MAX_OPEN_SLOW


def test_a_retry_waits_behind_what_was_not_asked_for_yet() -> None:
    made = queues("a", pages=1)
    (first,) = taken(made, 0.0)
    made.retry(first, 0.1)
    made.add(url("a", 1))
    made.add(url("a", 2))
    order = []
    while scheduled := made.take(1.0, lambda *_: 0.0):
        made.ended(scheduled, 1.1)
        order.append(scheduled.url[-1])
    assert order == ["1", "2", "0"]
    assert made.is_idle


def test_what_was_not_sent_keeps_its_place() -> None:
    made = queues("a", pages=2)
    (first,) = taken(made, 0.0)
    made.put_back(first)
    assert made.take(0.0, lambda *_: 0.0) == first
    assert taken(made, 0.0) == [], "it tells nothing about the host, which is as new as before"


def test_no_request_waits_for_a_host_that_rests() -> None:
    made = queues("a", "b", "c", pages=3)
    prove(made)
    due = {"a": 30.0, "b": 5.0}
    assert {name(one) for one in taken(made, 2.0, due)} == {"c"}
    assert made.due_at == 5.0 - AHEAD_SECONDS
    assert {name(one) for one in taken(made, made.due_at, due)} == {"b"}
    assert made.due_at == 30.0 - AHEAD_SECONDS
    assert {name(one) for one in taken(made, made.due_at, due)} == {"a"}
    assert made.due_at == math.inf


def test_all_that_waits_for_a_host_can_be_dropped() -> None:
    made = queues("a", "b", pages=3)
    (opened, _) = taken(made, 0.0)
    made.add(url("a", 3))
    assert [one.url[-1] for one in made.drop("a.example")] == ["1", "2", "3"]
    assert made.drop("a.example") == []
    assert made.drop("z.example") == []
    assert (made.waiting("a.example"), made.waiting("b.example")) == (0, 2)
    made.ended(opened, 0.1)
    assert {name(one) for one in taken(made, 1.0)} == set(), "b has a request open, as a new host"


def test_a_host_is_named_as_scrapy_names_it() -> None:
    assert host_of("http://[2001:db8::1]:8080/x") == "2001:db8::1"
    assert host_of("https://NAME.example/") == "name.example"
    assert host_of("mailto:x") == ""


def test_a_long_wait_is_told_and_again_when_it_has_doubled() -> None:
    hosts, made = Hosts(120.0), HostQueues(1)
    forecast = Forecast(hosts, made, delay=1.0)
    hosts.set_crawl_delay("a.example", 60.0)
    pages = int(MIN_TOLD_SECONDS / 60.0)
    for page in range(pages - 1):
        made.add(url("a", page))
    assert forecast.news() == []
    made.add(url("a", pages))
    (message,) = forecast.news()
    assert message.startswith("a.example: robots.txt asks for 60 seconds between requests (Crawl-delay); ")
    assert message.endswith("the 10 URLs that wait there take about 10 minutes")
    assert forecast.news() == []
    for page in range(1000, 2190):
        made.add(url("a", page))
    assert "the 1,200 URLs that wait there take about 20 hours" in forecast.news()[0]
    assert Forecast(hosts, made, delay=60.0).news() == [], "that is what was declared"
