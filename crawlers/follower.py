"""The links of fetched pages: redirects, indexes and attachments are followed into the frontier.

An index or a redirect is committed as pending, and gets its outcome only when its links are scheduled. If the
crawl is killed between the two, the next one reads it again from the archive.
"""

from __future__ import annotations

import dataclasses
import logging
import re
from pathlib import Path

from crawlers import discovery
from crawlers.declaration.schema import Source
from crawlers.discovery import FetchedPage, FoundLinks, Hint, IndexUnreadable, Link
from crawlers.frontier.frontier import Frontier
from crawlers.outcomes import MAX_DETAIL_CHARACTERS, of_status
from output.archive.archive import read_record
from output.base.errors import StorageError
from output.base.records import ArchiveRef, Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import MOVED, Scheduled, Settled
from web.page_redirects import page_redirect
from web.urls import canonical_header, parse, site_key

logger = logging.getLogger(__name__)

# Browsers follow 20 redirects; a page behind more than ten is in a loop.
MAX_REDIRECTS = 10
_FRONT_PAGE_PATH = re.compile(r"/(?:(?:index|default|home)(?:\.\w{2,5})?/?)?", re.IGNORECASE)


def is_followed(kind: str, status: int) -> bool:
    """Whether a response is followed: a redirect, or any index, since a failed one may have fallbacks."""
    return kind == "index" or _is_redirect(status)


