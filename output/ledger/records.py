"""The records of the ledger: runs, the URLs that they schedule and fetch, the state of URLs over runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from output.base.records import ArchiveRef, Outcome


class RunStatus(StrEnum):
    """The status of a run; the last three are final."""

    CRAWLING = "crawling"
    CRAWLED = "crawled"
    PUBLISHED = "published"
    HELD = "held"
    FAILED = "failed"


# A run with one of these goes on when its source is run again.
UNFINISHED = (RunStatus.CRAWLING, RunStatus.CRAWLED)

# With one of these a body is settled. Before, a 304 is no reason to skip the page.
TERMINAL_OUTCOMES = (Outcome.PUBLISHED, Outcome.UNCHANGED, Outcome.REJECTED, Outcome.INDEX)

# A response with one of these has no body to keep: it is cut, was declined, or there is none. A later 304
# does not renew it.
OUTCOMES_WITHOUT_BODY = (Outcome.FAILED, Outcome.REFUSED, Outcome.DEFERRED, Outcome.GONE)

# Why a site no longer gives a page: it opted out or closes it by robots.txt, it moved, it is gone.
OPT_OUT = "opt_out"
CLOSED_REASONS = (OPT_OUT, "robots")
MOVED = "moved"
GONE = "gone"

# Why a host is left for a run. The detail of RETRY_AFTER is the time from which it may be asked, in ISO 8601.
TOO_LONG_DELAY = "crawl_delay"
RETRY_AFTER = "retry_after"
NO_ANSWER = "no_answer"

# The reason of a refused URL that was withdrawn on request.
FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of a source; `report_json` is "" until the report is stored.

    `archive` is the place of its archive, "host:folder"; "" for runs of before places were kept.
    """

    run_id: str
    source_id: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None = None
    report_json: str = ""
    archive: str = ""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A URL that a run is to fetch: a "page", or an "index" that only lists others.

    `depth` counts the links from a start URL; `hint` is what discovery knows of it, as a small JSON text.
    """

    url: str
    kind: str = "page"
    discovered_from: str = ""
    depth: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The state of a URL that earlier fetches left.

    `ref` is the response record that holds the body, never a revisit, fetched at `fetched_at`;
    `checked_at` is when the server was last asked. Where `settled` is False the body was never published,
    rejected or found unchanged, because its run was held back or failed. A 304 then leaves the page
    `pending`, to be cleaned from `ref`. `ended` is why the site no longer gives the page: "gone", "opt_out",
    "robots", "moved", or "" while it does.
    """

    url: str
    kind: str
    etag: str
    last_modified: str
    sha256: str
    ref: ArchiveRef | None
    fetched_at: datetime
    checked_at: datetime
    settled: bool
    ended: str = ""

    @property
    def may_be_mined(self) -> bool:
        """Whether there is a body that may be cleaned.

        A page that opted out since stays as it was published. A page that moved, or is gone and was replaced
        by another, is read there.
        """
        is_read_elsewhere = self.ended == MOVED or (self.ended == GONE and not self.settled)
        return self.ref is not None and self.ended != OPT_OUT and not is_read_elsewhere


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response in the archive: `record` is "response" or "revisit".

    `sha256` is that of the body, in hex; a revisit has that of the body it refers to, which lies at
    `revisit_of`. `body_bytes` counts the received body, decoded.
    """

    url: str
    status: int
    ref: ArchiveRef
    record: str
    sha256: str
    fetched_at: datetime
    etag: str = ""
    last_modified: str = ""
    body_bytes: int = 0
    revisit_of: ArchiveRef | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of a visited URL; `documents` are the (document id, version) pairs of its page."""

    url: str
    outcome: Outcome
    reason: str = ""
    detail: str = ""
    documents: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """A URL of a run with its outcome; `ref` is None where nothing was archived."""

    run_id: str
    url: str
    kind: str
    outcome: Outcome
    reason: str
    detail: str
    status: int | None
    ref: ArchiveRef | None
    record: str
    sha256: str
    body_bytes: int
    fetched_at: datetime | None
    depth: int
    discovered_from: str
    hint: str


@dataclass(frozen=True, slots=True)
class UrlState:
    """The state of a URL after all runs of its source: its last outcome but "unchanged" and "deferred".

    `fetched` is whether the archive holds its body, `published` whether a document of it is current.
    """

    url: str
    kind: str
    outcome: Outcome
    reason: str
    detail: str
    hint: str
    fetched: bool
    published: bool


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """An archive file: where its last committed record ends, and the SHA-256 of its first `size` bytes.

    Until the file is closed, `sha256` is "" and `size` 0.
    """

    file: str
    end: int
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A URL withdrawn on request: when, by whom, and why."""

    url: str
    forgotten_at: datetime
    forgotten_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who published a run although it breaks its source's expectations, when, why, and which it breaks."""

    run_id: str
    accepted_at: datetime
    accepted_by: str
    reason: str
    problems: tuple[str, ...]
