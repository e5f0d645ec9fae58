"""The records of the ledger: runs, the URLs that they schedule and fetch, what is kept of a URL over runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from output.base.records import ArchiveRef, Outcome


class RunStatus(StrEnum):
    """How far a run is; the last three end it."""

    CRAWLING = "crawling"
    CRAWLED = "crawled"
    PUBLISHED = "published"
    HELD = "held"
    FAILED = "failed"


# A run in one of these goes on when its source is run again.
UNFINISHED = (RunStatus.CRAWLING, RunStatus.CRAWLED)

# After these nothing is left to do for a body; before, a 304 is no reason to skip the page.
TERMINAL_OUTCOMES = (Outcome.PUBLISHED, Outcome.UNCHANGED, Outcome.REJECTED, Outcome.INDEX)

# A body that came with one of these is cut, was declined, or says that there is none: no later 304 may
# stand for it.
OUTCOMES_WITHOUT_BODY = (Outcome.FAILED, Outcome.REFUSED, Outcome.GONE)

# What a page ends with: the reasons for which a site keeps it from us, that for which it is asked at another
# address, and that there is none.
OPT_OUT = "opt_out"
CLOSED = (OPT_OUT, "robots")
MOVED = "moved"
GONE = "gone"

# The reason for which a URL that was withdrawn on request is refused.
FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of a source; `report_json` is "" until its report is stored."""

    run_id: str
    source_id: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None = None
    report_json: str = ""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A URL that a run is to fetch: a "page", or an "index" that only lists others.

    `depth` counts the links from a start URL; `hint` is what discovery knew of it, as a small JSON text.
    """

    url: str
    kind: str = "page"
    discovered_from: str = ""
    depth: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept about a URL over runs.

    `ref` is the response record that holds the body, never a revisit, fetched at `fetched_at`;
    `checked_at` is when the server was last asked. Where `settled` is False the body was fetched but
    never published, rejected or found unchanged (its run was held back, or failed): a 304 then leaves the
    page `pending`, to be cleaned from `ref`. `ended` says why its site gives it no more: "gone", "opt_out",
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
        """Whether there is a body that may be cleaned: what opted out since is left as it was published, and
        what moved, or is gone and given by another page, is read there.
        """
        is_read_elsewhere = self.ended == MOVED or (self.ended == GONE and not self.settled)
        return self.ref is not None and self.ended != OPT_OUT and not is_read_elsewhere


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response that is in the archive: `record` is "response" or "revisit".

    `sha256` is that of the body, in hex, for a revisit that of the body it refers to, which lies at
    `revisit_of`. `body_bytes` counts what came, decoded.
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
    """What became of a visited URL; `documents` are the (document id, version) pairs it stands for."""

    url: str
    outcome: Outcome
    reason: str = ""
    detail: str = ""
    documents: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """A URL of a run and what became of it; `ref` is None where nothing was archived."""

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
    """Where a URL stands after all runs of its source: its last outcome that says more than "unchanged".

    `fetched` tells that the archive holds its body, `published` that a document of it stands.
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

    Until the file is closed they are "" and 0.
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
    """Who published a run although it breaks what its source expects, when, why, and what it breaks."""

    run_id: str
    accepted_at: datetime
    accepted_by: str
    reason: str
    problems: tuple[str, ...]
