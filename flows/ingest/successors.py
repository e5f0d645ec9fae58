"""Documents in whose place a page gives another: it has moved, names another address as its own, or a title
among several was mended; or it is gone, and another page gives its text. Else the text that a site has given
up would survive the one that it gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from flows.ingest.redirects import last
from flows.workspace.workspace import Workspace
from output.base.records import Document, Outcome, Rejection
from output.base.relations import SUCCESSOR, Relation, RelationKind
from output.ledger.records import MOVED

# A page that moved may be amended on the way; of another page less is the same, its furniture at most.
SHARE = 0.5


def successors(
    workspace: Workspace,
    source_id: str,
    run_id: str,
    given: Mapping[str, Sequence[Document]],
    rejections: Sequence[Rejection],
) -> list[Relation]:
    """`same` between the document that a page gives now and each that stood for it and that it gives no more.

    `given` are the documents of the run's pages by their URLs, new or not. A page that moved, or that another
    address of it gives, is followed there; on the page itself only a document that is new takes the place of
    one that is gone, and for a page that is gone those that have its very text now, or that an earlier run
    found to be the same. The two have half of the older text in common, or both stand.
    """
    pages = workspace.ledger.document_pages(source_id)
    stood: dict[str, list[str]] = defaultdict(list)
    for one, url in pages.items():
        stood[url].append(one)
    elsewhere = dict(_elsewhere(workspace, run_id, rejections))
    gone = {visit.url for visit in workspace.ledger.visits(run_id, Outcome.GONE)} & stood.keys()
    now = {document.id: document.text for documents in given.values() for document in documents}
    heirs: dict[str, Collection[str]] = {}
    for url in (given.keys() | elsewhere.keys()) & stood.keys():
        now_at = last(url, elsewhere)
        here = [one.id for one in given.get(now_at, ()) if url != now_at or one.id not in pages]
        there = stood[now_at] if now_at not in given and now_at != url else []
        heirs |= {one: [*here, *there] for one in stood[url] if one not in now}
    left = [one for url in gone for one in stood[url] if one not in now]
    copies, twins = _copies(workspace, left), _twins(workspace, source_id, left, given)
    for one in left:
        heirs[one] = [o for o in copies[one] if pages.get(o, "") not in gone | {""}] + twins[one]
    return [*_closest(workspace, run_id, heirs, now)]


def _closest(
    workspace: Workspace, run_id: str, heirs: Mapping[str, Collection[str]], now: Mapping[str, str]
) -> Iterator[Relation]:
    """Of the heirs of each document the one that has most of its text, if that is enough."""
    heirs = {old: found for old, found in heirs.items() if found}
    texts = _texts(workspace, heirs.keys() | {one for found in heirs.values() for one in found}) | dict(now)
    for old, found in sorted(heirs.items()):
        share, new = max((_share(texts.get(old, ""), texts.get(one, "")), one) for one in sorted(found))
        if share >= SHARE:
            yield Relation(new, old, RelationKind.SAME, round(share, 4), SUCCESSOR, run_id)


def _elsewhere(
    workspace: Workspace, run_id: str, rejections: Sequence[Rejection]
) -> Iterator[tuple[str, str]]:
    """URLs of the run whose document another URL gives, and that URL."""
    for visit in workspace.ledger.visits(run_id, Outcome.REJECTED):
        if visit.reason == MOVED:
            yield visit.url, visit.detail
    yield from ((one.url, one.evidence) for one in rejections if one.reason == "same_document")


def _copies(workspace: Workspace, ids: Collection[str]) -> dict[str, list[str]]:
    """The documents that runs before found to be the same as these, of which these are the survivors."""
    copies: dict[str, list[str]] = defaultdict(list)
    query = "select distinct a, b from relations join asked on id = a where relation = ? order by a, b"
    for survivor, copy in _asked(workspace, ids, query, [RelationKind.SAME.value]):
        copies[survivor].append(copy)
    return copies


def _twins(
    workspace: Workspace, source_id: str, ids: Collection[str], given: Mapping[str, Sequence[Document]]
) -> Mapping[str, list[str]]:
    """The documents of the run that have the very texts of these."""
    versions = workspace.ledger.document_versions(source_id) if ids else {}
    of_version: dict[str, list[str]] = defaultdict(list)
    for document in (one for documents in given.values() for one in documents):
        of_version[document.version].append(document.id)
    return {one: of_version[versions[one]] for one in ids}


def _texts(workspace: Workspace, ids: Collection[str]) -> dict[str, str]:
    return dict(_asked(workspace, ids, "select id, text from latest semi join asked using (id)", []))


def _asked(workspace: Workspace, ids: Collection[str], query: str, values: Sequence[str]) -> list[Any]:
    """The rows of a query with a table `asked` of ids; none for no ids."""
    if not ids:
        return []
    with workspace.dataset.views() as connection:
        connection.register("asked", pa.table({"id": pa.array(sorted(ids), pa.string())}))
        return connection.execute(query, values).fetchall()


def _share(old: str, new: str) -> float:
    """The share of a text whose lines stand in another too."""
    lines, others = old.split("\n"), set(new.split("\n"))
    return sum(len(line) for line in lines if line in others) / max(1, sum(map(len, lines)))
