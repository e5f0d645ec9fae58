"""`tamis forget`: withdraw a page on request, from all that is read, cleaned or released from now on."""

from __future__ import annotations

import getpass
import glob
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cleaning.relations.relate import relate
from flows.ingest.lease import holding
from flows.ingest.run import utc_now
from flows.workspace.workspace import Workspace
from output.base.errors import UsageError
from output.base.relations import Relation
from output.base.wording import counted
from output.dataset.withdrawn import documents_of, pages_at, translations_of
from output.ledger.tombstones import forgotten_hashes, url_hash, write_forgotten_list
from output.relations.index import RelationIndex
from output.release.releases import manifests_in
from web.urls import canonical


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A withdrawal: its URLs, the number of documents taken out, and the releases that still hold them.

    `known` says whether a run has ever asked for one of the URLs, `again` whether it was withdrawn before.
    """

    urls: tuple[str, ...]
    documents: int
    releases: tuple[Path, ...]
    known: bool
    again: bool

    def line(self) -> str:
        """Return what was done, for people."""
        urls = ", ".join(self.urls)
        if self.documents:
            return f"{urls}: {counted(self.documents, 'document')} withdrawn; next: tamis release"
        if self.again:
            return f"{urls}: was withdrawn already, and nothing of it is left in the dataset"
        if not self.known:
            return f"{urls}: no page of this URL is here; it is withdrawn all the same. Check the spelling"
        return f"{urls}: withdrawn; no document was made of it"


def forget(
    data: Path, url: str, *, by: str = "", reason: str = "", clock: Callable[[], datetime] = utc_now
) -> Withdrawn:
    """Write a tombstone for a URL, and take its documents out of the dataset and the relation index.

    Archive files are not rewritten, but their records of the URL are not read again. The tombstone comes
    first: after a kill, the same command goes on. Raises UsageError for an invalid URL or where nothing is
    stored, Busy where a source that has the URL is being run, and StorageError.
    """
    address = canonical(url)
    if address is None:
        raise UsageError(f"{url}: is no http or https URL; withdraw a document by the URL of its page")
    with closing(Workspace(data)) as workspace, ExitStack() as leases:
        workspace.require()
        workspace.require_published()
        with workspace.dataset.views() as connection:
            pages = pages_at(connection, {url, address})
        sources = workspace.ledger.sources_of(pages)
        for source_id in sources:
            leases.enter_context(holding(workspace.ledger, source_id, clock))
        again = url_hash(address) in forgotten_hashes(workspace.archive)
        workspace.ledger.forget(pages, now=clock(), by=by or getpass.getuser(), reason=reason)
        write_forgotten_list(
            workspace.archive, (tombstone.url for tombstone in workspace.ledger.tombstones())
        )
        with workspace.dataset.views() as connection:
            ids = documents_of(connection, pages)
            translations = translations_of(connection, ids)
        # The next run cleans again the translations that name them as their original.
        workspace.ledger.clean_again(translations)
        # Their copies get another survivor.
        workspace.dataset.forget(pages, workspace.ledger.attempt(lambda: _unrelate(workspace, ids)))
        releases = tuple(_releases_with(workspace, ids))
        return Withdrawn(tuple(pages), len(ids), releases, known=bool(sources or ids), again=again)


def _unrelate(workspace: Workspace, ids: list[str]) -> list[Relation]:
    """Take documents out of the relation index, and return the relations that change by that."""
    index = RelationIndex(workspace.ledger.engine, workspace.stores.survivor)
    return relate((), index, withdrawn=ids)


def _releases_with(workspace: Workspace, ids: list[str]) -> list[Path]:
    """Return the folders of the releases that hold one of the documents."""
    import duckdb

    found = []
    for release in (workspace.releases / one["id"] for one in manifests_in(workspace.releases)):
        files = [glob.escape(str(path)) for path in sorted((release / "documents").glob("*.parquet"))]
        with duckdb.connect() as connection:
            query = "select count(*) from read_parquet(?) where list_contains(?, id)"
            (count,) = connection.execute(query, [files, ids]).fetchall()[0]
        found += [release] if count else []
    return found
