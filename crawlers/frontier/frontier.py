"""The frontier of one run: what is scheduled, and what is requested next. Its state is kept in the ledger."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from time import monotonic

from crawlers import discovery
from crawlers.declaration.schema import Source
from crawlers.discovery import NAMING_METHODS, FoundLinks, Hint, IndexSummary, Link, names_pages
from crawlers.frontier.forecast import Forecast
from crawlers.frontier.link_filter import EXPLICIT_METHODS, OUT_OF_SCOPE_REASONS, LinkFilter
from crawlers.frontier.queues import HostDueAt, HostQueues, host_of
from crawlers.frontier.sessions import distinct_links
from crawlers.frontier.traps import EXTRA_INDEXES, MAX_STALE_LISTINGS
from crawlers.permissions.hosts import Deferral, Hosts
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import Scheduled, Settled, Visit

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
        self.hosts = Hosts(max(source.crawl.max_delay, source.crawl.delay))
        self._queues = HostQueues(source.crawl.concurrency)
        self.forecast = Forecast(self.hosts, self._queues, source.crawl.delay)
        self._has_scheduled_known = False
        self.scheduled = self.done = self._pages = 0
        for visit in ledger.visits(run_id):
            self.scheduled += 1
            self._pages += visit.kind == "page"
            self.done += visit.ref is not None or visit.outcome != Outcome.PENDING
            if visit.outcome == Outcome.DEFERRED:
                self.hosts.leave(host_of(visit.url), Deferral(visit.reason, visit.detail))

    def begin(self) -> None:
        """Schedule what earlier runs deferred, then the source's start URLs.

        URLs that are already scheduled stay as they are; those that wait are queued.
        """
        for scheduled in self._ledger.waiting(self._run_id):
            self._queues.add(scheduled)
        self._schedule_deferred()
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
        is_named = names_pages(parent.hint)
        links, cut = distinct_links(found.links, is_named=is_named, keep_sessions=self._is_explicit)
        reasons = {link: self._filter.rejection_reason(link) for link in links}
        skipped = Counter(reason for reason in reasons.values() if reason) + Counter(no_url=found.unusable)
        pages = [link for link, reason in reasons.items() if not reason and link.kind == "page"]
        indexes = [link for link, reason in reasons.items() if not reason and link.kind == "index"]
        scheduled_before = self.scheduled
        left_out = self._add_pages(pages, parent, skipped)
        is_stale = self.scheduled == scheduled_before and not _names_known_pages(skipped)
        if not left_out and not _is_before_since(reasons):
            left_out = self._add_indexes(indexes, parent, skipped, is_stale=is_stale)
        left_out = left_out or next((reason for reason in skipped if reason.startswith("trap")), "")
        return left_out, _summarize(parent, found, reasons, skipped, cut)

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

    def next(self, host_due_at: HostDueAt = lambda *_: 0.0) -> Scheduled | None:
        """Return the next URL to request, from a host that may be asked now; None where there is none.

        `host_due_at` returns when a host may be sent its next request, given how many it has open. Every URL
        passes here, so URLs out of scope are refused here: start URLs, targets of redirects, and URLs that
        were scheduled before the source was edited. What waits for a host that is left is deferred here.
        """
        while self.has_next():
            scheduled = self._queues.take(monotonic(), host_due_at)
            if scheduled is None:
                return None
            refusal, detail = self._filter.refusal(scheduled)
            if not refusal:
                return scheduled
            self.settle(scheduled.url, Outcome.REFUSED, refusal, detail or scheduled.discovered_from)
            self._queues.drop_open(scheduled)
            self.done += 1
        return None

    @property
    def due_at(self) -> float:
        """When `next` may return a URL that waits only for its host's delay, on the monotonic clock."""
        return self._queues.due_at

    def request_done(self, scheduled: Scheduled) -> None:
        """Note that a request has ended: its host may get another one."""
        self._queues.ended(scheduled, monotonic())
        self.done += 1

    def retry(self, scheduled: Scheduled) -> None:
        """Request a URL again after a failure, behind what its host was not asked for yet."""
        self._queues.retry(scheduled, monotonic())

    def put_back(self, scheduled: Scheduled) -> None:
        """Request a URL later that was not requested after all."""
        self._queues.put_back(scheduled)

    def has_next(self) -> bool:
        """Whether any URL waits. When discovery finds no more, the URLs that earlier runs knew are added."""
        self._defer_left_hosts()
        if self._queues.is_idle and not self._has_scheduled_known:
            self._has_scheduled_known = True
            self._schedule_known()
            self._defer_left_hosts()
        return bool(self._queues)

    def _defer_left_hosts(self) -> None:
        """Defer all that waits for a host that is left."""
        for host, deferral in self.hosts.left.items():
            if dropped := self._queues.drop(host):
                outcome = (Outcome.DEFERRED, deferral.reason, deferral.detail)
                self._ledger.settle_many(self._run_id, [Settled(one.url, *outcome) for one in dropped])
                self.done += len(dropped)

    def _schedule_deferred(self) -> None:
        """Schedule what earlier runs deferred; leave the hosts whose Retry-After still holds."""
        deferred = self._ledger.deferred(self._source.id, but=self._run_id)
        for visit in deferred:
            deferral = Deferral(visit.reason, visit.detail)
            if not deferral.is_over:
                self.hosts.leave(host_of(visit.url), deferral)
        if self._is_explicit:
            return
        wanted = [visit for visit in deferred if not self._filter.rejection_reason(_link(visit))]
        pages = [visit for visit in wanted if visit.kind == "page"][: max(0, self._room()[0])]
        indexes = [visit for visit in wanted if visit.kind == "index"]
        self._add([_as_scheduled(visit) for visit in (*indexes, *pages)])

    def _schedule_known(self) -> None:
        """Schedule the pages that only earlier runs found: whether they are gone shows in no index."""
        if self._is_explicit or self._limits != RunLimits():
            return
        known = self._ledger.known_urls(self._source.id)
        hint = Hint(named=self._source.crawl.discover in NAMING_METHODS)
        links = (Link(one.url, hint=hint) for one in known if self._filter.is_due(one.url))
        while batch := list(islice(links, _KNOWN_URLS_PER_BATCH)):
            self._schedule(batch, "", 0)

    def _schedule(self, links: list[Link], parent: str, depth: int) -> int:
        """Schedule links in the ledger; returns how many of them are new to the run."""
        return self._add(
            [Scheduled(link.url, link.kind, parent, depth, link.hint.to_json()) for link in links]
        )

    def _add(self, scheduled: Iterable[Scheduled]) -> int:
        """Schedule and queue URLs; returns how many of them are new to the run."""
        new = self._ledger.schedule(self._run_id, scheduled)
        for one in new:
            self._queues.add(one)
        self.scheduled += len(new)
        self._pages += sum(one.kind == "page" for one in new)
        return len(new)


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
    parent: Scheduled,
    found: FoundLinks,
    reasons: Mapping[Link, str],
    skipped: Mapping[str, int],
    sessions: Mapping[str, int],
) -> IndexSummary:
    pages = [link for link, _ in _in_scope_pages(reasons)]
    dates = (link.hint.published or link.hint.modified for link in pages)
    return IndexSummary(
        way=Hint.from_json(parent.hint).form.partition("_")[0],
        listed=len(pages),
        total=found.total,
        months=dict(sorted(Counter(date[:7] for date in dates if date).items())),
        skipped=dict(sorted((reason, count) for reason, count in skipped.items() if count)),
        sessions=dict(sorted(sessions.items())),
    )


def _link(visit: Visit) -> Link:
    return Link(visit.url, "index" if visit.kind == "index" else "page", Hint.from_json(visit.hint))


def _as_scheduled(visit: Visit) -> Scheduled:
    return Scheduled(visit.url, visit.kind, visit.discovered_from, visit.depth, visit.hint)
