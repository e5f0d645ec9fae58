"""The filter of a run's links: which of them it schedules, and why it rejects the others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from crawlers.declaration.schema import OFFLINE_METHODS, Source
from crawlers.declaration.scope import Scope
from crawlers.discovery import Hint, Link
from crawlers.discovery.attachments import FORM as ATTACHMENT
from crawlers.frontier.refetch import is_due
from crawlers.frontier.traps import TrapDetector, path_trap
from output.ledger.records import Known, Scheduled

# How far a site's clock, or the time zone of its dates, may differ from ours.
_CLOCK_TOLERANCE = timedelta(days=1)
# Methods that take a list of URLs or saved files: no URL is a trap, and each is fetched in every run.
EXPLICIT_METHODS = ("urls", *OFFLINE_METHODS)
# Rejection reasons of links that are not the source's pages at all.
OUT_OF_SCOPE_REASONS = ("address", "scope", "pattern")


class LinkFilter:
    """A filter by the source's patterns, by what earlier runs fetched, and by the traps found so far."""

    def __init__(self, source: Source, known: Iterable[Known], since: str, now: datetime) -> None:
        self._is_explicit = source.crawl.discover in EXPLICIT_METHODS
        self._scope = Scope(source)
        self._traps = TrapDetector()
        self._since = since
        # By URL, as ISO 8601: when a page that is not due was fetched, and until when one is surely known.
        self._fetched_at: dict[str, str] = {}
        self._known_until: dict[str, str] = {}
        self._unchanged: set[str] = set()
        for one in () if self._is_explicit else known:
            if not is_due(one, now):
                self._fetched_at[one.url] = one.fetched_at.isoformat()
            if one.settled:
                self._known_until[one.url] = (one.checked_at - _CLOCK_TOLERANCE).isoformat()

    def rejection_reason(self, link: Link) -> str:
        """Return why a link is not scheduled, as a key of `IndexSummary.skipped`; "" where it is."""
        if reason := self._scope.refusal(link.url):
            return reason
        if link.kind == "page" and not self._is_own(link):
            return "pattern"
        if reason := self._trap(link):
            return reason
        if link.kind == "index":
            return ""
        latest = link.hint.modified or link.hint.published
        if latest and latest < self._since:
            return "since"
        if link.hint.exact and link.hint.modified < self._known_until.get(link.url, ""):
            self._unchanged.add(link.url)
            return "unchanged"
        is_resting = link.url in self._fetched_at and link.hint.modified <= self._fetched_at[link.url]
        return "resting" if is_resting else ""

    def is_due(self, url: str) -> bool:
        """Whether to fetch a page that no index has named, since it may be gone."""
        is_own = self._scope.is_page(url) or self._scope.is_attachment(url)
        return is_own and url not in self._fetched_at and url not in self._unchanged

    @property
    def not_due(self) -> int:
        """The number of known pages that this run does not fetch."""
        return len(self._fetched_at.keys() | self._unchanged)

    def learn(self, url: str, body: bytes) -> None:
        """Learn from a fetched page whether it belongs to a URL trap."""
        if not self._is_explicit:
            self._traps.add(url, body)

    def refusal(self, scheduled: Scheduled) -> tuple[str, str]:
        """Return the reason and the detail why a scheduled URL is not fetched after all, or ("", "")."""
        if reason := self._scope.refusal(scheduled.url):
            return reason, ""
        may_be_trap = scheduled.kind == "page" and not Hint.from_json(scheduled.hint).named
        trap = self._traps.refusal(scheduled.url) if may_be_trap else ""
        return ("trap", trap) if trap else ("", "")

    def _is_own(self, link: Link) -> bool:
        """Whether a page's link is one of the source's pages, or an attachment of one."""
        if link.hint.form == ATTACHMENT:
            return not self._is_explicit and self._scope.is_attachment(link.url)
        return self._scope.is_page(link.url)

    def _trap(self, link: Link) -> str:
        if self._is_explicit or link.hint.named:
            return ""
        if path_trap(link.url):
            return "trap_path"
        return "trap_duplicates" if link.kind == "page" and self._traps.refusal(link.url) else ""
