"""From the archived pages of a run to the rows that it publishes, and the outcome of each URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cleaning.assembly.alignment import pairs_of
from cleaning.assembly.assemble import depends_on_urls
from cleaning.pipeline import Cleaned, assemble
from flows.ingest.attachments import attached
from flows.ingest.clean import Crash, Job, clean_all, job, raw_page, stored_job
from flows.ingest.feed_texts import feed_texts
from flows.ingest.metadata_changes import LINK_FIELDS, documents_with_changed_metadata
from flows.ingest.profiles import fit_profiles, fits_of, pattern
from flows.ingest.redirects import follow_redirects
from flows.ingest.successors import successors
from flows.ingest.withdrawals import without_withdrawn
from flows.workspace.progress import step
from flows.workspace.workspace import Workspace
from output.base.errors import StorageError
from output.base.records import Document, Outcome, Rejection, Removal
from output.base.relations import Pair, Relation
from output.ledger.records import FORGOTTEN, Scheduled, Settled, Visit
from web.urls import parse

if TYPE_CHECKING:
    from crawlers.declaration.loading import Source


@dataclass(slots=True)
class RunChanges:
    """The rows that a run publishes, and the outcome of each URL that was still pending.

    `documents` are those that are new, or whose text or metadata changed, `pairs` align each of them that is
    a translation, or has one; `standing` counts all that the source holds after the run; `relations` are
    those that the pages' links tell; `fits` is how well each cleaned page fits its site profile, where it has
    one; `succeeded` are the ids of documents in whose place others stand now.
    """

    documents: list[Document] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    standing: int = 0
    relations: list[Relation] = field(default_factory=list)
    fits: list[float] = field(default_factory=list)
    succeeded: set[str] = field(default_factory=set)


def reconcile_run(source: Source, workspace: Workspace, run_id: str) -> RunChanges:
    """Clean what the run archived. Raises StorageError where a page cannot be read back."""
    jobs = with_profiles(_jobs(source, workspace, run_id), workspace.profiles / source.id)
    visits: list[Visit] = []
    pages: list[Cleaned] = []
    changes = RunChanges()
    with step(f"cleaning {source.id}") as progress:
        for done, (visit, result) in enumerate(clean_all(jobs), 1):
            if isinstance(result, Crash):
                changes.settled.append(Settled(visit.url, Outcome.FAILED, result.reason, result.detail))
            else:
                visits.append(visit)
                pages.append(result)
            progress(done, len(jobs), visit.url)
    pages = follow_redirects(workspace, source.id, pages)
    changes.fits = fits_of(pages)
    versions = workspace.ledger.document_versions(source.id)
    beside = _beside(source, workspace, run_id, jobs, pages) if versions else []
    together = [*pages, *(page for _, page in beside)]
    together = without_withdrawn(workspace, assemble(together, feed_texts(workspace, source.id, pages)))
    assembled = together[: len(pages)]
    beside = [(visit, page) for (visit, _), page in zip(beside, together[len(pages) :], strict=True)]
    versions |= dict.fromkeys(documents_with_changed_metadata(workspace, _same(assembled, versions)), "")
    for visit, page in _tied_anew(workspace, beside, versions):
        workspace.ledger.schedule(run_id, [Scheduled(visit.url)])
        visits.append(visit)
        assembled.append(page)
    given = _settle(changes, visits, assembled, versions)
    standing = [document for documents in given.values() for document in documents]
    ids = {document.id for document in standing}
    standing += [document for _, page in beside for document in page.documents if document.id not in ids]
    fresh = {document.id for document in changes.documents}
    changes.pairs = pairs_of(_touched(standing, fresh))
    changes.relations += attached(workspace, source.id, run_id, assembled, fresh)
    took_place = successors(workspace, source.id, run_id, given, changes.rejections) if versions else []
    changes.relations += took_place
    changes.succeeded = {one.b for one in took_place}
    changes.rejections += _refused_by_crawler(workspace, source.id, run_id)
    changes.standing = len((versions.keys() | fresh) - changes.succeeded)
    return changes


def _beside(
    source: Source, workspace: Workspace, run_id: str, jobs: Sequence[Job], pages: Sequence[Cleaned]
) -> list[tuple[Visit, Cleaned]]:
    """The pages that those of a run lean on and that an earlier run has dealt with, cleaned once more: for
    what they say together, not to be published anew.
    """
    addresses = {url.href for page in pages for one in depends_on_urls(page) if (url := parse(one))}
    addresses -= {one.visit.url for one in jobs}
    known = [found for one in sorted(addresses) if (found := workspace.ledger.known(source.id, one))]
    stored = [one for one in known if one.kind == "page" and one.settled and one.may_be_mined]
    again = [stored_job(source, workspace.archive, one, run_id) for one in stored]
    cleaned = clean_all(with_profiles(again, workspace.profiles / source.id, fit=False))
    whole = [(visit, page) for visit, page in cleaned if isinstance(page, Cleaned)]
    there = follow_redirects(workspace, source.id, [page for _, page in whole])
    return [(visit, page) for (visit, _), page in zip(whole, there, strict=True)]


def _same(pages: Iterable[Cleaned], versions: Mapping[str, str]) -> list[Document]:
    """The documents of pages whose text is what stands of them."""
    return [d for page in pages for d in page.documents if versions.get(d.id) == d.version]


def _tied_anew(
    workspace: Workspace, beside: Sequence[tuple[Visit, Cleaned]], versions: dict[str, str]
) -> Iterator[tuple[Visit, Cleaned]]:
    """Those pages beside the run's whose documents are translations of what the run is the first to know, if
    the run found nothing else of them. Their `versions` stand no more.
    """
    tied = documents_with_changed_metadata(
        workspace, _same((page for _, page in beside), versions), LINK_FIELDS
    )
    for visit, page in beside if tied else ():
        found = workspace.ledger.visit(visit.run_id, visit.url)
        if found is None or found.outcome is Outcome.UNCHANGED:
            ids = {document.id for document in page.documents} & tied
            versions |= dict.fromkeys(ids, "")
            if ids:
                yield visit, page


def with_profiles(jobs: Sequence[Job], folder: Path, *, fit: bool = True) -> list[Job]:
    """The jobs, each with the profile of its URL pattern; a missing one is fitted from these pages."""
    of_url = {one.visit.url: one for one in jobs}
    files = fit_profiles(folder, of_url, (lambda url: raw_page(of_url[url])) if fit else None)
    return [replace(one, profile=files.get(pattern(one.visit.url))) for one in jobs]


def _jobs(source: Source, workspace: Workspace, run_id: str) -> list[Job]:
    jobs = []
    for visit in workspace.ledger.visits(run_id, Outcome.PENDING):
        body, fetched_at = visit.ref, visit.fetched_at
        if visit.record != "response":
            # An earlier run fetched the body: it has not changed since, or the archive is cleaned again.
            known = workspace.ledger.known(source.id, visit.url)
            body = known.ref if known else None
            fetched_at = fetched_at or (known.fetched_at if known else None)
        if body is None:
            raise StorageError(
                f"run {run_id}: {visit.url} is pending without a body in the archive; run the source again"
            )
        jobs.append(job(source, workspace.archive, replace(visit, fetched_at=fetched_at), body))
    return jobs


def _settle(
    changes: RunChanges, visits: Sequence[Visit], pages: Sequence[Cleaned], versions: dict[str, str]
) -> dict[str, Sequence[Document]]:
    """Tell new and changed documents from those that stand, and give each page its outcome.

    Gives the documents that stand now, new or not, by the URL of their page; those of other addresses of one
    page are left out.
    """
    taken: dict[str, str] = {}
    standing: dict[str, Sequence[Document]] = {}
    # A page that calls itself canonical goes before those that point to it, so that it gives the document.
    order = sorted(range(len(visits)), key=lambda i: not _is_canonical(visits[i], pages[i]))
    for visit, page in ((visits[i], pages[i]) for i in order):
        twins = {taken[document.id] for document in page.documents if document.id in taken}
        if page.rejection:
            _reject(changes, page, page.rejection)
        elif not page.documents:
            changes.settled.append(Settled(visit.url, Outcome.REFUSED, FORGOTTEN))
        elif twins:
            rejection = Rejection(
                page.documents[0].source_id,
                visit.url,
                visit.run_id,
                visit.url,
                "same_document",
                min(twins),
                visit.sha256,
            )
            _reject(changes, page, rejection)
        else:
            taken |= {document.id: visit.url for document in page.documents}
            standing[visit.url] = page.documents
            _publish(changes, visit, page, versions)
    return standing


def _touched(standing: Sequence[Document], fresh: set[str]) -> list[Document]:
    """The translations that are fresh, or whose originals are, and these originals."""
    translations = [d for d in standing if d.translation_of and (d.id in fresh or d.translation_of in fresh)]
    ids = {d.id for d in translations} | {d.translation_of for d in translations}
    return [d for d in standing if d.id in ids]


def _is_canonical(visit: Visit, page: Cleaned) -> bool:
    return any(document.canonical_url in (None, visit.url) for document in page.documents)


def _reject(changes: RunChanges, page: Cleaned, rejection: Rejection) -> None:
    changes.rejections.append(rejection)
    changes.removals += page.removals
    changes.settled.append(
        Settled(rejection.input_id, Outcome.REJECTED, rejection.reason, rejection.evidence)
    )


def _publish(changes: RunChanges, visit: Visit, page: Cleaned, versions: dict[str, str]) -> None:
    fresh = [document for document in page.documents if versions.get(document.id) != document.version]
    if not fresh:
        changes.settled.append(Settled(visit.url, Outcome.UNCHANGED, "same_text"))
        return
    changes.new += sum(document.id not in versions for document in fresh)
    changes.changed += sum(document.id in versions for document in fresh)
    changes.documents += fresh
    changes.removals += page.removals
    stands = tuple((document.id, document.version) for document in fresh)
    changes.settled.append(Settled(visit.url, Outcome.PUBLISHED, documents=stands))


def _refused_by_crawler(workspace: Workspace, source_id: str, run_id: str) -> list[Rejection]:
    """A row for each URL that the crawler itself settled as rejected: one that moved names its target."""
    return [
        Rejection(source_id, visit.url, run_id, visit.url, visit.reason, visit.detail, visit.sha256)
        for visit in workspace.ledger.visits(run_id, Outcome.REJECTED)
    ]
