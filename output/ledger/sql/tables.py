"""The tables of the ledger. Times are ISO 8601 texts in UTC, so that both databases compare them alike."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text, text

from output.base.records import Outcome

# Raised with each change that an older Tamis would misread.
LEDGER_VERSION = 5

metadata = MetaData()


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False, server_default=None if key else text("''"))


about = Table("ledger", metadata, Column("version", Integer, primary_key=True))

runs = Table(
    "runs",
    metadata,
    _text("run_id", key=True),
    _text("source_id"),
    _text("status"),
    _text("started_at"),
    Column("finished_at", Text),
    _text("report_json"),
    _text("archive"),
    Index("runs_of_source", "source_id", "started_at"),
)

# The frontier and the archive's index in one: a URL of a run, its record, its outcome.
visits = Table(
    "visits",
    metadata,
    _text("run_id", key=True),
    _text("url", key=True),
    _text("kind"),
    Column("depth", Integer, nullable=False),
    _text("discovered_from"),
    _text("hint"),
    _text("outcome"),
    _text("reason"),
    _text("detail"),
    Column("status", Integer),
    Column("file", Text),
    Column("offset", BigInteger),
    Column("length", BigInteger),
    _text("record"),
    _text("sha256"),
    Column("body_bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("fetched_at", Text),
    Index("visits_in_file", "file", "offset"),
    sqlite_with_rowid=False,
)

# Only of the URLs that a run left to the next one: few, which every run looks for.
_is_deferred = visits.c.outcome == Outcome.DEFERRED.value
deferred_visits = Index(
    "visits_deferred", visits.c.run_id, sqlite_where=_is_deferred, postgresql_where=_is_deferred
)

# The state of a URL over runs.
pages = Table(
    "pages",
    metadata,
    _text("source_id", key=True),
    _text("url", key=True),
    _text("kind"),
    _text("etag"),
    _text("last_modified"),
    _text("sha256"),
    Column("file", Text),
    Column("offset", BigInteger),
    Column("length", BigInteger),
    _text("fetched_at"),
    _text("checked_at"),
    Column("settled", Boolean, nullable=False),
    # Why the site no longer gives it, and the run that first found so; both are "" while it does.
    _text("ended"),
    _text("ended_run"),
    sqlite_with_rowid=False,
)

archive_files = Table(
    "archive_files",
    metadata,
    _text("file", key=True),
    _text("sha256"),
    Column("size", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The current documents and their versions.
documents = Table(
    "documents",
    metadata,
    _text("source_id", key=True),
    _text("id", key=True),
    _text("version"),
    _text("url"),
    _text("run_id"),
    Index("documents_of_url", "source_id", "url"),
    sqlite_with_rowid=False,
)

leases = Table(
    "leases",
    metadata,
    _text("source_id", key=True),
    _text("holder"),
    _text("since"),
    _text("seen_at"),
    _text("expires_at"),
    sqlite_with_rowid=False,
)

# URLs withdrawn on request: never fetched, read, cleaned or released again.
tombstones = Table(
    "tombstones",
    metadata,
    _text("url", key=True),
    _text("forgotten_at"),
    _text("forgotten_by"),
    _text("reason"),
    sqlite_with_rowid=False,
)

# Runs that were published although they break their source's expectations; `problems` is a JSON list.
acceptances = Table(
    "acceptances",
    metadata,
    _text("run_id", key=True),
    _text("accepted_at"),
    _text("accepted_by"),
    _text("reason"),
    _text("problems"),
    sqlite_with_rowid=False,
)
