"""From the archived pages of a run to the rows that it publishes, and the outcome of each URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cleaning.assembly.alignment import pairs_of
from cleaning.pipeline import assemble
from crawlers.declaration.loading import Source
from flows.ingest.clean import CleanedPage, Crash, clean_all
from flows.ingest.jobs import pending_jobs, with_profiles
from flows.ingest.profiles import profile_fits
from flows.ingest.reconcile.attachments import attachment_relations
from flows.ingest.reconcile.context import context_pages, take_relinked_pages, unchanged_documents
from flows.ingest.reconcile.feed_texts import feed_texts
from flows.ingest.reconcile.metadata_changes import documents_with_changed_metadata
from flows.ingest.reconcile.redirects import follow_redirects
from flows.ingest.reconcile.run_changes import RunChanges, settle_pages
from flows.ingest.reconcile.successors import successors
from flows.ingest.reconcile.withdrawals import without_withdrawn
from flows.workspace.progress import step
from flows.workspace.workspace import Workspace
from output.base.records import Document, Outcome, Rejection
from output.base.relations import Pair
from output.ledger.records import Settled


def reconcile_run(source: Source, workspace: Workspace, run_id: str) -> RunChanges:
    """Clean the pages that a run archived, and compare them with what is published of the source.

    Raises StorageError where a page cannot be read back.
    """
    changes = RunChanges()
    published = workspace.ledger.document_versions(source.id)
    pages = _clean_pages(source, workspace, run_id, changes)
    crashed = {failed.url for failed in changes.settled}
    context = context_pages(source, workspace, run_id, pages, crashed) if published else []
    pages, context = _assemble(source, workspace, pages, context)
    unchanged = unchanged_documents((page for _, page in pages), published)
    metadata_changed = documents_with_changed_metadata(workspace, unchanged)
    relinked, ids = take_relinked_pages(workspace, run_id, context, published, metadata_changed)
    pages += relinked
    current = settle_pages(changes, pages, published, metadata_changed | ids)
    fresh = {document.id for document in changes.documents}
    changes.pairs = _aligned(current, context, fresh)
    cleaned = [page for _, page in pages]
    changes.relations += attachment_relations(workspace, source.id, run_id, cleaned, fresh)
    replacing = successors(workspace, source.id, run_id, current, changes.rejections) if published else []
    changes.relations += replacing
    changes.superseded = {relation.b for relation in replacing}
    changes.rejections += _rejected_by_crawler(workspace, source.id, run_id)
    changes.total_documents = len((published.keys() | fresh) - changes.superseded)
    return changes


def _clean_pages(source: Source, workspace: Workspace, run_id: str, changes: RunChanges) -> list[CleanedPage]:
    """Return the pages of the run, cleaned; a page on which cleaning crashed is settled as failed."""
    jobs = with_profiles(pending_jobs(source, workspace, run_id), workspace.profiles / source.id)
    pages: list[CleanedPage] = []
    with step(f"cleaning {source.id}") as progress:
        for done, (visit, result) in enumerate(clean_all(jobs), 1):
            if isinstance(result, Crash):
                changes.settled.append(Settled(visit.url, Outcome.FAILED, result.reason, result.detail))
            else:
                pages.append((visit, result))
            progress(done, len(jobs), visit.url)
    changes.profile_fits = profile_fits(page for _, page in pages)
    return follow_redirects(workspace, source.id, pages)


def _assemble(
    source: Source, workspace: Workspace, pages: Sequence[CleanedPage], context: Sequence[CleanedPage]
) -> tuple[list[CleanedPage], list[CleanedPage]]:
    """Return the pages and their context after assembly, without withdrawn documents."""
    entries = feed_texts(workspace, source.id, [page for _, page in pages])
    together = [*pages, *context]
    assembled = without_withdrawn(workspace, assemble([page for _, page in together], entries))
    together = [(visit, page) for (visit, _), page in zip(together, assembled, strict=True)]
    return together[: len(pages)], together[len(pages) :]


def _aligned(
    current: Mapping[str, Sequence[Document]], context: Sequence[CleanedPage], fresh: set[str]
) -> list[Pair]:
    """Return the pairs of each translation that is among the `fresh` documents, or whose original is."""
    documents = [document for documents in current.values() for document in documents]
    known = {document.id for document in documents}
    documents += [document for _, page in context for document in page.documents if document.id not in known]
    translations = [one for one in documents if one.translation_of and {one.id, one.translation_of} & fresh]
    involved = {id_ for one in translations for id_ in (one.id, one.translation_of)}
    return pairs_of([document for document in documents if document.id in involved])


def _rejected_by_crawler(workspace: Workspace, source_id: str, run_id: str) -> list[Rejection]:
    """Return a row for each URL that the crawler itself rejected; one that moved names its target."""
    return [
        Rejection(source_id, visit.url, run_id, visit.url, visit.reason, visit.detail, visit.sha256)
        for visit in workspace.ledger.visits(run_id, Outcome.REJECTED)
    ]
