"""The records that pass between the stages, and the words they use.

Small, frozen and typed: a stage takes records and gives records, so that any stage can be
run again from what the one before it left. Field names follow schema.org (Legislation,
CreativeWork), Dublin Core and WARC where these have a word for the thing.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any

# Raised when a field of Document, Removal, Rejection, Relation, Pair or RunReport changes its meaning
# or leaves; a reader refuses a dataset whose number is greater than the one it knows.
SCHEMA_VERSION = 1


class Outcome(StrEnum):
    """What became of a URL that a run scheduled; each has exactly one."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"  # not modified, or the same text as the version that stands
    REJECTED = "rejected"  # fetched, but no document: the reason says why
    FAILED = "failed"  # the fetch or the cleaning went wrong
    REFUSED = "refused"  # not fetched on purpose: robots, scope, trap, size, opt-out
    GONE = "gone"  # 404 or 410
    INDEX = "index"  # a page that only lists others
    HELD = "held"  # cleaned, but the run is held back by its source's expectations
    PENDING = "pending"  # scheduled or archived, and not yet settled


class Access(StrEnum):
    """Whether a text is whole; everything but FULL is a text that is cut, or may be."""

    FULL = "full"
    TEASER = "teaser"
    PAYWALLED = "paywalled"
    CAPTCHA = "captcha"
    EXCERPT = "excerpt"
    UNKNOWN = "unknown"


class RemovalKind(StrEnum):
    """What a removed block was."""

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


class RelationKind(StrEnum):
    """How two documents stand to each other; `a` is the survivor, the whole, the newer, the original, the
    page that the other hangs below.
    """

    SAME = "same"
    CONTAINS = "contains"
    VERSION = "version"
    TRANSLATION = "translation_of"
    ATTACHMENT = "attachment_of"


# The rule of a `same` that holds between documents, whatever their versions: `a` stands in the place of `b`,
# which its page gives no more.
SUCCESSOR = "successor"


class PairStatus(StrEnum):
    """How a unit of a text and its translation stand to each other."""

    ALIGNED = "aligned"
    COUNT_MISMATCH = "count_mismatch"  # one has more paragraphs than the other
    NUMBER_MISMATCH = "number_mismatch"  # each names a figure that the other has not
    ONE_SIDED = "one_sided"  # the other text has nothing for it


@dataclasses.dataclass(frozen=True, slots=True)
class ArchiveRef:
    """Where a record lies: file relative to the archive folder, byte offset and length of its gzip member."""

    file: str
    offset: int
    length: int


@dataclasses.dataclass(frozen=True, slots=True)
class RawPage:
    """One page as it came from the wire, or from a file: what cleaning starts from.

    `input_id` names the page in every receipt: the URL for a crawled page, the line's `id` or
    the path for `tamis extract`. `headers` hold lower-case names. `body` is decoded from its
    transfer and content encodings, but not from its charset. `sha256` is that of `body`, in hex.
    `robots` is the decision that allowed the fetch ("allow", or "" where none was asked);
    `tdm` holds the opt-out signals that came with the page.
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
        """The first header of that name, or ""."""
        return next((value for key, value in self.headers if key == name.lower()), "")


@dataclasses.dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document: level 1 to 6, and the offset of its line in the text, in characters."""

    level: int
    text: str
    offset: int


@dataclasses.dataclass(frozen=True, slots=True)
class Article:
    """A numbered unit of a law: its level's name, its number as a label, offset and length in characters."""

    level: str
    number: str
    offset: int
    length: int


@dataclasses.dataclass(frozen=True, slots=True)
class Evidence:
    """The words that led to a verdict, and where they stood: a block's path, a meta tag, a header."""

    text: str
    where: str


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """One document of one page, cleaned, with what is known of it.

    Dates are ISO 8601 and absent when the page does not give them. `text` is plain: a paragraph
    a line, a table row a line with tabs between its cells, list markers and footnotes kept.
    `version` is the SHA-256 of title and text; `id` stays the same when they change.
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
    """The receipt for a block that left the text.

    `rule` names what removed it (`lexicon:paywall_en`, `source:remove`, `engine:trafilatura`), `evidence` is
    the words or the score that decided, `offset` the block's place in the page's visible text, in characters.
    A reader's comment leaves no words: its `text` is empty and `evidence` is "sha256:" and a hash.
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
    """A page that yields no document: the reason in a word or two (`not_html`, `moved`), the evidence."""

    source_id: str
    input_id: str
    run_id: str
    url: str
    reason: str
    evidence: str
    raw_sha256: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Relation:
    """`a` stands to `b` as `relation` says; `score` is from 0 to 1, `rule` names what decided."""

    a: str
    b: str
    relation: RelationKind
    score: float
    rule: str
    run_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """A unit of document `a` and the same of its translation `b`; a side that has none is "" at offset -1.

    `level` is "article", "section" or "paragraph"; `number` is the original's own (else the translation's),
    and a paragraph's is that of its unit; `place` counts paragraphs from 1 within it, 0 for the unit itself.
    Offsets and lengths count characters of the documents' texts; `note` names what differs.
    """

    a: str
    b: str
    level: str
    number: str
    place: int
    status: PairStatus
    offset_a: int
    length_a: int
    offset_b: int
    length_b: int
    text_a: str
    text_b: str
    note: str = ""
    run_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class RunReport:
    """A run, as the `runs` table and `tamis report` give it.

    `outcomes` counts URLs by outcome and reason ("published", "refused: robots"); `removals`
    counts receipts by kind, `access` documents by verdict, `relations` relations by kind.
    `profile_fit` is how well the run's median page fits its site profile, 0 to 1; None where no page has one.
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
    """SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def text_version(title: str, text: str) -> str:
    """The version of a document: SHA-256 over title, NUL and text, lone surrogates kept apart."""
    return sha256_hex(f"{title}\0{text}".encode(errors="surrogatepass"))


# What most fields hold, and JSON and Arrow take as it is.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def as_dict(record: Any) -> dict[str, Any]:
    """A record as plain values for JSON and Arrow: enums as words, tuples as lists, records as dicts."""
    return {name: _plain(getattr(record, name)) for name in _field_names(record.__class__)}


@functools.cache
def _field_names(record: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(record))


def _plain(value: Any) -> Any:
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return as_dict(value)
    return value
