"""The changes between a release and the one before: by the pages, by the cleaning, or by request.

A document is *amended* where its page's bytes changed and the same rules, model and profile cleaned both. It
is *re-cleaned* where the bytes are the same, so that the cleaning changed. It is *both* where bytes and rules
changed in one step, so that the cause is unknown. Where several runs lie between two releases, each step
counts by itself.
"""

from __future__ import annotations

import glob
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from output.base.wording import counted
from output.dataset.views import quoted, rows
from output.formats.parquet import GROUP_ROWS, parquet_writer, row_groups
from output.formats.untrusted_text import markdown

NAME, TABLE = "CHANGES.md", "changes.parquet"

# Documents listed under each heading; the table lists all.
MAX_DOCUMENTS_LISTED = 50

COLUMNS = pa.schema(
    [(name, pa.string()) for name in ("change", "id", "why", "title", "url", "version_before", "version")]
)

_CHANGE_MEANINGS = {
    "added": "in this release for the first time",
    "amended": "the page changed, and with it the text",
    "re-cleaned": "the page is the same; our rules, model or profile read it otherwise",
    "both": "page and rules changed in one step, so the change may be either's",
    "described": "the text is the same; what is said about it changed",
    "withdrawn": "no longer in this release",
    "forgotten": "withdrawn on request, and so not named",
}

_WITHDRAWAL_REASONS = {
    "same": "a duplicate of another document",
    "cut": "its text is cut, or may be",
    "": "no longer in the dataset",
}

_NOW = """
create view now as
    select id, version, title, url, run_id
    from documents semi join document_positions using (id, input_id, part, run_id)
"""

_NO_BEFORE = "create view before as select * from documents limit 0"
_BEFORE = "create view before as select * from read_parquet(?, union_by_name = true)"

# A step is from one version of a document to the next that a run brought.
_STEPS = """
create table touched as
    select b.id, b.run_id, b.version, n.version as version_now
    from before b join now n using (id) where n.run_id <> b.run_id or n.version <> b.version;

create table steps as
    with history as (
        select id, run_id, version, raw_sha256, [rules_version, model_version, profile_version] as ours
        from before semi join touched using (id)
        union all
        select d.id, d.run_id, d.version, d.raw_sha256, [d.rules_version, d.model_version, d.profile_version]
        from documents d join touched t on t.id = d.id and d.run_id > t.run_id
        qualify row_number() over (
            partition by d.id, d.run_id order by d.characters desc, d.version desc, d.input_id, d.part
        ) = 1
    )
    select
        id, version <> lag(version) over w as text, raw_sha256 <> lag(raw_sha256) over w as page,
        ours is distinct from lag(ours) over w as ours
    from history
    window w as (partition by id order by run_id);

create table changes as
    select
        case
            when max(t.version <> t.version_now) = false then 'described'
            when bool_or(s.text and s.page and not s.ours) then 'amended'
            when bool_or(s.text and s.page and s.ours) then 'both'
            else 're-cleaned'
        end as change,
        id, '' as why
    from touched t join steps s using (id) group by id
    union all
    select 'added', id, '' from now anti join before using (id)
    union all
    select
        case when sha256(b.input_id) in (from forgotten) or sha256(b.url) in (from forgotten)
            or sha256(b.id) in (from forgotten)
            then 'forgotten' else 'withdrawn' end,
        id, coalesce(l.why, '')
    from before b left join left_out l using (id) anti join now using (id);
"""

_TABLE = """
from (
    select c.change, c.id, c.why, coalesce(n.title, b.title) as title, coalesce(n.url, b.url) as url,
        b.version as version_before, n.version as version
    from changes c left join now n using (id) left join before b using (id)
    where c.change <> 'forgotten' and (select count(*) from before) > 0
) order by all
"""


def write_changes(
    folder: Path, connection: duckdb.DuckDBPyConnection, before: Path | None, forgotten: Collection[str]
) -> dict[str, int]:
    """Write CHANGES.md and changes.parquet for the rows of `select_rows`; return the number of each change.

    `before` is the folder of the release before, None for the first of its kind, whose table is empty.
    `forgotten` are the SHA-256 of the URLs that were withdrawn on request; their documents are counted, but
    not named.
    """
    connection.execute(_NOW)
    connection.register("forgotten", pa.table({"sha256": pa.array(sorted(forgotten), pa.string())}))
    files = (
        [glob.escape(str(path)) for path in sorted((before / "documents").glob("*.parquet"))]
        if before
        else []
    )
    if files:
        # A view takes no parameters; these quoted names of files are Tamis's own.
        connection.execute(_BEFORE.replace("?", f"[{quoted(files)}]"))
    else:
        connection.execute(_NO_BEFORE)
    connection.execute(_STEPS)
    counts = dict(
        connection.execute("select change, count(*) from changes group by all order by all").fetchall()
    )
    with parquet_writer(folder / TABLE, COLUMNS) as writer:
        for group in row_groups(rows(connection, _TABLE, COLUMNS), COLUMNS):
            writer.write_table(group, row_group_size=GROUP_ROWS)
    (folder / NAME).write_text(_text(connection, before, counts), "utf-8")
    return {name: counts[name] for name in _CHANGE_MEANINGS if name in counts}


def _text(connection: duckdb.DuckDBPyConnection, before: Path | None, counts: dict[str, int]) -> str:
    if before is None:
        documents = counted(counts.get("added", 0), "document")
        return f"# Changes\n\nThe first release of this selection: {documents}.\n"
    parts = [f"# Changes since {before.name}"]
    if counts:
        table = [
            f"| {name} | {counts[name]:,} | {meaning} |"
            for name, meaning in _CHANGE_MEANINGS.items()
            if name in counts
        ]
        parts.append("\n".join(["| Documents | | |", "|---|---:|---|", *table]))
        if counts.keys() - {"forgotten"}:
            parts.append(f"`{TABLE}` names each of them but the forgotten.")
    else:
        parts.append("No document was added, changed or withdrawn; what belongs to them did.")
    parts += [
        f"## {name.capitalize()}\n\n{_named(connection, name, counts[name])}"
        for name in _CHANGE_MEANINGS
        if name in counts and name != "forgotten"
    ]
    return "\n\n".join(parts) + "\n"


def _named(connection: duckdb.DuckDBPyConnection, change: str, count: int) -> str:
    found = connection.execute(
        "select coalesce(n.title, b.title), coalesce(n.url, b.url), c.why from changes c "
        "left join now n using (id) left join before b using (id) where c.change = ? order by c.id limit ?",
        [change, MAX_DOCUMENTS_LISTED],
    ).fetchall()
    lines = [_line(change, *row) for row in found]
    more = [f"- and {count - len(found):,} more"] if count > len(found) else []
    return "\n".join([*lines, *more])


def _line(change: str, title: Any, url: Any, why: str) -> str:
    reason = _WITHDRAWAL_REASONS.get(why, f"its {why} is not among those chosen")
    note = f" ({reason})" if change == "withdrawn" else ""
    return f"- {markdown(title or 'untitled', 120)}, {markdown(url or '', 300)}{note}"