class LinkFollower:
    """Schedules the links of one run's fetched pages. Every method may raise StorageError."""

    def __init__(
        self, source: Source, run_id: str, ledger: Ledger, frontier: Frontier, archive: Path
    ) -> None:
        self._source = source
        self._run_id = run_id
        self._ledger = ledger
        self._frontier = frontier
        self._archive = archive

    def resume(self) -> None:
        """Follow the indexes and redirects that a killed crawl has archived but not followed."""
        for visit in self._ledger.visits(self._run_id, Outcome.PENDING):
            if visit.ref is None or visit.status is None or not is_followed(visit.kind, visit.status):
                continue
            record = read_record(self._archive, visit.ref)
            scheduled = Scheduled(visit.url, visit.kind, visit.discovered_from, visit.depth, visit.hint)
            self.follow(scheduled, record.status, record.headers, record.body, record.refers_to)

    def follow(
        self,
        scheduled: Scheduled,
        status: int,
        headers: tuple[tuple[str, str], ...],
        body: bytes,
        refers_to: ArchiveRef | None,
    ) -> None:
        """Schedule the links of an archived redirect or index, then give it its outcome.

        `refers_to` is the archived response whose body this one repeats, for a revisit.

        """
        page = FetchedPage(scheduled.url, status, headers, body, Hint.from_json(scheduled.hint))
        if _is_redirect(status):
            location = page.header("location")
            target = canonical_header(location, scheduled.url) if location else None
            self._settle(self._redirected(scheduled, target, location or "no Location header"))
        elif refers_to is not None:
            # A 304 has few headers; those of the archived response describe its body.
            record = read_record(self._archive, refers_to)
            self._read_index(scheduled, dataclasses.replace(page, headers=record.headers, body=record.body))
        elif (failure := of_status(status))[0] != Outcome.PENDING:
            self.read_fallbacks(scheduled, *failure, f"HTTP {status}")
        else:
            self._read_index(scheduled, page)

    def add_page_links(self, page: FetchedPage, scheduled: Scheduled) -> None:
        """Schedule the attachments and language alternates of a page.

        This happens before the ledger has the page as fetched, so that after a kill the page is requested
        again.
        """
        if links := discovery.page_links(self._source, page):
            self._frontier.add(FoundLinks(links), scheduled)

    def read_fallbacks(self, scheduled: Scheduled, outcome: Outcome, reason: str, detail: str) -> None:
        """Schedule the fallbacks of an index that is not available; where it has some, it is no failure."""
        fallbacks = discovery.fallback_indexes(Link(scheduled.url, "index", Hint.from_json(scheduled.hint)))
        self._frontier.add(FoundLinks(fallbacks), scheduled)
        is_closed = outcome == Outcome.GONE or reason.startswith(("http_4", "rest_"))
        if fallbacks and is_closed:
            self._settle(Settled(scheduled.url, Outcome.INDEX, reason or "absent", detail))
        else:
            self._settle(Settled(scheduled.url, outcome, reason, detail))

    def can_read(self, ref: ArchiveRef) -> bool:
        """Whether an archived response can be read; one that cannot is fetched again."""
        try:
            read_record(self._archive, ref)
        except StorageError as error:
            logger.warning("%s: fetched again", error)
            return False
        return True

    def moved(self, page: FetchedPage, scheduled: Scheduled) -> Settled | None:
        """Schedule where a page leads to by itself, and return its outcome; None for a page that is read.

        A list may name its first part as canonical, so that this says nothing of a list.
        """
        target = page_redirect(
            page.body,
            page.url,
            content_type=page.header("content-type"),
            refresh=page.header("refresh"),
            canonical=scheduled.kind == "page",
        )
        return self._redirected(scheduled, target, "") if target else None

    def _redirected(self, scheduled: Scheduled, target: str | None, written: str) -> Settled:
        """Schedule the target of a redirect, and return the outcome of the URL that leads there."""
        if target is None:
            return Settled(scheduled.url, Outcome.FAILED, "bad_redirect", written)
        if self._is_loop(target, scheduled.url) or Hint.from_json(scheduled.hint).hops >= MAX_REDIRECTS:
            return Settled(scheduled.url, Outcome.FAILED, "redirect_loop", target)
        if scheduled.kind == "page" and self._is_home(target) and not self._is_home(scheduled.url):
            # Many sites redirect removed pages to the front page instead of answering 404.
            return Settled(scheduled.url, Outcome.GONE, "moved_home", target)
        self._frontier.redirect(target, scheduled)
        return Settled(scheduled.url, Outcome.REJECTED, MOVED, target)

    def _is_loop(self, target: str, url: str) -> bool:
        """Whether the target of a redirect is the URL itself, or has led to it in this run."""
        for _ in range(MAX_REDIRECTS):
            if target == url:
                return True
            visit = self._ledger.visit(self._run_id, target)
            if visit is None or visit.reason != MOVED:
                return False
            target = visit.detail
        return True

    def _is_home(self, url: str) -> bool:
        """Whether a URL is the source's front page, also as `/index.html` and the like."""
        parsed, home = parse(url), parse(self._source.about.home)
        if parsed is None or home is None or parsed.query or site_key(parsed.site) != site_key(home.site):
            return False
        return parsed.path == home.path or _FRONT_PAGE_PATH.fullmatch(parsed.path) is not None

    def _read_index(self, scheduled: Scheduled, page: FetchedPage) -> None:
        if moved := self.moved(page, scheduled):
            self._settle(moved)
            return
        try:
            found = discovery.read(self._source, page)
        except IndexUnreadable as error:
            self.read_fallbacks(scheduled, Outcome.FAILED, error.reason, error.detail)
            return
        except Exception as error:  # an index that breaks its reader fails alone, and the run goes on
            logger.exception("%s: the reader of this index failed", page.url)
            detail = f"{type(error).__name__}: {error}"
            self._settle(Settled(scheduled.url, Outcome.FAILED, "discovery_error", detail))
            return
        left_out, summary = self._frontier.add(found, scheduled)
        if found.is_cut:
            detail = f"it ends within its list: {summary.listed} of its pages are taken, the rest is unknown"
            self._settle(Settled(scheduled.url, Outcome.FAILED, "truncated", detail))
            return
        self._frontier.settle(scheduled.url, Outcome.INDEX, left_out, summary.to_json())

    def _settle(self, settled: Settled) -> None:
        detail = settled.detail[:MAX_DETAIL_CHARACTERS]
        self._frontier.settle(settled.url, settled.outcome, settled.reason, detail)


def _is_redirect(status: int) -> bool:
    return 300 <= status < 400 and status != 304
