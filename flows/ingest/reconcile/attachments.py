"""Attachments: a relation between a page and each PDF that it links to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from cleaning.pipeline import Cleaned
from flows.workspace.workspace import Workspace
from output.base.relations import Relation, RelationKind
from web.urls import canonical

# A file that more pages link to is the site's own, like its terms, and an attachment of none of them.
MAX_PAGES = 3


def attachment_relations(
    workspace: Workspace, source_id: str, run_id: str, pages: Sequence[Cleaned], fresh: Collection[str]
) -> list[Relation]:
    """Return the new `attachment_of` relations between the first document of a page and that of a linked PDF.

    A relation is new where the page's document is among the ids `fresh`, or where no run has stored it yet.
    Page and file may be from an earlier run and unchanged. A file that was published before without being an
    attachment is the site's own.
    """
    links = {
        (page.documents[0].id, file)
        for page in pages
        if page.documents
        for address in page.files
        if (file := canonical(address))
    }
    if not links:
        return []
    earlier = {url: id_ for id_, url in workspace.ledger.document_pages(source_id).items()}
    now = {page.documents[0].url: page.documents[0].id for page in pages if page.documents}
    document_at = earlier | now
    pairs = [(page, document_at[url]) for page, url in sorted(links) if url in document_at]
    stored = _stored(workspace)
    pages_of: dict[str, set[str]] = defaultdict(set)
    for page, file in stored:
        pages_of[file].add(page)
    sites_own = set(earlier.values()) - pages_of.keys()
    for page, file in pairs:
        pages_of[file].add(page)
    return [
        Relation(page, file, RelationKind.ATTACHMENT, 1.0, "link", run_id)
        for page, file in pairs
        if file not in sites_own
        and len(pages_of[file]) <= MAX_PAGES
        and (page in fresh or (page, file) not in stored)
    ]


def _stored(workspace: Workspace) -> set[tuple[str, str]]:
    """Return the (page, file) pairs of document ids that runs have stored."""
    query = "select distinct a, b from relations where relation = ?"
    with workspace.dataset.views() as connection:
        return set(connection.execute(query, [RelationKind.ATTACHMENT.value]).fetchall())
