"""The recorder of responses: each goes to the archive first, then to the ledger, then to discovery.

This order makes a kill harmless at any moment. A record that the ledger has not committed is cut off and
fetched again. Pages are committed in batches, so that several share one wait for the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from crawlers.discovery import FetchedPage, Hint
from crawlers.follower import LinkFollower, is_followed
from crawlers.frontier.frontier import Frontier
from crawlers.outcomes import MAX_DETAIL_CHARACTERS, of_status, of_title
from crawlers.permissions import optout
from crawlers.permissions.robots import PRODUCT
from output.archive.archive import ArchiveWriter
from output.base.records import ArchiveRef, Outcome, sha256_hex
from output.ledger.ledger import Ledger
from output.ledger.records import MOVED, OPT_OUT, Fetched, Known, Scheduled, Settled

# Pages that a kill may cost a second request.
_MAX_UNCOMMITTED = 16


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """A response as received: header names in lower case, the body decompressed."""

    status: int
    request_headers: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    ip: str = ""

    def header(self, name: str) -> str:
        """Return the first header of that name, or ""."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True)
class _EarlierBody:
    """An archived body that a response confirms or repeats, so that a revisit record is enough for it."""

    ref: ArchiveRef
    known: Known


class Recorder:
    """Keeps the responses of one run. Every method may raise StorageError."""

    def __init__(
        self, run_id: str, ledger: Ledger, frontier: Frontier, follower: LinkFollower, writer: ArchiveWriter
    ) -> None:
        self._run_id = run_id
        self._ledger = ledger
        self._frontier = frontier
        self._follower = follower
        self._writer = writer
        self._uncommitted: list[tuple[Fetched, Settled]] = []

    def record(self, scheduled: Scheduled, response: ReceivedResponse, known: Known | None) -> bool:
        """Keep a response; returns False where the URL must be requested again, for its whole body.

        A page that opts out is not archived: its outcome keeps the words of the opt-out.
        """
        signal = optout.in_headers(response.headers, PRODUCT) or optout.in_markup(response.body)
        if signal:
            self._settle(Settled(scheduled.url, Outcome.REFUSED, OPT_OUT, signal))
            return True
        sha256 = sha256_hex(response.body)
        earlier = _earlier_body(response, sha256, known)
        if self._is_useless_304(scheduled, response, earlier):
            return False
        fetched = self._archive(scheduled.url, response, sha256, earlier)
        if is_followed(scheduled.kind, response.status):
            self._record_and_follow(scheduled, response, fetched)
        else:
            self._record_page(scheduled, response, fetched, earlier)
        return True

    def record_failure(self, scheduled: Scheduled, settled: Settled) -> None:
        """Keep why there is no response. An index that is too large has failed: what it lists is unknown."""
        if scheduled.kind == "index" and settled.outcome is not Outcome.DEFERRED:
            outcome = Outcome.FAILED if settled.reason == "size" else settled.outcome
            self._follower.read_fallbacks(scheduled, outcome, settled.reason, settled.detail)
        else:
            self._settle(settled)

    @property
    def has_uncommitted(self) -> bool:
        """Whether `commit` has anything to do."""
        return bool(self._uncommitted)

    def commit(self) -> None:
        """Commit the written records to the ledger."""
        if self._uncommitted:
            self._writer.sync()
            self._ledger.fetched(self._run_id, self._uncommitted)
            self._uncommitted.clear()

    def _is_useless_304(
        self, scheduled: Scheduled, response: ReceivedResponse, earlier: _EarlierBody | None
    ) -> bool:
        """Whether a 304 confirms an index whose archived body cannot be read."""
        if response.status != 304 or scheduled.kind != "index":
            return False
        return earlier is None or not self._follower.can_read(earlier.ref)

    def _archive(
        self, url: str, response: ReceivedResponse, sha256: str, earlier: _EarlierBody | None
    ) -> Fetched:
        """Write the record of a response: a revisit where its body is archived already."""
        if earlier is None:
            ref = self._write_response(url, response, sha256)
        else:
            ref = self._write_revisit(url, response, earlier)
        return Fetched(
            url=url,
            status=response.status,
            ref=ref,
            record="revisit" if earlier else "response",
            sha256=earlier.known.sha256 if earlier else sha256,
            fetched_at=response.fetched_at,
            etag=response.header("etag"),
            last_modified=response.header("last-modified"),
            body_bytes=len(response.body),
            revisit_of=earlier.ref if earlier else None,
        )

    def _write_response(self, url: str, response: ReceivedResponse, sha256: str) -> ArchiveRef:
        return self._writer.write_response(
            url=url,
            status=response.status,
            reason=_reason_phrase(response.status),
            request_headers=response.request_headers,
            response_headers=response.headers,
            body=response.body,
            sha256=sha256,
            fetched_at=response.fetched_at,
            ip=response.ip,
        )

    def _write_revisit(self, url: str, response: ReceivedResponse, earlier: _EarlierBody) -> ArchiveRef:
        return self._writer.write_revisit(
            url=url,
            status=response.status,
            reason=_reason_phrase(response.status),
            request_headers=response.request_headers,
            response_headers=response.headers,
            fetched_at=response.fetched_at,
            refers_to=earlier.ref,
            refers_to_url=earlier.known.url,
            refers_to_date=earlier.known.fetched_at,
            sha256=earlier.known.sha256,
            ip=response.ip,
        )

    def _record_and_follow(self, scheduled: Scheduled, response: ReceivedResponse, fetched: Fetched) -> None:
        """Commit an index or a redirect as pending, then schedule its links, which gives it its outcome."""
        self._uncommitted.append((fetched, Settled(scheduled.url, Outcome.PENDING)))
        self.commit()
        self._follower.follow(scheduled, response.status, response.headers, response.body, fetched.revisit_of)

    def _record_page(
        self,
        scheduled: Scheduled,
        response: ReceivedResponse,
        fetched: Fetched,
        earlier: _EarlierBody | None,
    ) -> None:
        """Keep a page with its outcome, to be committed with the next pages."""
        page = FetchedPage(scheduled.url, response.status, response.headers, response.body, Hint())
        is_ok = of_status(response.status)[0] is Outcome.PENDING
        if is_ok and (moved := self._follower.moved(page, scheduled)):
            settled = moved
        elif earlier is None:
            settled = Settled(scheduled.url, *self._outcome_of_new_page(scheduled, page))
        else:
            settled = Settled(scheduled.url, Outcome.UNCHANGED if earlier.known.settled else Outcome.PENDING)
        self._uncommitted.append((fetched, settled))
        # That a page has moved is looked up when its target leads back.
        if settled.reason == MOVED or len(self._uncommitted) >= _MAX_UNCOMMITTED:
            self.commit()

    def _outcome_of_new_page(self, scheduled: Scheduled, page: FetchedPage) -> tuple[Outcome, str]:
        """Return the outcome of a page with a new body, whose links are scheduled."""
        outcome, reason = of_status(page.status)
        if outcome != Outcome.PENDING:
            return outcome, reason
        self._frontier.learn(scheduled.url, page.body)
        self._follower.add_page_links(page, scheduled)
        return of_title(page.body)

    def _settle(self, settled: Settled) -> None:
        detail = settled.detail[:MAX_DETAIL_CHARACTERS]
        self._frontier.settle(settled.url, settled.outcome, settled.reason, detail)


def _earlier_body(response: ReceivedResponse, sha256: str, known: Known | None) -> _EarlierBody | None:
    """Return the archived body that a response confirms (304) or repeats; None for a new body."""
    if known is None or known.ref is None:
        return None
    is_same = of_status(response.status)[0] == Outcome.PENDING and sha256 == known.sha256
    return _EarlierBody(known.ref, known) if response.status == 304 or is_same else None


def _reason_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
