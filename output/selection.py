"""What a release takes of the dataset: the latest documents, and of the other tables what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from output.ordering import BUCKET_BYTES

# Relations hold between versions: one found before either side was amended no longer does. Of a pair that
# several runs looked at, the newest run's word counts.
_RELATIONS = """
create table chosen_relations as
    select distinct r.* from relations r
    join current a on a.id = r.a
    join current b on b.id = r.b
    where r.run_id >= greatest(a.run_id, b.run_id)
    qualify r.run_id = max(r.run_id) over (partition by least(r.a, r.b), greatest(r.a, r.b));
"""

# A rejection counts until its page gives a document. One that every run repeats keeps the run that said it
# first, so that a run which changes nothing changes no release.
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

# The receipts of a page are those of the run that its newest document is from; a rejection has its own.
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

# The order of a release, in buckets for output.ordering; a character takes up to three bytes.
_PLACES = """
create table document_places as
    select
        id, input_id, part, run_id, row_number() over sorted as place,
        (sum(characters * 3 + {row}) over sorted // {bucket})::bigint as bucket
    from chosen
    window sorted as (order by source_id, day nulls last, id rows unbounded preceding);

create table receipt_places as
    select
        source_id, input_id, run_id, row_number() over sorted as place,
        (sum(size) over sorted // {bucket})::bigint as bucket
    from receipts
    window sorted as (order by source_id, input_id, run_id rows unbounded preceding);

create view chosen_documents as
    select d.*, p.place, p.bucket from documents d join document_places p using (id, input_id, part, run_id);

create view chosen_removals as
    select r.*, p.place, p.bucket from removals r join receipt_places p using (source_id, input_id, run_id);
"""

# Bytes that a row takes beside its texts, roughly.
_ROW_BYTES = 1024


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Documents that a release leaves out: cut texts by verdict, and the duplicates of others."""

    cut: dict[str, int]
    same: int


def choose(connection: duckdb.DuckDBPyConnection, *, cut_texts: bool, duplicates: bool) -> LeftOut:
    """Make `chosen_documents`, `chosen_removals`, `chosen_relations` and `chosen_rejections`.

    The first two carry `place`, their row's or page's number in the order of the release, and `bucket`.
    `cut_texts` takes texts whose access is not full as well, `duplicates` those that a `same` relation
    does not name as survivors; otherwise they are left out and counted.
    """
    connection.execute("create table current as from latest_keys")
    connection.execute(_RELATIONS)
    connection.execute("create table chosen as from current")
    cut = {} if cut_texts else _leave_out_cut(connection)
    same = 0 if duplicates else _leave_out_duplicates(connection)
    connection.execute(_REJECTIONS)
    sizes = {"row": _ROW_BYTES, "bucket": BUCKET_BYTES}
    connection.execute(_REMOVALS.format(**sizes))
    connection.execute(_PLACES.format(**sizes))
    return LeftOut(cut, same)


def _leave_out_cut(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = "select access, count(*) from chosen where access <> 'full' group by all order by all"
    counts = dict(connection.execute(query).fetchall())
    connection.execute("delete from chosen where access <> 'full'")
    return counts


def _leave_out_duplicates(connection: duckdb.DuckDBPyConnection) -> int:
    """Take out of `chosen` what a relation `same` names the duplicate of a document that is chosen itself."""
    pairs = connection.execute(
        "select a, b from chosen_relations where relation = 'same' "
        "and a in (select id from chosen) and b in (select id from chosen) order by run_id, a, b"
    ).fetchall()
    survivors: dict[str, str] = {}
    for survivor, duplicate in pairs:
        while survivor in survivors:
            survivor = survivors[survivor]  # noqa: PLW2901 - follows the chain to the text that is kept
        if survivor != duplicate:
            survivors.setdefault(duplicate, survivor)
    connection.register("left_out", pa.table({"id": pa.array(survivors, pa.string())}))
    connection.execute("delete from chosen where id in (select id from left_out)")
    return len(survivors)
