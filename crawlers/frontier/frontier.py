"""The frontier of one run: what may be scheduled, and what is asked next. Its memory is the ledger."""

from __future__ import annotations

import dataclasses
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice

from crawlers import discovery
from crawlers.declaration.schema import Source
from crawlers.discovery import Found, Hint, IndexSummary, Link
from crawlers.frontier.link_filter import LISTED, NOT_THE_SOURCES, LinkFilter
from crawlers.frontier.traps import MAX_STALE, SPARE_INDEXES, without_session
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import Scheduled
from web.urls import parse

# Requests a host that may lie with Scrapy beyond those on the wire: one, so that the wire is never idle
# and a stop waits for little.
_AHEAD = 1
# Known URLs scheduled at a time.
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What the command line narrows a crawl to: pages fetched at most, pages changed on or after a day."""

    limit: int | None = None
    since: date | None = None


class Frontier:
    """Schedules into the ledger and gives out of it. Every method may raise StorageError."""

    def __init__(self, ledger: Ledger, source: Source, run_id: str, bounds: RunLimits) -> None:
        self._ledger = ledger
        self._source = source
        self._run_id = run_id
        self._listed = source.crawl.discover in LISTED
        self._bounds = bounds
        days = [day for day in (bounds.since, source.crawl.since) if day]
        since = datetime.combine(max(days), time.min, UTC).isoformat() if days else ""
        known = ledger.known_urls(source.id)
        self._wanted = LinkFilter(source, known, since, datetime.now(UTC))
        self._queues: dict[str, deque[Scheduled]] = {}
        self._asked: set[str] = set()
        self._busy: Counter[str] = Counter()
        self._known_asked = False
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

    def add(self, found: Found, parent: Scheduled) -> tuple[str, IndexSummary]:
        """Schedule what an index names; gives why some was left out ("limit", "trap", "trap_path",
        "trap_duplicates", "trap_stale", "trap_indexes", or ""), and the yardstick.

        Links off the site, pages that the source's patterns do not want, pages that have not changed
        since the day asked for and those that are not due for another look are no part of the run.
        """
        judged = {link: self._wanted.rejection_reason(link) for link in self._each_once(found.links)}
        link_filter = [link for link, why in judged.items() if not why]
        skipped = Counter(why for why in judged.values() if why) + Counter(no_url=found.unusable)
        left_out = next((why for why in skipped if why.startswith("trap")), "")
        room, why = self._room()
        depth, before = parent.depth + 1, self.scheduled
        pages = [link for link in link_filter if link.kind == "page"]
        batches = [pages] if len(pages) <= room else [[page] for page in pages]
        for number, batch in enumerate(batches):
            if room <= 0 < len(batch):
                skipped[why] += len(batches) - number
                break
            room -= self._schedule(batch, parent.url, depth)
        indexes = [link for link in link_filter if link.kind == "index"]
        stale = 0 if self.scheduled > before or _known(skipped) else Hint.from_json(parent.hint).stale + 1
        if room <= 0:
            left_out, indexes = why, []
        elif _is_too_old(judged):
            indexes = []
        elif indexes and (trap := self._endless(stale)):
            left_out, skipped[trap], indexes = trap, len(indexes), []
        following = [
            dataclasses.replace(link, hint=dataclasses.replace(link.hint, stale=stale)) for link in indexes
        ]
        self._schedule(following, parent.url, depth)
        return left_out, _index_summary(parent, found, judged, skipped)

    def _room(self) -> tuple[int, str]:
        """How many more URLs the run may schedule, and what is said when there are more."""
        room = self._source.crawl.max_pages - self.scheduled
        if self._bounds.limit is not None and self._bounds.limit - self._pages < room:
            return self._bounds.limit - self._pages, "limit"
        return room, "trap"

    def _endless(self, stale: int) -> str:
        """The name of the trap that further indexes would lead into, or ""."""
        if stale >= MAX_STALE:
            return "trap_stale"
        indexes = self.scheduled - self._pages
        return "trap_indexes" if indexes >= SPARE_INDEXES + self._pages + self._wanted.left else ""

    def learn(self, url: str, body: bytes) -> None:
        """Learn from a page that was fetched whether its site makes pages up."""
        self._wanted.learn(url, body)

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
            refusal, words = self._wanted.refusal(scheduled.url, scheduled.kind)
            if refusal:
                self.settle(scheduled.url, Outcome.REFUSED, refusal, words or scheduled.discovered_from)
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
        if self._listed or self._bounds != RunLimits():
            return
        known = self._ledger.known_urls(self._source.id)
        links = (Link(one.url) for one in known if self._wanted.is_due(one.url))
        while chunk := list(islice(links, _CHUNK)):
            self._schedule(chunk, "", 0)

    def _schedule(self, links: list[Link], parent: str, depth: int) -> int:
        scheduled = [Scheduled(link.url, link.kind, parent, depth, link.hint.to_json()) for link in links]
        new = self._ledger.schedule(self._run_id, scheduled)
        self.scheduled += len(new)
        self._pages += sum(one.kind == "page" for one in new)
        return len(new)

    def _each_once(self, links: list[Link]) -> list[Link]:
        """The links without the sessions in their URLs; of those to one URL the first."""
        plain = links if self._listed else map(_without_session, links)
        return list({(link.url, link.kind): link for link in reversed(list(plain))}.values())[::-1]


def _without_session(link: Link) -> Link:
    url = without_session(link.url)
    return link if url == link.url else dataclasses.replace(link, url=url)


def _is_too_old(judged: Mapping[Link, str]) -> bool:
    """Whether a list names none but pages from before the day asked for: those after it are older still.

    That does not hold of lists that date changes: they stand in the order of publication.
    """
    own = [(link, why) for link, why in judged.items() if link.kind == "page" and why not in NOT_THE_SOURCES]
    return bool(own) and all(why == "since" and not link.hint.exact for link, why in own)


def _known(skipped: Mapping[str, int]) -> bool:
    """Whether an index named pages that an earlier run knows."""
    return bool(skipped["resting"] or skipped["unchanged"])


def _index_summary(
    parent: Scheduled, found: Found, judged: Mapping[Link, str], skipped: Mapping[str, int]
) -> IndexSummary:
    own = [link for link, why in judged.items() if link.kind == "page" and why not in NOT_THE_SOURCES]
    dates = (link.hint.published or link.hint.modified for link in own)
    return IndexSummary(
        way=Hint.from_json(parent.hint).form.partition("_")[0],
        listed=len(own),
        total=found.total,
        months=dict(sorted(Counter(date[:7] for date in dates if date).items())),
        skipped=dict(sorted((why, n) for why, n in skipped.items() if n)),
    )


def _host(url: str) -> str:
    parsed = parse(url)
    return parsed.host if parsed else ""
