"""Finding the page that `tamis explain` is asked for: in the dataset and the archive, or in a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaning.pipeline import clean, visible_lines
from flows.explain.explanation import DocumentFacts, Explanation, take_apart
from flows.extract.inputs import MEDIA_TYPES, InputUnreadable, read_pages
from flows.workspace.workspace import Workspace
from output.base.errors import StorageError, UsageError
from output.base.extras import require
from output.base.records import RawPage, Removal, sha256_hex
from output.base.serialize import as_dict
from output.ledger.tombstones import url_hash

if TYPE_CHECKING:
    import duckdb

    from output.base.records import ArchiveRef

_BY_NAME = "$name in (id, url, input_id) or canonical_url = $name"
# Documents among which the nearest id or URL to a mistyped one is looked for.
_MAX_COMPARED = 20_000


def find(data: Path, page: str) -> Explanation:
    """Explain a document's id, a page's URL, or a saved page. Raises UsageError, StorageError."""
    file = Path(page)
    if file.suffix.lower() in MEDIA_TYPES and file.is_file():
        return _explain_file(file)
    if file.exists():
        raise UsageError(f"{page}: explain takes one saved page ({', '.join(MEDIA_TYPES)}), a URL or an id")
    if file.suffix.lower() in MEDIA_TYPES and "://" not in page:
        raise UsageError(f"{page}: no such file")
    with closing(Workspace(data)) as workspace:
        workspace.require()
        require("tamis explain of a stored page", "dataset")
        return _explain_page(workspace, page)


def _explain_file(file: Path) -> Explanation:
    for page in read_pages([file]):
        if isinstance(page, RawPage):
            cleaned = clean(page)
            why = cleaned.rejection
            pieces, placeless = take_apart(visible_lines(page), cleaned.removals, wordless=False)
            return Explanation(
                page=str(file),
                source_id="",
                run_id="",
                documents=_facts(as_dict(document) for document in cleaned.documents),
                rejection=f"{why.reason}: {why.evidence}" if why else "",
                pieces=pieces,
                placeless=placeless,
            )
        if isinstance(page, InputUnreadable):
            raise UsageError(f"{page.where}: {page.why}")
    raise UsageError(f"{file}: holds no page")


def _explain_page(workspace: Workspace, name: str) -> Explanation:
    with workspace.dataset.views() as connection:
        documents = _rows(connection, f"select * from latest where {_BY_NAME}", name=name)  # noqa: S608
        rejections = []
        if not documents:
            rejections = _rows(
                connection,
                "select * from rejections where $name in (url, input_id) order by run_id desc limit 1",
                name=name,
            )
        if not (documents or rejections):
            raise UsageError(_unknown(workspace, connection, name))
        first = (documents or rejections)[0]
        of_page = {"page": first["input_id"], "run": first["run_id"]}
        where = "where input_id = $page and run_id = $run"
        documents = _rows(connection, f"select * from documents {where} order by part", **of_page)  # noqa: S608
        rows = _rows(connection, f"select * from removals {where}", **of_page)  # noqa: S608
    removals = [Removal(**row) for row in rows]
    wordless = any("metadata_only" in (document["warnings"] or ()) for document in documents)
    page = _raw_page(workspace, first)
    pieces, placeless = take_apart(visible_lines(page) if page else (), removals, wordless=wordless)
    return Explanation(
        page=first["input_id"],
        source_id=first["source_id"],
        run_id=first["run_id"],
        documents=_facts(documents),
        rejection="" if documents else f"{first['reason']}: {first['evidence']}",
        pieces=pieces,
        placeless=placeless,
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str, **parameters: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.sql(query, params=parameters).to_arrow_table().to_pylist()
    return found


def _raw_page(workspace: Workspace, row: Mapping[str, Any]) -> RawPage | None:
    """Read the page that was cleaned from the archive; None where its body was never archived."""
    from output.archive.archive import read_record

    ref = _body(workspace, row)
    if ref is None:
        return None
    record = read_record(workspace.archive, ref)
    return RawPage(
        row["input_id"], row["source_id"], row["url"], record.body, row["raw_sha256"], headers=record.headers
    )


def _body(workspace: Workspace, row: Mapping[str, Any]) -> ArchiveRef | None:
    from output.archive.archive import read_record

    url, sha256 = row["input_id"], row["raw_sha256"]
    known = workspace.ledger.known(row["source_id"], url)
    if known is not None and known.ref is not None and known.sha256 == sha256:
        return known.ref
    # The page was fetched again since: the body that was cleaned is in an earlier run's files.
    for run in workspace.ledger.runs(row["source_id"]):
        for visit in workspace.ledger.visits(run.run_id):
            if visit.url == url and visit.ref and visit.record == "response" and visit.sha256 == sha256:
                return visit.ref
    if known is None or known.ref is None:
        return None
    if sha256 and sha256_hex(read_record(workspace.archive, known.ref).body) != sha256:
        raise StorageError(f"{url}: the body that was cleaned is no longer in the archive")
    return known.ref


def _facts(documents: Iterable[Mapping[str, Any]]) -> tuple[DocumentFacts, ...]:
    return tuple(
        DocumentFacts(
            id=row["id"],
            title=row["title"],
            language=row["language"],
            access=row["access"],
            evidence=tuple(f"{one['where']}: {one['text']}" for one in row["access_evidence"] or ()),
            characters=row["characters"],
            profile_fit=row["profile_fit"],
            versions=tuple(
                row[name] for name in ("rules_version", "model_version", "profile_version") if row[name]
            ),
            warnings=tuple(row["warnings"] or ()),
        )
        for row in documents
    )


def _unknown(workspace: Workspace, connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return the error for a page without a row: the outcome of its URL, or the names nearest to it."""
    if any(url_hash(stone.url) == url_hash(name) for stone in workspace.ledger.tombstones()):
        return f"{name} was withdrawn with `tamis forget`, and cannot be explained"
    for run in workspace.ledger.runs():
        for visit in workspace.ledger.visits(run.run_id):
            if visit.url == name:
                why = f" ({visit.reason})" if visit.reason else ""
                return (
                    f"{name}: has no document to explain; its outcome in run {run.run_id} was "
                    f"{visit.outcome}{why}"
                )
    query = f"select id, url from latest_keys join latest using (id) limit {_MAX_COMPARED}"  # noqa: S608
    rows: Sequence[tuple[str, str]] = connection.execute(query).fetchall()
    near = get_close_matches(name, {one for row in rows for one in row}, n=3, cutoff=0.5)
    advice = f"; nearest: {', '.join(near)}" if near else "; name a document's id, its URL or a saved page"
    return f"{name}: no document or rejected page of that id or URL in {workspace.data}{advice}"
