"""The frontier of one run: what is scheduled, and what is requested next. Its state is kept in the ledger."""

from __future__ import annotations

import dataclasses
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice

from crawlers import discovery
from crawlers.declaration.schema import Source
from crawlers.discovery import FoundLinks, Hint, IndexSummary, Link
from crawlers.frontier.link_filter import EXPLICIT_METHODS, OUT_OF_SCOPE_REASONS, LinkFilter
from crawlers.frontier.traps import EXTRA_INDEXES, MAX_STALE_LISTINGS, without_session
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import Scheduled
from web.urls import parse

# Requests that Scrapy may hold for a host beyond its concurrency: one, so that the connection is never idle
# and a stop does not wait long.
_QUEUED_REQUESTS_PER_HOST = 1
_KNOWN_URLS_PER_BATCH = 1000


@dataclass(frozen=True, slots=True)
class RunLimits:
    """The limits of a run: how many pages to schedule at most, and the earliest day of their changes."""

    limit: int | None = None
    since: date | None = None


class Frontier:
    """The URLs of one run, scheduled in the ledger and taken from it. Any method may raise StorageError."""

    def __init__(self, ledger: Ledger, source: Source, run_id: str, limits: RunLimits) -> None:
        self._ledger = ledger
        self._source = source
        self._run_id = run_id
        self._is_explicit = source.crawl.discover in EXPLICIT_METHODS
        self._limits = limits
        days = [day for day in (limits.since, source.crawl.since) if day]
        since = datetime.combine(max(days), time.min, UTC).isoformat() if days else ""
        known = ledger.known_urls(source.id)
        self._filter = LinkFilter(source, known, since, datetime.now(UTC))
        self._queues: dict[str, deque[Scheduled]] = {}
        self._unsettled: set[str] = set()
        self._active: Counter[str] = Counter()
        self._has_scheduled_known = False
        self.scheduled = self.done = self._pages = 0
        for visit in ledger.visits(run_id):
            self.scheduled += 1
            self._pages += visit.kind == "page"
            self.done += visit.ref is not None or visit.outcome != Outcome.PENDING

    def begin(self) -> None:
        """Schedule the source's start URLs; URLs that are already scheduled stay as they are."""
        links = discovery.start(self._source)
        limit = self._limits.limit
        if limit is not None and links and links[0].kind == "page":
            links = links[: max(0, limit - self._pages)]
        self._schedule(links, "", 0)

    def add(self, found: FoundLinks, parent: Scheduled) -> tuple[str, IndexSummary]:
        """Schedule the links of an index that the run takes; returns why any were left out, and the summary.

        The reason is "limit", "trap", "trap_path", "trap_duplicates", "trap_stale", "trap_indexes" or "".
        Links out of the source's scope, and pages that are unchanged or not due, are skipped and are no
        reason.
        """
        reasons = {link: self._filter.rejection_reason(link) for link in self._distinct(found.links)}
        skipped = Counter(reason for reason in reasons.values() if reason) + Counter(no_url=found.unusable)
        pages = [link for link, reason in reasons.items() if not reason and link.kind == "page"]
        indexes = [link for link, reason in reasons.items() if not reason and link.kind == "index"]
        scheduled_before = self.scheduled
        left_out = self._add_pages(pages, parent, skipped)
        is_stale = self.scheduled == scheduled_before and not _names_known_pages(skipped)
        if not left_out and not _is_before_since(reasons):
            left_out = self._add_indexes(indexes, parent, skipped, is_stale=is_stale)
        left_out = left_out or next((reason for reason in skipped if reason.startswith("trap")), "")
        return left_out, _summarize(parent, found, reasons, skipped)

    def _add_pages(self, pages: list[Link], parent: Scheduled, skipped: Counter[str]) -> str:
        """Schedule pages until the run is full; returns the limit that it has reached, or ""."""
        room, limit = self._room()
        batches = [pages] if len(pages) <= room else [[page] for page in pages]
        for number, batch in enumerate(batches):
            if room <= 0 < len(batch):
                skipped[limit] += len(batches) - number
                break
            room -= self._schedule(batch, parent.url, parent.depth + 1)
        return limit if room <= 0 else ""

    def _room(self) -> tuple[int, str]:
        """Return how many more URLs the run may schedule, and the name of the limit."""
        room = self._source.crawl.max_pages - self.scheduled
        if self._limits.limit is not None and self._limits.limit - self._pages < room:
            return self._limits.limit - self._pages, "limit"
        return room, "trap"

    def _add_indexes(
        self, indexes: list[Link], parent: Scheduled, skipped: Counter[str], *, is_stale: bool
    ) -> str:
        """Schedule further indexes, unless they lead into a trap; returns the trap's name, or ""."""
        stale = Hint.from_json(parent.hint).stale + 1 if is_stale else 0
        if indexes and (trap := self._index_trap(stale)):
            skipped[trap] = len(indexes)
            return trap
        links = [
            dataclasses.replace(link, hint=dataclasses.replace(link.hint, stale=stale)) for link in indexes
        ]
        self._schedule(links, parent.url, parent.depth + 1)

        return ""

    def _index_trap(self, stale: int) -> str:
        """Return the name of the trap that further indexes would lead into, or ""."""
        if stale >= MAX_STALE_LISTINGS:
            return "trap_stale"
        indexes = self.scheduled - self._pages
        return "trap_indexes" if indexes >= EXTRA_INDEXES + self._pages + self._filter.not_due else ""

    def learn(self, url: str, body: bytes) -> None:
        """Learn from a fetched page whether it belongs to a URL trap."""
        self._filter.learn(url, body)

    def redirect(self, target: str, parent: Scheduled) -> None:
        """Schedule the target of a URL's redirect."""
        hint = Hint.from_json(parent.hint)
        link = Link(target, parent.kind, dataclasses.replace(hint, hops=hint.hops + 1))
        self._schedule([link], parent.url, parent.depth + 1)

    def settle(self, url: str, outcome: Outcome, reason: str = "", detail: str = "") -> None:
        """Give a URL its outcome."""
        self._ledger.settle(self._run_id, url, outcome, reason, detail)
        self._unsettled.discard(url)

    def next(self) -> Scheduled | None:
        """Return the next URL to request, from a host that is not busy; None where there is none now.

        Every URL passes here, so URLs out of scope are refused here: start URLs, targets of redirects, and
        URLs that were scheduled before the source was edited.
        """
        while self.has_next():
            host = self._idle_host()
            if host is None:
                return None
            scheduled = self._take(host)
            refusal, detail = self._filter.refusal(scheduled.url, scheduled.kind)
            if not refusal:
                self._active[host] += 1
                self._unsettled.add(scheduled.url)
                return scheduled
            self.settle(scheduled.url, Outcome.REFUSED, refusal, detail or scheduled.discovered_from)
            self.done += 1
        return None

    def _idle_host(self) -> str | None:
        """Return the first queued host that may get another request, or None."""
        limit = self._source.crawl.concurrency + _QUEUED_REQUESTS_PER_HOST
        return next((host for host in self._queues if self._active[host] < limit), None)

    def _take(self, host: str) -> Scheduled:
        """Take the first URL from a host's queue, and move the host to the end, so that hosts take turns."""
        queue = self._queues.pop(host)
        scheduled = queue.popleft()
        if queue:
            self._queues[host] = queue
        return scheduled

    def request_done(self, scheduled: Scheduled) -> None:
        """Note that a request has ended: its host may get another one."""
        self._active[_host(scheduled.url)] -= 1
        self.done += 1

    def committed(self, urls: Iterable[str]) -> None:
        """Note that the ledger has the outcomes of these URLs, and no longer lists them as waiting."""
        self._unsettled.difference_update(urls)

    def has_next(self) -> bool:
        """Whether any URL waits. When discovery finds no more, the URLs that earlier runs knew are added."""
        if not self._queues:
            self._refill()
        if not self._queues and not self._active.total() and not self._has_scheduled_known:
            self._has_scheduled_known = True
            self._schedule_known()
            self._refill()
        return bool(self._queues)

    def _refill(self) -> None:
        """Queue the URLs that wait in the ledger, but for those that are being fetched."""
        for scheduled in self._ledger.waiting(self._run_id):
            if scheduled.url not in self._unsettled:
                self._queues.setdefault(_host(scheduled.url), deque()).append(scheduled)

    def _schedule_known(self) -> None:
        """Schedule the pages that only earlier runs found: whether they are gone shows in no index."""
        if self._is_explicit or self._limits != RunLimits():
            return
        known = self._ledger.known_urls(self._source.id)
        links = (Link(one.url) for one in known if self._filter.is_due(one.url))
        while batch := list(islice(links, _KNOWN_URLS_PER_BATCH)):
            self._schedule(batch, "", 0)

    def _schedule(self, links: list[Link], parent: str, depth: int) -> int:
        """Schedule links in the ledger; returns how many of them are new to the run."""
        scheduled = [Scheduled(link.url, link.kind, parent, depth, link.hint.to_json()) for link in links]
        new = self._ledger.schedule(self._run_id, scheduled)
        self.scheduled += len(new)
        self._pages += sum(one.kind == "page" for one in new)
        return len(new)

    def _distinct(self, links: list[Link]) -> list[Link]:
        """Return the links without session ids, and only the first of those to the same URL."""
        plain = links if self._is_explicit else map(_without_session, links)
        return list({(link.url, link.kind): link for link in reversed(list(plain))}.values())[::-1]


