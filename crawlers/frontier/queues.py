"""The queues of a crawl's hosts: whose turn it is, and how many requests may be open at the same time.

A host takes a turn only when it may be asked at once, so that nobody waits for a host that rests. Slow hosts,
and those that have not answered yet, hold a share of the requests together, so that they never hold all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from crawlers.permissions.throttle import AHEAD_SECONDS
from output.ledger.records import Scheduled
from web.urls import parse

# Requests of one crawl that may be open: each may hold a body of 16 MiB.
MAX_OPEN = 48
# Those of them at hosts that are not known to be quick: the other third is left to quick ones.
MAX_OPEN_UNPROVEN = 32
# A host that is known to be slow gets another request while no more than these are open there. The rest is
# for hosts that have not been asked yet.
MAX_OPEN_SLOW = 16
# A host is slow while a request is open for longer, and while its requests were on average: ten times what a
# page takes. The last request counts half, so that one large file does not make a host slow.
SLOW_SECONDS = 5.0
_LAST_SHARE = 0.5
# Requests that Scrapy may hold for a quick host beyond its concurrency: one, so that the connection is never
# idle and a stop does not wait long.
_QUEUED_REQUESTS_PER_HOST = 1

HostDueAt = Callable[[str, int], float]


@dataclass(slots=True)
class _Host:
    """What waits for a host, since when its requests are open, and how many `seconds` they take."""

    fresh: deque[Scheduled] = field(default_factory=deque)
    retries: deque[Scheduled] = field(default_factory=deque)
    opened_at: dict[str, float] = field(default_factory=dict)
    seconds: float | None = None

    @property
    def waiting(self) -> int:
        return len(self.fresh) + len(self.retries)

    def is_slow(self, now: float) -> bool:
        oldest = next(iter(self.opened_at.values()), now)
        return now - oldest > SLOW_SECONDS or (self.seconds or 0.0) > SLOW_SECONDS

    def is_quick(self, now: float) -> bool:
        return self.seconds is not None and not self.is_slow(now)


class HostQueues:
    """The URLs that wait for each host. Times are seconds of the monotonic clock.

    `due_at` is when the next turn is due that only has to wait for its host's delay; infinity for none.
    """

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._hosts: dict[str, _Host] = {}
        # Hosts for which a URL waits, in the order of their turns, and hosts with an open request.
        self._turns: dict[str, _Host] = {}
        self._busy: dict[str, _Host] = {}
        self.due_at = inf

    def __bool__(self) -> bool:
        """Whether any URL waits."""
        return bool(self._turns)

    @property
    def is_idle(self) -> bool:
        """Whether no URL waits and no request is open."""
        return not self._turns and not self._busy

    def waiting(self, host: str) -> int:
        """Return how many URLs wait for a host."""
        return self._turns[host].waiting if host in self._turns else 0

    def add(self, scheduled: Scheduled) -> None:
        """Queue a new URL."""
        self._waiting_host(host_of(scheduled.url)).fresh.append(scheduled)

    def put_back(self, scheduled: Scheduled) -> None:
        """Queue a URL again that was not requested after all: it keeps its place."""
        name = host_of(scheduled.url)
        self._close(name, scheduled.url)
        self._waiting_host(name).fresh.appendleft(scheduled)

    def retry(self, scheduled: Scheduled, now: float) -> None:
        """Queue a URL again after a failure, behind all that its host was not asked for yet."""
        self.ended(scheduled, now)
        self._waiting_host(host_of(scheduled.url)).retries.append(scheduled)

    def ended(self, scheduled: Scheduled, now: float) -> None:
        """Note that a request has ended: its host may get another one."""
        name = host_of(scheduled.url)
        seconds = now - self._close(name, scheduled.url)
        host = self._hosts[name]
        usual = seconds if host.seconds is None else host.seconds
        host.seconds = usual + _LAST_SHARE * (seconds - usual)

    def drop_open(self, scheduled: Scheduled) -> None:
        """Note that a URL that was taken is not requested."""
        self._close(host_of(scheduled.url), scheduled.url)

    def drop(self, host: str) -> list[Scheduled]:
        """Remove all that waits for a host, and return it."""
        dropped = self._turns.pop(host, None)
        if dropped is None:
            return []
        waiting = [*dropped.fresh, *dropped.retries]
        dropped.fresh.clear()
        dropped.retries.clear()
        return waiting

    def take(self, now: float, host_due_at: HostDueAt) -> Scheduled | None:
        """Take the next URL whose host may be asked now; None while there is none.

        `host_due_at` returns when a host may be sent its next request, given how many it has open.
        """
        name = self._next_turn(now, host_due_at)
        return None if name is None else self._open(name, now)

    def _next_turn(self, now: float, host_due_at: HostDueAt) -> str | None:
        """Return the first host that may be asked; a slow one only where no other may."""
        self.due_at = inf
        if sum(len(host.opened_at) for host in self._busy.values()) >= MAX_OPEN:
            return None
        unproven = sum(len(host.opened_at) for host in self._busy.values() if not host.is_quick(now))
        slow = None
        for name, host in self._turns.items():
            if len(host.opened_at) >= self._most_open(host, now):
                continue
            due_at = host_due_at(name, len(host.opened_at)) - AHEAD_SECONDS
            if due_at > now:
                self.due_at = min(self.due_at, due_at)
            elif host.is_slow(now):
                slow = slow or name
            elif host.seconds is not None or unproven < MAX_OPEN_UNPROVEN:
                return name
        return slow if unproven < MAX_OPEN_SLOW else None

    def _most_open(self, host: _Host, now: float) -> int:
        """Return how many requests to a host may be open: one until it has answered."""
        if host.seconds is None:
            return 1
        return self._concurrency + (0 if host.is_slow(now) else _QUEUED_REQUESTS_PER_HOST)

    def _open(self, name: str, now: float) -> Scheduled:
        """Take a host's next URL, and move the host to the end, so that hosts take turns."""
        host = self._turns.pop(name)
        scheduled = host.fresh.popleft() if host.fresh else host.retries.popleft()
        if host.waiting:
            self._turns[name] = host
        host.opened_at[scheduled.url] = now
        self._busy[name] = host
        return scheduled

    def _close(self, name: str, url: str) -> float:
        """Note that a URL is not requested any more; returns since when it was."""
        host = self._hosts[name]
        opened_at = host.opened_at.pop(url)
        if not host.opened_at:
            self._busy.pop(name)
        return opened_at

    def _waiting_host(self, name: str) -> _Host:
        """Return a host for which a URL waits from now on."""
        host = self._hosts.setdefault(name, _Host())
        return self._turns.setdefault(name, host)


def host_of(url: str) -> str:
    """Return the host of a URL as Scrapy names it: without brackets; "" for an unusable URL."""
    parsed = parse(url)
    return parsed.host.strip("[]") if parsed else ""
