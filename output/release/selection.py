"""The rows of a release: the latest documents that pass its filters, and the rows that belong to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import duckdb
import pyarrow as pa

from output.base.errors import UsageError
from output.base.records import Access
from output.base.relations import SUCCESSOR
from output.formats.ordering import BUCKET_BYTES
from output.release.choice import Choice

# Runs in the order in which they related their documents, at their end. Ids tell when a run began: of two
# sources that run at once, the first to begin may be the last to end.
_RUN_ORDER = """
create table run_order as
    select run_id, row_number() over (order by coalesce(finished_at, started_at), run_id) as position
    from runs;
"""

# For documents of several runs, the run that brought their current text: a later run may have brought it
# again, because other metadata of the page changed.
_LAST_CHANGED = """
create table last_changed as
    with repeated as (select id from documents group by id having count(*) > 1),
    versions as (
        select id, run_id, position, hash(version) as version
        from documents semi join repeated using (id) join run_order using (run_id)
        qualify row_number() over (
            partition by id, run_id order by characters desc, documents.version desc, input_id, part
        ) = 1
    ),
    steps as (
        select id, position, version is distinct from lag(version) over history as is_new
        from versions window history as (partition by id order by run_id)
    )
    select id, max(position) as position from steps where is_new group by id;
"""

# Relations and pairs hold between versions, and no longer once either text has changed since. An attachment
# belongs to its page until the page itself changes. A successor replaces a document until that one comes
# again. Where several runs compared two documents, the newest run counts.
_CHOSEN_PAIRS = """
create table chosen_{name} as
    select distinct r.* from {name} r
    join current a on a.id = r.a
    join current b on b.id = r.b
    join run_order compared on compared.run_id = r.run_id
    join run_order of_a on of_a.run_id = a.run_id
    join run_order of_b on of_b.run_id = b.run_id
    left join last_changed text_a on text_a.id = r.a
    left join last_changed text_b on text_b.id = r.b
    where compared.position >= {since}
    qualify compared.position =
        max(compared.position) over (partition by least(r.a, r.b), greatest(r.a, r.b));
"""

_TEXTS_CHANGED = (
    "greatest(coalesce(text_a.position, of_a.position), coalesce(text_b.position, of_b.position))"
)
_VALID_SINCE = {
    "pairs": _TEXTS_CHANGED,
    "relations": "case when r.relation = 'attachment_of' then of_a.position"
    f" when r.rule = '{SUCCESSOR}' then of_b.position"
    f" else {_TEXTS_CHANGED} end",
}

# A rejection counts until its page gives a document. One that every run repeats keeps its first run, so that
# a run without changes does not change the release.
_REJECTIONS = """
create table chosen_rejections as
    with spans as (
        select *, max(run_id) over page as newest, max(run_id) over verdict as last_said
        from rejections
        window page as (partition by source_id, input_id),
            verdict as (partition by source_id, input_id, url, reason, evidence, raw_sha256)
    )
    select s.* exclude (newest, last_said) from spans s
    where s.last_said = s.newest and not exists (
        from current c where c.source_id = s.source_id and c.input_id = s.input_id and c.run_id > s.newest
    )
    qualify row_number() over (
        partition by s.source_id, s.input_id order by s.run_id, s.reason, s.evidence, s.url, s.raw_sha256
    ) = 1;
"""

# The receipts of a page are those of the run of its newest document, or of its rejection.
_REMOVALS = """
create table chosen_pages as
    select source_id, input_id, max(run_id) as run_id from chosen group by all
    union
    select source_id, input_id, run_id from chosen_rejections;

create table receipts as
    select source_id, input_id, run_id, sum(strlen(text) + strlen(evidence) + {row}) as size
    from removals semi join chosen_pages using (source_id, input_id, run_id)
    group by all;
