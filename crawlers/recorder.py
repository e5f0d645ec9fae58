"""What is made of an answer: first the archive, then the ledger, then discovery.

This order makes a kill harmless at any moment. A record that the ledger has not committed is cut
off and fetched again; pages are committed a few at a time, with one wait for the disk. An index or a
redirect is committed as pending and given its outcome only when what it leads to is scheduled: one that
a kill left pending is read again out of the archive.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from crawlers import discovery
from crawlers.declaration.schema import Source
from crawlers.discovery import Answer, Found, Hint, IndexUnreadable, Link
from crawlers.frontier.frontier import Frontier
from crawlers.outcomes import of_status, of_title
from crawlers.permissions import optout
from crawlers.permissions.middleware import PRODUCT
from output.archive.archive import ArchiveWriter, read_record
from output.archive.warc import Record
from output.base.errors import StorageError
from output.base.records import ArchiveRef, Outcome, sha256_hex
from output.ledger.ledger import Ledger
from output.ledger.records import MOVED, OPT_OUT, Fetched, Known, Scheduled, Settled
from web.urls import canonical, parse, same_site

logger = logging.getLogger(__name__)

# Browsers follow 20; a site that needs more than ten leads in circles.
MAX_HOPS = 10
# What a detail keeps of what a site wrote.
_DETAIL_CHARACTERS = 500
# Pages that a kill may cost a second request.
_TOGETHER = 16
_FRONT_PAGE = re.compile(r"/(?:(?:index|default|home)(?:\.\w{2,5})?/?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Received:
    """A response as it came: header names in lower case, the body decoded from its encodings."""

    status: int
    request_headers: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    ip: str = ""

    def header(self, name: str) -> str:
        """The first header of that name, or ""."""
        return next((value for key, value in self.headers if key == name), "")


class Recorder:
    """Keeps what one run fetches. Every method may raise StorageError."""

    def __init__(
        self,
        source: Source,
        run_id: str,
        ledger: Ledger,
        frontier: Frontier,
        writer: ArchiveWriter,
        folder: Path,
    ) -> None:
        self._source = source
        self._run_id = run_id
        self._ledger = ledger
        self._frontier = frontier
        self._writer = writer
        self._folder = folder
        self._arrived: list[tuple[Fetched, Settled]] = []

    def received(self, scheduled: Scheduled, received: Received, known: Known | None) -> bool:
        """Keep a response; False where the URL must be asked again, for its whole body.

        A page that opts out is not archived: the outcome keeps the words by which it does.
        """
        signal = optout.in_headers(received.headers, PRODUCT) or optout.in_markup(received.body)
        if signal:
            self._settle(scheduled, Outcome.REFUSED, OPT_OUT, signal)
            return True
        sha256 = sha256_hex(received.body)
        kept = _kept_body(received, sha256, known)
        if received.status == 304 and scheduled.kind == "index" and not self._is_readable(kept):
            return False
        if known is not None and kept is not None:
            fetched = self._revisit(scheduled.url, received, known, kept)
            outcome, reason = (Outcome.UNCHANGED if known.settled else Outcome.PENDING), ""
        else:
            fetched = self._response(scheduled.url, received, sha256)
            outcome, reason = of_status(received.status)
            if outcome == Outcome.PENDING and scheduled.kind == "page":
                self._frontier.learn(scheduled.url, received.body)
                outcome, reason = of_title(received.body)
                self._attach(scheduled, received)
        leads_on = _leads_on(scheduled.kind, received.status)
        end = Settled(scheduled.url, *((Outcome.PENDING,) if leads_on else (outcome, reason)))
        self._arrived.append((fetched, end))
        if leads_on or len(self._arrived) >= _TOGETHER:
            self.commit()
        if leads_on:
            self._follow(scheduled, received.status, received.headers, received.body, kept)
        return True

    @property
    def has_uncommitted(self) -> bool:
        """Whether `commit` has anything to do."""
        return bool(self._arrived)

    def commit(self) -> None:
        """Make the records that were written count."""
        if self._arrived:
            self._writer.sync()
            self._ledger.fetched(self._run_id, self._arrived)
            self._frontier.committed(end.url for _, end in self._arrived)
            self._arrived.clear()

    def missed(self, scheduled: Scheduled, settled: Settled) -> None:
        """Keep why no response came."""
        if scheduled.kind == "index":
            self._read_instead(scheduled, settled.outcome, settled.reason, settled.detail)
        else:
            self._settle(scheduled, settled.outcome, settled.reason, settled.detail)

    def finish_what_was_begun(self) -> None:
        """Follow the indexes and redirects that a killed run archived and did not come to follow."""
        for visit in self._ledger.visits(self._run_id, Outcome.PENDING):
            if visit.ref is None or visit.status is None or not _leads_on(visit.kind, visit.status):
                continue
            record = read_record(self._folder, visit.ref)
            scheduled = Scheduled(visit.url, visit.kind, visit.discovered_from, visit.depth, visit.hint)
            self._follow(scheduled, record.status, record.headers, record.body, record.refers_to)

    # Into the archive

    def _response(self, url: str, received: Received, sha256: str) -> Fetched:
        ref = self._writer.write_response(
            url=url,
            status=received.status,
            reason=_phrase(received.status),
            request_headers=received.request_headers,
            response_headers=received.headers,
            body=received.body,
            sha256=sha256,
            fetched_at=received.fetched_at,
            ip=received.ip,
        )
        return self._fetched(url, received, ref, "response", sha256, None)

    def _revisit(self, url: str, received: Received, known: Known, kept: ArchiveRef) -> Fetched:
        ref = self._writer.write_revisit(
            url=url,
            status=received.status,
            reason=_phrase(received.status),
            request_headers=received.request_headers,
            response_headers=received.headers,
            fetched_at=received.fetched_at,
            refers_to=kept,
            refers_to_url=known.url,
            refers_to_date=known.fetched_at,
            sha256=known.sha256,
            ip=received.ip,
        )
        return self._fetched(url, received, ref, "revisit", known.sha256, kept)

    @staticmethod
    def _fetched(
        url: str, received: Received, ref: ArchiveRef, record: str, sha256: str, revisit_of: ArchiveRef | None
    ) -> Fetched:
        return Fetched(
            url=url,
            status=received.status,
            ref=ref,
            record=record,
            sha256=sha256,
            fetched_at=received.fetched_at,
            etag=received.header("etag"),
            last_modified=received.header("last-modified"),
            body_bytes=len(received.body),
            revisit_of=revisit_of,
        )

    # On to discovery

    def _attach(self, scheduled: Scheduled, received: Received) -> None:
        """Schedule the files and the twins that a page leads to, before the ledger calls the page fetched:
        a kill between the two asks the page again.
        """
        answer = Answer(scheduled.url, received.status, received.headers, received.body, Hint())
        if files := discovery.beside(self._source, answer):
            self._frontier.add(Found(files), scheduled)

    def _follow(
        self,
        scheduled: Scheduled,
        status: int,
        headers: tuple[tuple[str, str], ...],
        body: bytes,
        kept: ArchiveRef | None,
    ) -> None:
        """Schedule what an archived redirect or index leads to, then give it its outcome."""
        if _is_redirect(status):
            self._follow_redirect(
                scheduled, next((value for name, value in headers if name == "location"), "")
            )
            return
        outcome, reason = of_status(status)
        if kept is None and outcome != Outcome.PENDING:
            self._read_instead(scheduled, outcome, reason, f"HTTP {status}")
            return
        if kept is not None:
            record: Record = read_record(self._folder, kept)
            # A 304 has few headers; those of the body that it stands for say what it is.
            headers, body = record.headers, record.body
        self._read(scheduled, Answer(scheduled.url, status, headers, body, Hint.from_json(scheduled.hint)))

    def _follow_redirect(self, scheduled: Scheduled, location: str) -> None:
        target = canonical(location, scheduled.url) if location else None
        if target is None:
            self._settle(scheduled, Outcome.FAILED, "bad_redirect", location or "no Location header")
        elif self._leads_back(target, scheduled.url) or Hint.from_json(scheduled.hint).hops >= MAX_HOPS:
            self._settle(scheduled, Outcome.FAILED, "redirect_loop", target)
        elif scheduled.kind == "page" and self._is_home(target) and not self._is_home(scheduled.url):
            # What is gone is sent to the front page, rather than told to be.
            self._settle(scheduled, Outcome.GONE, "moved_home", target)
        else:
            self._frontier.redirect(target, scheduled)
            self._settle(scheduled, Outcome.REJECTED, MOVED, target)

    def _leads_back(self, target: str, url: str) -> bool:
        """Whether a redirect's target is the URL itself, or has led to it in this run."""
        for _ in range(MAX_HOPS):
            if target == url:
                return True
            visit = self._ledger.visit(self._run_id, target)
            if visit is None or visit.reason != MOVED:
                return False
            target = visit.detail
        return True

    def _is_home(self, url: str) -> bool:
        """Whether a URL is the source's front page, in one of the spellings that sites give it."""
        parsed, home = parse(url), parse(self._source.source.home)
        if parsed is None or home is None or parsed.query or same_site(parsed.site) != same_site(home.site):
            return False
        return parsed.path == home.path or _FRONT_PAGE.fullmatch(parsed.path) is not None

    def _read(self, scheduled: Scheduled, answer: Answer) -> None:
        try:
            found = discovery.read(self._source, answer)
        except IndexUnreadable as error:
            self._read_instead(scheduled, Outcome.FAILED, error.reason, error.detail)
            return
        except Exception as error:  # one page that breaks a reader is its own failure, not the run's
            logger.exception("%s: the reader of this index failed", answer.url)
            self._settle(scheduled, Outcome.FAILED, "discovery_error", f"{type(error).__name__}: {error}")
            return
        left_out, index_summary = self._frontier.add(found, scheduled)
        self._frontier.settle(scheduled.url, Outcome.INDEX, left_out, index_summary.to_json())

    def _read_instead(self, scheduled: Scheduled, outcome: Outcome, reason: str, detail: str) -> None:
        """An index that cannot be had: where others stand in for a closed one, that is no failure."""
        others = discovery.instead(Link(scheduled.url, "index", Hint.from_json(scheduled.hint)))
        self._frontier.add(Found(others), scheduled)
        is_closed = outcome == Outcome.GONE or reason.startswith(("http_4", "rest_"))
        if others and is_closed:
            self._settle(scheduled, Outcome.INDEX, reason or "absent", detail)
        else:
            self._settle(scheduled, outcome, reason, detail)

    def _settle(self, scheduled: Scheduled, outcome: Outcome, reason: str = "", detail: str = "") -> None:
        self._frontier.settle(scheduled.url, outcome, reason, detail[:_DETAIL_CHARACTERS])

    def _is_readable(self, kept: ArchiveRef | None) -> bool:
        try:
            return kept is not None and bool(read_record(self._folder, kept))
        except StorageError as error:
            logger.warning("%s: fetched again", error)
            return False


def _kept_body(received: Received, sha256: str, known: Known | None) -> ArchiveRef | None:
    """Where the body lies that a response stands for without bringing a new one; None for a new one."""
    if known is None:
        return None
    is_same = of_status(received.status)[0] == Outcome.PENDING and sha256 == known.sha256
    return known.ref if received.status == 304 or is_same else None


def _leads_on(kind: str, status: int) -> bool:
    """Whether a response is followed: every index's, since one that failed may have others in its place."""
    return kind == "index" or _is_redirect(status)


def _is_redirect(status: int) -> bool:
    return 300 <= status < 400 and status != 304


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
