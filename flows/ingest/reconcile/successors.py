"""Successors: documents that replace others of the same text, as `same` relations.

A page may have moved, name another address as canonical, or give one of its documents a new title; or it is
gone, and another page gives its text. Without the relation, both the old document and the new would stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from cleaning.pipeline import Cleaned
from flows.ingest.reconcile.redirects import redirect_target
from flows.ingest.reconcile.run_changes import Present
from flows.workspace.workspace import Workspace
from output.base.records import Outcome, Rejection
from output.base.relations import SUCCESSOR, Relation, RelationKind
from output.ledger.records import MOVED

# A page that moved may be amended on the way; two different pages share less than this, mostly furniture.
MIN_SHARED_TEXT = 0.5

Candidates = dict[str, Collection[str]]


def successors(
    workspace: Workspace,
    run_id: str,
    present: Mapping[str, Present],
    pages: Sequence[Cleaned],
    rejections: Sequence[Rejection],
) -> list[Relation]:
    """Return a `same` relation from each document that replaces another to the one that it replaces.

    `present` tells the documents that `pages`, those of the run, give now, by URL, new or not. A document is
    replaced by one that has at least half of its text. `_on_changed_pages` and `_of_gone_pages` say where
    that is looked for.
    """
    source_id = workspace.ledger.run(run_id).source_id
    url_of = workspace.ledger.document_pages(source_id)
    ids_at: dict[str, list[str]] = defaultdict(list)
    for id_, url in url_of.items():
        ids_at[url].append(id_)
    moved = dict(_moved(workspace, run_id, rejections))
    gone = {visit.url for visit in workspace.ledger.visits(run_id, Outcome.GONE)} & ids_at.keys()
    position = {id_: one.position for one in present.values() for id_ in one.versions}
    missing = [id_ for url in gone for id_ in ids_at[url] if id_ not in position]
    candidates = _on_changed_pages(present, ids_at, moved, url_of.keys(), position.keys())
    candidates |= _of_gone_pages(workspace, source_id, present, missing, url_of, gone)
    candidates = {old: found for old, found in candidates.items() if found}
    asked = candidates.keys() | {new for found in candidates.values() for new in found}
    texts_now = {id_: _text(pages[position[id_]], id_) for id_ in asked & position.keys()}
    return [*_closest(run_id, candidates, _texts(workspace, asked) | texts_now)]


def _moved(workspace: Workspace, run_id: str, rejections: Sequence[Rejection]) -> Iterator[tuple[str, str]]:
    """Yield each URL of the run whose document another URL gives, and that other URL."""
    for visit in workspace.ledger.visits(run_id, Outcome.REJECTED):
        if visit.reason == MOVED:
            yield visit.url, visit.detail
    yield from ((one.url, one.evidence) for one in rejections if one.reason == "same_document")


def _on_changed_pages(
    present: Mapping[str, Present],
    ids_at: Mapping[str, Sequence[str]],
    moved: Mapping[str, str],
    published: Collection[str],
    given: Collection[str],
) -> Candidates:
    """Return candidates for the documents that a page of the run gives no more.

    On the page itself they are its new documents. Of a page that moved they are all documents at its new
    address, published ones where the run did not clean that.
    """
    candidates: Candidates = {}
    for url in (present.keys() | moved.keys()) & ids_at.keys():
        target = redirect_target(url, moved)
        ids = present[target].versions if target in present else ()
        found = [id_ for id_ in ids if url != target or id_ not in published]
        if target != url and target not in present:
            found += ids_at.get(target, ())
        candidates |= {id_: found for id_ in ids_at[url] if id_ not in given}
    return candidates


def _of_gone_pages(
    workspace: Workspace,
    source_id: str,
    present: Mapping[str, Present],
    missing: Sequence[str],
    url_of: Mapping[str, str],
    gone: Collection[str],
) -> Candidates:
    """Return candidates for the `missing` documents of pages that are gone.

    They are the documents that earlier runs found to be the same, and those of this run with the very text.
    """
    copies = _copies(workspace, missing)
    same_text = _with_same_text(workspace, source_id, missing, present)
    return {
        id_: [copy for copy in copies[id_] if url_of.get(copy, "") not in {*gone, ""}] + same_text[id_]
        for id_ in missing
    }


def _closest(run_id: str, candidates: Candidates, texts: Mapping[str, str]) -> Iterator[Relation]:
    """Yield for each document the candidate that has most of its text, if that is enough."""
    for old, found in sorted(candidates.items()):
        share, new = max((_shared(texts.get(old, ""), texts.get(one, "")), one) for one in sorted(found))
        if share >= MIN_SHARED_TEXT:
            yield Relation(new, old, RelationKind.SAME, round(share, 4), SUCCESSOR, run_id)


def _copies(workspace: Workspace, ids: Collection[str]) -> Mapping[str, list[str]]:
    """Return the documents that earlier runs found to be copies of these, by the id of the survivor."""
    copies: dict[str, list[str]] = defaultdict(list)
    query = "select distinct a, b from relations join asked on id = a where relation = ? order by a, b"
    for survivor, copy in _rows(workspace, ids, query, [RelationKind.SAME.value]):
        copies[survivor].append(copy)
    return copies


def _with_same_text(
    workspace: Workspace, source_id: str, ids: Collection[str], present: Mapping[str, Present]
) -> Mapping[str, list[str]]:
    """Return the documents of the run that have exactly the published texts of these."""
    versions = workspace.ledger.document_versions(source_id) if ids else {}
    ids_of_version: dict[str, list[str]] = defaultdict(list)
    for id_, version in (pair for one in present.values() if ids for pair in one.versions.items()):
        ids_of_version[version].append(id_)
    return {id_: ids_of_version[versions[id_]] for id_ in ids}


def _text(page: Cleaned, id_: str) -> str:
    return next(document.text for document in page.documents if document.id == id_)


def _texts(workspace: Workspace, ids: Collection[str]) -> dict[str, str]:
    return dict(_rows(workspace, ids, "select id, text from latest semi join asked using (id)", []))


def _rows(workspace: Workspace, ids: Collection[str], query: str, values: Sequence[str]) -> list[Any]:
    """Return the rows of a query with a table `asked` of these ids; none for no ids."""
    if not ids:
        return []
    with workspace.dataset.views() as connection:
        connection.register("asked", pa.table({"id": pa.array(sorted(ids), pa.string())}))
        return connection.execute(query, values).fetchall()


def _shared(old: str, new: str) -> float:
    """Return the share of a text, 0 to 1, whose lines are in another text too."""
    lines, others = old.split("\n"), set(new.split("\n"))
    return sum(len(line) for line in lines if line in others) / max(1, sum(map(len, lines)))
