"""The frontier of one run: what may be scheduled, and what is asked next. Its memory is the ledger."""

from __future__ import annotations

import dataclasses
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice

from crawlers import discovery
from crawlers.declaration import Source
from crawlers.discovery import Hint, Link
from crawlers.refetch import is_due
from crawlers.scope import Scope
from crawlers.traps import MAX_STALE, SPARE_INDEXES, Traps, path_trap, without_session
from crawlers.urls import parse
from output.ledger import Ledger, Scheduled
from output.records import Outcome

# Requests a host that may lie with Scrapy beyond those on the wire: one, so that the wire is never idle
# and a stop waits for little.
_AHEAD = 1
# Known URLs scheduled at a time.
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the command line narrows a crawl to: pages fetched at most, pages changed on or after a day."""

    limit: int | None = None
    since: date | None = None


class Frontier:
    """Schedules into the ledger and gives out of it. Every method may raise StorageError."""

    def __init__(self, ledger: Ledger, source: Source, run_id: str, bounds: Bounds) -> None:
        self._ledger = ledger
        self._source = source
        self._run_id = run_id
        self._scope = Scope(source)
        # Where somebody has listed the URLs, none is made up, and each is meant today.
        self._listed = source.crawl.discover == "urls"
        self._traps = Traps()
        self._bounds = bounds
        self._since = datetime.combine(bounds.since, time.min, UTC).isoformat() if bounds.since else ""
        self._queues: dict[str, deque[Scheduled]] = {}
        self._asked: set[str] = set()
        self._busy: Counter[str] = Counter()
        self._known_asked = False
        self._resting = {} if self._listed else self._not_due(datetime.now(UTC))
        self.scheduled = self.done = self._pages = 0
        for visit in ledger.visits(run_id):
            self.scheduled += 1
            self._pages += visit.kind == "page"
            self.done += visit.ref is not None or visit.outcome != Outcome.PENDING

    def begin(self) -> None:
        """Schedule what the source starts from; what is scheduled already stays as it is."""
        links = discovery.start(self._source)
        limit = self._bounds.limit
        if limit is not None and links and links[0].kind == "page":
            links = links[: max(0, limit - self._pages)]
        self._schedule(links, "", 0)

    def add(self, links: Iterable[Link], parent: Scheduled) -> str:
        """Schedule the links of an index; gives why some were left out: "limit", "trap", "trap_path",
        "trap_duplicates", "trap_stale", "trap_indexes", or "".

        Links off the site, pages that the source's patterns do not want, pages that have not changed
        since the day asked for and those that are not due for another look are no part of the run.
        """
        found = [self._plain(link) for link in links]
        trap = self._trap(found)
        wanted = [link for link in found if self._is_wanted(link) and not self._trap([link])]
        room, why = self._source.crawl.max_pages - self.scheduled, "trap"
        if self._bounds.limit is not None and self._bounds.limit - self._pages < room:
            room, why = self._bounds.limit - self._pages, "limit"
        depth, before = parent.depth + 1, self.scheduled
        pages = [link for link in wanted if link.kind == "page"]
        for batch in [pages] if len(pages) <= room else [[page] for page in pages]:
            if room <= 0 < len(batch):
                return why
            room -= self._schedule(batch, parent.url, depth)
        indexes = [link for link in wanted if link.kind == "index"]
        if indexes and self.scheduled - self._pages >= SPARE_INDEXES + self._pages + len(self._resting):
            indexes, trap = [], "trap_indexes"
        is_fresh = self.scheduled > before or any(map(self._rests, found))
        stale = 0 if is_fresh else Hint.from_json(parent.hint).stale + 1
        if indexes and stale >= MAX_STALE:
            indexes, trap = [], "trap_stale"
        if room > 0:
            following = [
                dataclasses.replace(link, hint=dataclasses.replace(link.hint, stale=stale))
                for link in indexes
            ]
            self._schedule(following, parent.url, depth)
        return trap if room > 0 else why

    def learn(self, url: str, body: bytes) -> None:
        """Learn from a page that was fetched whether its site makes pages up."""
        if not self._listed:
            self._traps.fetched(url, body)

    def redirect(self, target: str, parent: Scheduled) -> None:
        """Schedule where a URL has moved to."""
        hint = Hint.from_json(parent.hint)
        link = Link(target, parent.kind, dataclasses.replace(hint, hops=hint.hops + 1))
        self._schedule([link], parent.url, parent.depth + 1)

    def settle(self, url: str, outcome: Outcome, reason: str = "", detail: str = "") -> None:
        """Give a URL its outcome."""
        self._ledger.settle(self._run_id, url, outcome, reason, detail)
        self._asked.discard(url)

    def next(self) -> Scheduled | None:
        """What to ask next, of a host that is not busy; None where there is nothing now.

        Here, where all URLs pass, those out of scope end: a start URL, a redirect's target, one that
        was scheduled before the source was edited.
        """
        while self.has_next():
            most = self._source.crawl.concurrency + _AHEAD
            host = next((host for host in self._queues if self._busy[host] < most), None)
            if host is None:
                return None
            queue = self._queues.pop(host)
            scheduled = queue.popleft()
            if queue:
                self._queues[host] = queue  # at the end, so that hosts take turns
            if refusal := self._scope.refusal(scheduled.url):
                self.settle(scheduled.url, Outcome.REFUSED, refusal, scheduled.discovered_from)
                self.done += 1
                continue
            if scheduled.kind == "page" and (why := self._traps.refusal(scheduled.url)):
                self.settle(scheduled.url, Outcome.REFUSED, "trap", why)
                self.done += 1
                continue
            self._busy[host] += 1
            self._asked.add(scheduled.url)
            return scheduled
        return None

    def answered(self, scheduled: Scheduled) -> None:
        """The URL has its answer: its host may be asked for another."""
        self._busy[_host(scheduled.url)] -= 1
        self.done += 1

    def committed(self, urls: Iterable[str]) -> None:
        """The ledger knows what became of these URLs, and does not list them as waiting any more."""
        self._asked.difference_update(urls)

    def has_next(self) -> bool:
        """Whether anything waits. Once discovery has run dry, what earlier runs knew is asked for too."""
        if not self._queues:
            self._refill()
        if not self._queues and not self._busy.total() and not self._known_asked:
            self._known_asked = True
            self._ask_known()
            self._refill()
        return bool(self._queues)

    def _refill(self) -> None:
        for scheduled in self._ledger.waiting(self._run_id):
            if scheduled.url not in self._asked:
                self._queues.setdefault(_host(scheduled.url), deque()).append(scheduled)

    def _ask_known(self) -> None:
        """Schedule the pages that only earlier runs came by, whose end would else go unnoticed."""
        if self._listed or self._bounds != Bounds():
            return
        known = self._ledger.known_urls(self._source.id)
        links = (
            Link(one.url) for one in known if one.url not in self._resting and self._scope.is_page(one.url)
        )
        while chunk := list(islice(links, _CHUNK)):
            self._schedule(chunk, "", 0)

    def _schedule(self, links: list[Link], parent: str, depth: int) -> int:
        scheduled = [Scheduled(link.url, link.kind, parent, depth, link.hint.to_json()) for link in links]
        new = self._ledger.schedule(self._run_id, scheduled)
        self.scheduled += len(new)
        self._pages += sum(one.kind == "page" for one in new)
        return len(new)

    def _is_wanted(self, link: Link) -> bool:
        if link.kind == "index":
            return not self._scope.refusal(link.url)
        is_old = link.hint.modified and link.hint.modified < self._since
        return not is_old and not self._rests(link) and self._scope.is_page(link.url)

    def _rests(self, link: Link) -> bool:
        """Whether a page is not due, and its site does not say that it has changed."""
        return link.url in self._resting and link.hint.modified <= self._resting[link.url]

    def _plain(self, link: Link) -> Link:
        url = link.url if self._listed else without_session(link.url)
        return link if url == link.url else dataclasses.replace(link, url=url)

    def _trap(self, links: list[Link]) -> str:
        """The name of the trap that one of the links leads into, or ""."""
        if self._listed:
            return ""
        if any(path_trap(link.url) for link in links):
            return "trap_path"
        if any(link.kind == "page" and self._traps.refusal(link.url) for link in links):
            return "trap_duplicates"
        return ""

    def _not_due(self, now: datetime) -> dict[str, str]:
        """The pages that need not be asked today, with the time of the body that is kept."""
        known = self._ledger.known_urls(self._source.id)
        return {one.url: one.fetched_at.isoformat() for one in known if not is_due(one, now)}


def _host(url: str) -> str:
    parsed = parse(url)
    return parsed.host if parsed else ""
