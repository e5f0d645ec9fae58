"""Which of the links that a site names a run schedules, and why it leaves the others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from crawlers.declaration.schema import SAVED, Source
from crawlers.declaration.scope import Scope
from crawlers.discovery import Link
from crawlers.discovery.attachments import FORM as ATTACHMENT
from crawlers.frontier.refetch import is_due
from crawlers.frontier.traps import Traps, path_trap
from output.ledger.records import Known

# So far may the clock of a site that dates its changes be from ours, or from the zone that it names.
_CLOCKS = timedelta(days=1)
# Ways that take what somebody has listed or saved: no URL is made up, and each is meant today.
LISTED = ("urls", *SAVED)
# Reasons by which a link is none of the source's pages at all.
NOT_THE_SOURCES = ("address", "scope", "pattern")


class LinkFilter:
    """Judges links by the source's patterns, by what earlier runs know, and by the traps learnt so far."""

    def __init__(self, source: Source, known: Iterable[Known], since: str, now: datetime) -> None:
        self._listed = source.crawl.discover in LISTED
        self._scope = Scope(source)
        self._traps = Traps()
        self._since = since
        self._fetched: dict[str, str] = {}
        self._asked: dict[str, str] = {}
        self._unchanged: set[str] = set()
        for one in () if self._listed else known:
            if not is_due(one, now):
                self._fetched[one.url] = one.fetched_at.isoformat()
            if one.settled:
                self._asked[one.url] = (one.checked_at - _CLOCKS).isoformat()

    def rejection_reason(self, link: Link) -> str:
        """Why a link is not scheduled, as `IndexSummary.skipped` names it; "" where it is."""
        if why := self._scope.refusal(link.url):
            return why
        if link.kind == "page" and not self._is_own(link):
            return "pattern"
        if why := self._trap(link):
            return why
        if link.kind == "index":
            return ""
        latest = link.hint.modified or link.hint.published
        if latest and latest < self._since:
            return "since"
        if link.hint.exact and link.hint.modified < self._asked.get(link.url, ""):
            self._unchanged.add(link.url)
            return "unchanged"
        is_resting = link.url in self._fetched and link.hint.modified <= self._fetched[link.url]
        return "resting" if is_resting else ""

    def is_due(self, url: str) -> bool:
        """Whether a page that no index has named is to be asked, for it may be gone."""
        is_own = self._scope.is_page(url) or self._scope.is_attachment(url)
        return is_own and url not in self._fetched and url not in self._unchanged

    @property
    def left(self) -> int:
        """How many pages are known to be there and are not asked."""
        return len(self._fetched.keys() | self._unchanged)

    def learn(self, url: str, body: bytes) -> None:
        """Learn from a page that was fetched whether its site makes pages up."""
        if not self._listed:
            self._traps.fetched(url, body)

    def refusal(self, url: str, kind: str) -> tuple[str, str]:
        """Why a URL that was scheduled is not asked after all, and the words; ("", "") where it is."""
        if why := self._scope.refusal(url):
            return why, ""
        trap = self._traps.refusal(url) if kind == "page" else ""
        return ("trap", trap) if trap else ("", "")

    def _is_own(self, link: Link) -> bool:
        if link.hint.form == ATTACHMENT:
            return not self._listed and self._scope.is_attachment(link.url)
        return self._scope.is_page(link.url)

    def _trap(self, link: Link) -> str:
        if self._listed:
            return ""
        if path_trap(link.url):
            return "trap_path"
        return "trap_duplicates" if link.kind == "page" and self._traps.refusal(link.url) else ""
