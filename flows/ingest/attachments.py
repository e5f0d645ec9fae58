"""Which document a file hangs below: a relation for each page that links to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from cleaning.pipeline import Cleaned
from flows.workspace.workspace import Workspace
from output.base.relations import Relation, RelationKind
from web.urls import canonical

# A file that more pages link to is the site's own, like its terms, and belongs to none of them.
PAGES_MAX = 3


def attached(
    workspace: Workspace, source_id: str, run_id: str, pages: Sequence[Cleaned], fresh: Collection[str]
) -> list[Relation]:
    """`attachment_of` between the first document of each page and the one in each PDF that it links to, where
    that is new: the page's document is among the `fresh`, or no run has said it yet.

    Page or file may be from an earlier run and unchanged. A file that stands and that no run has hung below
    a page is the site's own.
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
    earlier = {url: one for one, url in workspace.ledger.document_pages(source_id).items()}
    now = {page.documents[0].url: page.documents[0].id for page in pages if page.documents}
    told = _told(workspace)
    below: dict[str, set[str]] = defaultdict(set)
    for page, file in told:
        below[file].add(page)
    named = [(page, (earlier | now)[url]) for page, url in sorted(links) if url in earlier or url in now]
    own = set(earlier.values()) - below.keys()
    for page, file in named:
        below[file].add(page)
    return [
        Relation(page, file, RelationKind.ATTACHMENT, 1.0, "link", run_id)
        for page, file in named
        if file not in own and len(below[file]) <= PAGES_MAX and (page in fresh or (page, file) not in told)
    ]


def _told(workspace: Workspace) -> set[tuple[str, str]]:
    query = "select distinct a, b from relations where relation = ?"
    with workspace.dataset.views() as connection:
        return set(connection.execute(query, [RelationKind.ATTACHMENT.value]).fetchall())
