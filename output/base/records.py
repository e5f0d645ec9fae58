"""The records of pages, documents and runs that pass between the stages.

They are small, frozen and typed. A stage takes records and returns records, so that any stage can be run
again from the results of the one before. Field names follow schema.org (Legislation, CreativeWork), Dublin
Core and WARC where these have a term.
"""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import datetime
from enum import StrEnum

# Raised when a field of Document, Removal, Rejection, Relation, Pair or RunReport changes its meaning or is
# removed; a reader refuses a dataset with a greater number than its own.
SCHEMA_VERSION = 1


class Outcome(StrEnum):
    """The outcome of a URL that a run scheduled; each has exactly one."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"  # not modified, or the same text as the current version
    REJECTED = "rejected"  # fetched, but no document: the reason says why
    FAILED = "failed"  # the fetch or the cleaning went wrong
    REFUSED = "refused"  # not fetched on purpose: robots, scope, trap, size, opt-out
    DEFERRED = "deferred"  # not fetched in this run: its host asked for too long a wait, or did not answer
    GONE = "gone"  # 404 or 410
    INDEX = "index"  # a page that only lists others
    HELD = "held"  # cleaned, but the run is held back by its source's expectations
    PENDING = "pending"  # scheduled or archived, and not yet settled


class Access(StrEnum):
    """Whether a text is whole; all values but FULL mean that it is cut, or may be."""

    FULL = "full"
    TEASER = "teaser"
    PAYWALLED = "paywalled"
    CAPTCHA = "captcha"
    EXCERPT = "excerpt"
    UNKNOWN = "unknown"


class RemovalKind(StrEnum):
    """The kind of a removed block."""

    NAV = "nav"
    BREADCRUMB = "breadcrumb"
    LOGIN = "login"
    PAYWALL = "paywall"
    TEASER = "teaser"
    COMMENTS = "comments"
    COMMENT_FORM = "comment_form"
    CAPTCHA = "captcha"
    SHARE = "share"
    RELATED = "related"
    APP_BANNER = "app_banner"
    COOKIE = "cookie"
    SEARCH = "search"
    PAGE_TOOLS = "page_tools"
    BYLINE = "byline"  # kept as metadata
    COPYRIGHT = "copyright"
    LICENCE_FOOTER = "licence_footer"
    DISCLAIMER = "disclaimer"  # kept as metadata
    ADVERTISEMENT = "advertisement"
    OTHER = "other"
    REJECTED = "rejected"  # the text of a page that yields no document


@dataclasses.dataclass(frozen=True, slots=True)
class ArchiveRef:
    """The place of a record: file relative to the archive folder, offset and length of its gzip member."""

    file: str
    offset: int
    length: int


@dataclasses.dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it was fetched, or read from a file: the input of cleaning.

    `input_id` names the page in every receipt: the URL of a crawled page, the line's `id` or the path for
    `tamis extract`. `headers` have lower-case names. `body` is decoded from its transfer and content
    encodings, but not from its charset. `sha256` is that of `body`, in hex. `robots` is the decision that
    allowed the fetch ("allow", or "" where none was needed). `tdm` holds the opt-out signals of the page.
    """

    input_id: str
    source_id: str
    url: str
    body: bytes
    sha256: str
    fetched_at: datetime | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    archive: ArchiveRef | None = None
    run_id: str = ""
    site: str = ""
    robots: str = ""
    tdm: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """Return the first header of that name, or ""."""
        return next((value for key, value in self.headers if key == name.lower()), "")


@dataclasses.dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document: level 1 to 6, and the offset of its line in the text, in characters."""

    level: int
    text: str
    offset: int


@dataclasses.dataclass(frozen=True, slots=True)
class Article:
    """A numbered unit of a law: the name of its level, its number, offset and length in characters."""

    level: str
    number: str
    offset: int
    length: int


@dataclasses.dataclass(frozen=True, slots=True)
class Evidence:
    """The words that led to a verdict, and where they were found: a block's path, a meta tag, a header."""

    text: str
    where: str


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """A cleaned document of a page, with its metadata.

    Dates are ISO 8601, and None where the page does not give them. `text` is plain: each paragraph is a line,
    each table row a line with tabs between its cells; list markers and footnotes are kept. `version` is the
    SHA-256 of title and text; `id` stays the same when they change.
    """

    # identity
    id: str
    version: str
    source_id: str
    input_id: str
    url: str
    part: int = 0
    canonical_url: str | None = None
    work_id: str | None = None
    translation_of: str | None = None
    schema_version: int = SCHEMA_VERSION
    # text
    title: str = ""
    text: str = ""
    language: str = "und"
    headings: tuple[Heading, ...] = ()
    articles: tuple[Article, ...] = ()
    # who
    authors: tuple[str, ...] = ()
    site: str | None = None
    # law
    document_type: str | None = None
    document_number: str | None = None
    issuer: str | None = None
    issuer_id: str | None = None
    jurisdiction: str | None = None
    legal_status: str | None = None
    # dates
    date_published: str | None = None
    date_issued: str | None = None
    date_effective: str | None = None
    # access
    access: Access = Access.UNKNOWN
    access_evidence: tuple[Evidence, ...] = ()
    # rights
    licence: str | None = None
    robots: str = ""
    tdm: tuple[str, ...] = ()
    translation_status: str | None = None
    attribution: str | None = None
    # provenance
    fetched_at: str | None = None
    last_modified: str | None = None
    raw_sha256: str = ""
    archive_file: str | None = None
    archive_offset: int | None = None
    run_id: str = ""
    rules_version: str = ""
    model_version: str = ""
    profile_version: str | None = None
    # quality
    characters: int = 0
    share_kept: float = 0.0
    profile_fit: float | None = None
    warnings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Removal:
    """The receipt for a block that was removed.

    `rule` names what removed it (`lexicon:paywall_en`, `source:remove`, `engine:trafilatura`). `evidence` is
    the words or the score that decided, `offset` the block's position in the page's visible text, in
    characters. A reader's comment leaves no words: its `text` is empty, `evidence` is "sha256:" and a hash.
    """

    source_id: str
    input_id: str
    run_id: str
    kind: RemovalKind
    rule: str
    evidence: str
    offset: int
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Rejection:
    """A page that yields no document: the reason in a word or two (`not_html`, `moved`), and evidence."""

    source_id: str
    input_id: str
    run_id: str
    url: str
    reason: str
    evidence: str
    raw_sha256: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class RunReport:
    """The report of a run, in the `runs` table and in `tamis report`.

    `outcomes` counts URLs by outcome and reason ("published", "refused: robots"), `removals` receipts by
    kind, `access` documents by verdict, `relations` relations by kind. `profile_fit` is how well the run's
    median page fits its site profile, 0 to 1; None where no page has one.
    """

    run_id: str
    source_id: str
    status: str
    started_at: str
    finished_at: str | None = None
    scheduled: int = 0
    fetched: int = 0
    fetched_bytes: int = 0
    documents: int = 0
    new: int = 0
    changed: int = 0
    outcomes: tuple[tuple[str, int], ...] = ()
    removals: tuple[tuple[str, int], ...] = ()
    access: tuple[tuple[str, int], ...] = ()
    relations: tuple[tuple[str, int], ...] = ()
    messages: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION
    profile_fit: float | None = None


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def text_version(title: str, text: str) -> str:
    """Return the version of a document: the SHA-256 of title, NUL and text; lone surrogates count."""
    return sha256_hex(f"{title}\0{text}".encode(errors="surrogatepass"))