def _without_session(link: Link) -> Link:
    url = without_session(link.url)
    return link if url == link.url else dataclasses.replace(link, url=url)


def _in_scope_pages(reasons: Mapping[Link, str]) -> list[tuple[Link, str]]:
    """Return the source's own pages among the links, each with its rejection reason."""
    return [
        (link, reason)
        for link, reason in reasons.items()
        if link.kind == "page" and reason not in OUT_OF_SCOPE_REASONS
    ]


def _is_before_since(reasons: Mapping[Link, str]) -> bool:
    """Whether all pages of an index are older than the day asked for, so that the next index is older still.

    Never so where the index dates changes: its order is that of publication.
    """
    pages = _in_scope_pages(reasons)
    return bool(pages) and all(reason == "since" and not link.hint.exact for link, reason in pages)


def _names_known_pages(skipped: Mapping[str, int]) -> bool:
    """Whether an index named pages that an earlier run fetched."""
    return bool(skipped["resting"] or skipped["unchanged"])


def _summarize(
    parent: Scheduled, found: FoundLinks, reasons: Mapping[Link, str], skipped: Mapping[str, int]
) -> IndexSummary:
    pages = [link for link, _ in _in_scope_pages(reasons)]
    dates = (link.hint.published or link.hint.modified for link in pages)
    return IndexSummary(
        way=Hint.from_json(parent.hint).form.partition("_")[0],
        listed=len(pages),
        total=found.total,
        months=dict(sorted(Counter(date[:7] for date in dates if date).items())),
        skipped=dict(sorted((reason, count) for reason, count in skipped.items() if count)),
    )


def _host(url: str) -> str:
    parsed = parse(url)
    return parsed.host if parsed else ""
