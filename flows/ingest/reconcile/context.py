"""Pages of earlier runs that the pages of a run depend on, cleaned once more beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from cleaning.assembly.assemble import depends_on_urls
from cleaning.pipeline import Cleaned
from crawlers.declaration.loading import Source
from flows.ingest.clean import CleanedPage, clean_all
from flows.ingest.jobs import stored_job, with_profiles
from flows.ingest.reconcile.metadata_changes import LINK_FIELDS, documents_with_changed_metadata
from flows.ingest.reconcile.redirects import follow_redirects
from flows.workspace.workspace import Workspace
from output.base.records import Document, Outcome
from output.ledger.records import Scheduled
from web.urls import parse


def context_pages(
    source: Source, workspace: Workspace, run_id: str, pages: Sequence[CleanedPage], crashed: Collection[str]
) -> list[CleanedPage]:
    """Return the stored pages that `pages` name and that are not the run's own.

    The URLs on which cleaning `crashed` are the run's own too. The stored pages are the originals of
    translations and the whole texts of teasers. An earlier run has published them, so that they are read for
    what the pages say together, and not published again.
    """
    named = {url.href for _, page in pages for one in depends_on_urls(page) if (url := parse(one))}
    own = {visit.url for visit, _ in pages} | {*crashed}
    known = [found for url in sorted(named - own) if (found := workspace.ledger.known(source.id, url))]
    stored = [one for one in known if one.kind == "page" and one.settled and one.may_be_mined]
    jobs = [stored_job(source, workspace.archive, one, run_id) for one in stored]
    results = clean_all(with_profiles(jobs, workspace.profiles / source.id, fit=False))
    cleaned = [(visit, page) for visit, page in results if isinstance(page, Cleaned)]
    return list(follow_redirects(workspace, source.id, cleaned))


def take_relinked_pages(
    workspace: Workspace,
    run_id: str,
    context: Sequence[CleanedPage],
    published: Mapping[str, str],
    metadata_changed: Collection[str],
) -> tuple[list[CleanedPage], set[str]]:
    """Schedule the context pages that the run must publish again, and return them with their documents' ids.

    They are translations whose link to the original changes by the run, because that is new or withdrawn.
    Left out are documents that the run publishes already, as `metadata_changed`, and pages for which it found
    another outcome than unchanged. `published` maps the ids of published documents to their versions.
    """
    unchanged = unchanged_documents((page for _, page in context), published)
    asked = (document for document in unchanged if document.id not in metadata_changed)
    relinked = documents_with_changed_metadata(workspace, asked, LINK_FIELDS)
    taken: list[CleanedPage] = []
    ids: set[str] = set()
    for visit, page in context if relinked else ():
        found = workspace.ledger.visit(run_id, visit.url)
        own = {document.id for document in page.documents} & relinked
        if own and (found is None or found.outcome is Outcome.UNCHANGED):
            taken.append((visit, page))
            ids |= own
    workspace.ledger.schedule(run_id, [Scheduled(visit.url) for visit, _ in taken])
    return taken, ids


def unchanged_documents(pages: Iterable[Cleaned], published: Mapping[str, str]) -> Iterator[Document]:
    """Yield the documents of the pages whose text is the published one."""
    return (one for page in pages for one in page.documents if published.get(one.id) == one.version)