"""

# The order of a release, in buckets for output.formats.ordering; a character takes up to three bytes.
_POSITIONS = """
create table document_positions as
    select
        id, input_id, part, run_id, row_number() over sorted as position,
        (sum(characters * 3 + {row}) over sorted // {bucket})::bigint as bucket
    from chosen
    window sorted as (order by source_id, day nulls last, id rows unbounded preceding);

create table receipt_positions as
    select
        source_id, input_id, run_id, row_number() over sorted as position,
        (sum(size) over sorted // {bucket})::bigint as bucket
    from receipts
    window sorted as (order by source_id, input_id, run_id rows unbounded preceding);

create view chosen_documents as
    select d.*, p.position, p.bucket
    from documents d join document_positions p using (id, input_id, part, run_id);

create view chosen_removals as
    select r.*, p.position, p.bucket
    from removals r join receipt_positions p using (source_id, input_id, run_id);
"""

# A row takes roughly so many bytes beside its texts.
_ROW_BYTES = 1024


@dataclass(slots=True)
class LeftOutCounts:
    """Counts of the documents that a release leaves out, by the first filter that they fail."""

    filtered: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    same: int = 0


def select_rows(connection: duckdb.DuckDBPyConnection, choice: Choice) -> LeftOutCounts:
    """Create `chosen_NAME` for each table of the dataset but `runs`, and the table `left_out` (id, why).

    `chosen_documents` and `chosen_removals` have two more columns: `position`, the number of their document
    or page in the release, and `bucket`. Raises UsageError for a source of which nothing is published.
    """
    connection.execute("create table current as from latest_keys")
    _select_valid_relations(connection)
    connection.execute("create table chosen as from current")
    _require_published(connection, choice.sources)
    counts = _apply_filters(connection, choice)
    _drop_relations_of_left_out(connection)
    _select_rejections(connection, choice.sources)
    sizes = {"row": _ROW_BYTES, "bucket": BUCKET_BYTES}
    connection.execute(_REMOVALS.format(**sizes))
    connection.execute(_POSITIONS.format(**sizes))
    return counts


def _select_valid_relations(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_RUN_ORDER)
    connection.execute(_LAST_CHANGED)
    for name, since in _VALID_SINCE.items():
        connection.execute(_CHOSEN_PAIRS.format(name=name, since=since))


def _apply_filters(connection: duckdb.DuckDBPyConnection, choice: Choice) -> LeftOutCounts:
    """Move the documents that fail a filter from `chosen` to `left_out`."""
    connection.execute("create table left_out (id varchar, why varchar)")
    counts = LeftOutCounts()
    for why, condition, values in _filters(choice):
        _leave_out(connection, why, condition, values)
        counts.filtered[why] = _left_out(connection, why)
    verdicts = [*(choice.access or Access)]
    cut = "select access, count(*) from chosen where not list_contains(?, access) group by all order by all"
    counts.cut = dict(connection.execute(cut, [verdicts]).fetchall())
    _leave_out(connection, "cut", "list_contains(?, access)", [verdicts])
    if not choice.duplicates:
        _leave_out_duplicates(connection)
        counts.same = _left_out(connection, "same")
    return counts


def _drop_relations_of_left_out(connection: duckdb.DuckDBPyConnection) -> None:
    for name in _VALID_SINCE:
        # A relation may name a document that is left out; a pair would give its words.
        sides = "or" if name == "pairs" else "and"
        connection.execute(
            f"delete from chosen_{name} "  # noqa: S608
            f"where a not in (select id from chosen) {sides} b not in (select id from chosen)"
        )


def _select_rejections(connection: duckdb.DuckDBPyConnection, sources: Collection[str]) -> None:
    connection.execute(_REJECTIONS)
    if sources:
        connection.execute(
            "delete from chosen_rejections where not list_contains(?, source_id)", [[*sources]]
        )


def _require_published(connection: duckdb.DuckDBPyConnection, sources: Collection[str]) -> None:
    found = connection.execute("select distinct source_id from chosen order by all").fetchall()
    published = [source for (source,) in found]
    for source in sources:
        if source not in published:
            near = get_close_matches(source, published, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"published are {', '.join(published)}"
            raise UsageError(f"{source!r}: nothing of this source is published; {advice}")


def _filters(choice: Choice) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield the name, the SQL condition and its values for each filter that is not empty."""
    if choice.sources:
        yield "source", "list_contains(?, source_id)", [[*choice.sources]]
    if choice.languages:
        ranges = [tag.lower() for tag in choice.languages]
        condition = "[r for r in ? if lower(language) = r or starts_with(lower(language), r || '-')]"
        yield "language", f"len({condition}) > 0", [ranges]
    if choice.since or choice.until:
        first, last = choice.since or "", f"{choice.until or '9999'}~"
        yield "date", "day is not null and substr(day, 1, 10) between ? and ?", [first, last]
    if choice.licences:
        words = [word.lower() for word in choice.licences]
        yield "licence", "len([w for w in ? if contains(lower(licence), w)]) > 0", [words]


def _leave_out(connection: duckdb.DuckDBPyConnection, why: str, condition: str, values: list[Any]) -> None:
    fails = f"({condition}) is not true"
    connection.execute(f"insert into left_out select id, '{why}' from chosen where {fails}", values)  # noqa: S608
    connection.execute(f"delete from chosen where {fails}", values)  # noqa: S608


def _left_out(connection: duckdb.DuckDBPyConnection, why: str) -> int:
    (count,) = connection.execute("select count(*) from left_out where why = ?", [why]).fetchall()[0]
    return int(count)


def _leave_out_duplicates(connection: duckdb.DuckDBPyConnection) -> None:
    """Move documents to `left_out` that a relation `same` names as duplicates of a chosen document."""
    pairs = connection.execute(
        "select a, b from chosen_relations where relation = 'same' "
        "and a in (select id from chosen) and b in (select id from chosen) order by run_id, a, b"
    ).fetchall()
    survivors: dict[str, str] = {}
    for survivor, duplicate in pairs:
        while survivor in survivors:
            survivor = survivors[survivor]  # noqa: PLW2901 - follows the chain to the document that is kept
        if survivor != duplicate:
            survivors.setdefault(duplicate, survivor)
    connection.register("duplicates", pa.table({"id": pa.array(survivors, pa.string())}))
    _leave_out(connection, "same", "id not in (select id from duplicates)", [])
