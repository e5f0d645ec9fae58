"""From the archived pages of a run to the rows that it publishes, and the outcome of each URL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from operator import itemgetter

from cleaning.assembly.alignment import align
from cleaning.assembly.assemble import assembled
from cleaning.assembly.mapped import Mapped
from crawlers.declaration.loading import Source
from flows.ingest.clean import CleanedPage, clean_all
from flows.ingest.jobs import pending_jobs, with_profiles
from flows.ingest.profiles import profile_fits
from flows.ingest.reconcile.attachments import attachment_relations
from flows.ingest.reconcile.context import context_pages, take_relinked_pages, unchanged_documents
from flows.ingest.reconcile.feed_texts import feed_texts
from flows.ingest.reconcile.metadata_changes import documents_with_changed_metadata
from flows.ingest.reconcile.redirects import follow_redirects
from flows.ingest.reconcile.run_changes import Present, RunChanges, settle_pages
from flows.ingest.reconcile.spool import Spool
from flows.ingest.reconcile.successors import successors
from flows.ingest.reconcile.withdrawals import without_withdrawn
from flows.workspace.crashes import Crash
from flows.workspace.progress import step
from flows.workspace.workspace import Workspace
from output.base.records import Document, Outcome, Rejection, Removal
from output.ledger.records import Settled


def reconcile_run(source: Source, workspace: Workspace, run_id: str) -> RunChanges:
    """Clean the pages that a run archived, and compare them with what is published of the source.

    No more than a batch of pages is in memory. Raises StorageError where a page cannot be read back.
    """
    changes = RunChanges(workspace.scratch)
    published = workspace.ledger.document_versions(source.id)
    cleaned, receipts = _clean_pages(source, workspace, run_id, changes)
    crashed = {failed.url for failed in changes.settled}
    context = context_pages(source, workspace, run_id, cleaned, crashed) if published else []
    pages, context = _assemble(source, workspace, cleaned, context)
    unchanged = unchanged_documents((page for _, page in pages), published) if published else ()
    metadata_changed = documents_with_changed_metadata(workspace, unchanged)
    relinked, ids = take_relinked_pages(workspace, run_id, context, published, metadata_changed)
    pages.extend(relinked)
    receipts.extend(() for _ in relinked)
    present = settle_pages(changes, pages, receipts, published, metadata_changed | ids)
    fresh = {document.id for document in changes.documents}
    _align(changes, pages, present, context, fresh)
    cleaned_pages = Mapped(itemgetter(1), pages)
    changes.relations += attachment_relations(workspace, source.id, run_id, cleaned_pages, fresh)
    replacing = successors(workspace, run_id, present, cleaned_pages, changes.rejections) if published else []
    changes.relations += replacing
    changes.superseded = {relation.b for relation in replacing}
    changes.rejections += _rejected_by_crawler(workspace, source.id, run_id)
    changes.total_documents = len((published.keys() | fresh) - changes.superseded)
    return changes


def _clean_pages(
    source: Source, workspace: Workspace, run_id: str, changes: RunChanges
) -> tuple[Sequence[CleanedPage], Spool[tuple[Removal, ...]]]:
    """Return the pages of the run, cleaned, and apart from them the removals of each.

    A page on which cleaning crashed is settled as failed.
    """
    pending = Spool(workspace.scratch, pending_jobs(source, workspace, run_id))
    jobs = with_profiles(pending, workspace.profiles / source.id)
    pages: Spool[CleanedPage] = Spool(workspace.scratch)
    receipts: Spool[tuple[Removal, ...]] = Spool(workspace.scratch)
    with step(f"cleaning {source.id}") as progress:
        for done, (visit, result) in enumerate(clean_all(jobs), 1):
            if isinstance(result, Crash):
                changes.settled.append(Settled(visit.url, Outcome.FAILED, result.reason, result.detail))
            else:
                receipts.append(result.removals)
                pages.append((visit, replace(result, removals=())))
                changes.profile_fits += profile_fits([result])
            progress(done, len(jobs), visit.url)
    return follow_redirects(workspace, source.id, pages), receipts


def _assemble(
    source: Source, workspace: Workspace, pages: Sequence[CleanedPage], context: Sequence[CleanedPage]
) -> tuple[Spool[CleanedPage], list[CleanedPage]]:
    """Return the pages and their context after assembly, without withdrawn documents."""
    count = len(pages)
    together = Mapped(lambda n: pages[n] if n < count else context[n - count], range(count + len(context)))
    cleaned = Mapped(itemgetter(1), together)
    entries = feed_texts(workspace, source.id, cleaned[:count])
    own: Spool[CleanedPage] = Spool(workspace.scratch)
    with step(f"assembling {source.id}") as progress:
        progress(0, count, "works")
        whole = zip(together, without_withdrawn(workspace, assembled(cleaned, entries)), strict=True)
        found = ((visit, page) for (visit, _), page in whole)
        for visit, page in islice(found, count):
            own.append((visit, page))
            progress(len(own), count, visit.url)
    return own, list(found)


def _align(
    changes: RunChanges,
    pages: Sequence[CleanedPage],
    present: Mapping[str, Present],
    context: Sequence[CleanedPage],
    fresh: Collection[str],
) -> None:
    """Add the pairs of each translation that is among the `fresh` documents, or whose original is."""
    position = {id_: one.position for one in present.values() for id_ in one.versions}
    beside = {document.id: document for _, page in context for document in page.documents}

    def find(id_: str) -> Document | None:
        if id_ not in position:
            return beside.get(id_)
        _, page = pages[position[id_]]
        return next(document for document in page.documents if document.id == id_)

    given = (
        document
        for n, (_, page) in enumerate(pages)
        for document in page.documents
        if position.get(document.id) == n
    )
    others = (document for id_, document in beside.items() if id_ not in position)
    original_of = {one.id: one.translation_of for one in chain(given, others) if one.translation_of}
    for translation, original in original_of.items():
        if not {translation, original}.isdisjoint(fresh):
            source, translated = find(original), find(translation)
            if source and translated:
                changes.pairs.append(align(source, translated))


def _rejected_by_crawler(workspace: Workspace, source_id: str, run_id: str) -> list[Rejection]:
    """Return a row for each URL that the crawler itself rejected; one that moved names its target."""
    return [
        Rejection(source_id, visit.url, run_id, visit.url, visit.reason, visit.detail, visit.sha256)
        for visit in workspace.ledger.visits(run_id, Outcome.REJECTED)
    ]
