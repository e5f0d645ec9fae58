"""What a release takes of the dataset: the latest documents, and of the other tables what belongs to them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

import duckdb
import pyarrow as pa

from output.base.errors import UsageError
from output.base.records import SUCCESSOR, Access
from output.formats.ordering import BUCKET_BYTES

# Runs in the order in which they related what they brought. Ids tell when a run began: of two sources that
# run at once, the first to begin may be the last to relate.
_RELATED = """
create table related as
    select run_id, row_number() over (order by coalesce(finished_at, started_at), run_id) as place from runs;
"""

# Of documents that came in several runs, the one that brought the version which stands: a later one may have
# brought it again, for what the page says beside its text.
_AMENDED = """
create table amended as
    with again as (select id from documents group by id having count(*) > 1),
    versions as (
        select id, run_id, place, hash(version) as version
        from documents semi join again using (id) join related using (run_id)
        qualify row_number() over (
            partition by id, run_id order by characters desc, documents.version desc, input_id, part
        ) = 1
    ),
    steps as (
        select id, place, version is distinct from lag(version) over history as is_new
        from versions window history as (partition by id order by run_id)
    )
    select id, max(place) as place from steps where is_new group by id;
"""

# What stands between two documents holds between versions: found before either side was amended, it no longer
# does. A file hangs below a page until the page itself is amended. Of a pair that several runs looked at, the
# newest run's word counts. Who stands in another's place does until that one comes again.
_BETWEEN = """
create table chosen_{name} as
    select distinct r.* from {name} r
    join current a on a.id = r.a
    join current b on b.id = r.b
    join related told on told.run_id = r.run_id
    join related of_a on of_a.run_id = a.run_id
    join related of_b on of_b.run_id = b.run_id
    left join amended text_a on text_a.id = r.a
    left join amended text_b on text_b.id = r.b
    where told.place >= {since}
    qualify told.place = max(told.place) over (partition by least(r.a, r.b), greatest(r.a, r.b));
"""

_TEXTS = "greatest(coalesce(text_a.place, of_a.place), coalesce(text_b.place, of_b.place))"
_SINCE = {
    "pairs": _TEXTS,
    "relations": "case when r.relation = 'attachment_of' then of_a.place"
    f" when r.rule = '{SUCCESSOR}' then of_b.place"
    f" else {_TEXTS} end",
}

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

# The order of a release, in buckets for output.formats.ordering; a character takes up to three bytes.
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

_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a release takes. An empty filter takes all; a document must pass each that is not.

    `languages` are BCP 47 ranges: "zh" takes zh-Hans too. `since` and `until` are ISO dates, both
    inclusive, held against the document's first known date (published, issued, effective); a document without
    one passes neither. `licences` are words, one of which the licence must hold, in any case. `access` are
    the verdicts to take, () all; `duplicates` takes what a relation `same` names a duplicate as well. Raises
    UsageError for a date or a verdict that is none.
    """

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    licences: tuple[str, ...] = ()
    access: tuple[str, ...] = (Access.FULL.value,)
    duplicates: bool = False

    def __post_init__(self) -> None:
        for day in (self.since, self.until):
            if day is not None and not _is_day(day):
                raise UsageError(f"{day!r} is no date: write it as 2026, 2026-01 or 2026-01-31")
        for verdict in self.access:
            if verdict not in set(Access):
                raise UsageError(f"{verdict!r} is no verdict: {', '.join(Access)} are")
        if self.since and self.until and self.since > f"{self.until}~":
            raise UsageError(f"nothing is both from {self.since} on and until {self.until}; turn them round")

    def parameters(self) -> dict[str, Any]:
        """The choice as the manifest keeps it; the order in which values were given has no say."""
        values = dataclasses.asdict(self)
        return {name: sorted(set(v)) if isinstance(v, tuple) else v for name, v in values.items()}


@dataclass(slots=True)
class LeftOut:
    """Documents that a release leaves out, each under the first filter it fails; cut texts by verdict."""

    filtered: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    same: int = 0


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"{text}-01-01"[: max(10, len(text))])
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None


def select_rows(connection: duckdb.DuckDBPyConnection, choice: Choice) -> LeftOut:
    """Make `chosen_` and its name for each table of the dataset but `runs`, and `left_out` (id, why).

    `chosen_documents` and `chosen_removals` carry `place`, their row's or page's number in the order of the
    release, and `bucket`. Raises UsageError for a source of which nothing is published.
    """
    connection.execute("create table current as from latest_keys")
    connection.execute(_RELATED)
    connection.execute(_AMENDED)
    for name, since in _SINCE.items():
        connection.execute(_BETWEEN.format(name=name, since=since))
    connection.execute("create table chosen as from current")
    _require(connection, choice.sources)
    connection.execute("create table left_out (id varchar, why varchar)")
    counts = LeftOut()
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
    for name in _SINCE:
        # A relation names the document that is left out; a pair would give its words.
        sides = "or" if name == "pairs" else "and"
        connection.execute(
            f"delete from chosen_{name} "  # noqa: S608
            f"where a not in (select id from chosen) {sides} b not in (select id from chosen)"
        )
    connection.execute(_REJECTIONS)
    if choice.sources:
        connection.execute(
            "delete from chosen_rejections where not list_contains(?, source_id)", [[*choice.sources]]
        )
    sizes = {"row": _ROW_BYTES, "bucket": BUCKET_BYTES}
    connection.execute(_REMOVALS.format(**sizes))
    connection.execute(_PLACES.format(**sizes))
    return counts


def _require(connection: duckdb.DuckDBPyConnection, sources: Collection[str]) -> None:
    found = connection.execute("select distinct source_id from chosen order by all").fetchall()
    there = [source for (source,) in found]
    for unknown in sources:
        if unknown not in there:
            near = get_close_matches(unknown, there, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(there)}"
            raise UsageError(f"{unknown!r}: nothing of this source is published; {advice}")


def _filters(choice: Choice) -> Iterator[tuple[str, str, list[Any]]]:
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
    connection.register("duplicates", pa.table({"id": pa.array(survivors, pa.string())}))
    _leave_out(connection, "same", "id not in (select id from duplicates)", [])
