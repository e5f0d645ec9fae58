"""What a run changes: the rows that it publishes, and the outcome of each page that it cleaned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cleaning.pipeline import Cleaned
from flows.ingest.clean import CleanedPage
from output.base.records import Document, Outcome, Rejection, Removal
from output.base.relations import Pair, Relation
from output.ledger.records import FORGOTTEN, Settled, Visit


@dataclass(slots=True)
class RunChanges:
    """The rows that a run publishes, and the outcome of each URL that was still pending.

    `documents` are new, or have another text or other metadata than before; `new` and `changed` count them.
    `pairs` align each of them that is a translation or has one. `relations` are those that links and
    redirects tell. `profile_fits` is how well each page with a site profile fits it. `superseded` holds the
    ids of documents that others replace, `total_documents` counts all documents of the source after the run.
    """

    documents: list[Document] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    total_documents: int = 0
    relations: list[Relation] = field(default_factory=list)
    profile_fits: list[float] = field(default_factory=list)
    superseded: set[str] = field(default_factory=set)


def settle_pages(
    changes: RunChanges,
    pages: Iterable[CleanedPage],
    published: Mapping[str, str],
    metadata_changed: Collection[str],
) -> dict[str, Sequence[Document]]:
    """Add the outcome and the rows of each page to `changes`, and return the documents that stand now.

    `published` maps the ids of the source's published documents to their versions; `metadata_changed` are the
    ids whose text is the published one and whose metadata is not. The documents are returned by the URL of
    their page. Of several pages that give one document, only the first counts.
    """
    url_of_document: dict[str, str] = {}
    current: dict[str, Sequence[Document]] = {}
    # A page that calls itself canonical goes before those that point to it, so that it gives the document.
    for visit, page in sorted(pages, key=lambda pair: not _is_canonical(*pair)):
        duplicates = {url_of_document[one.id] for one in page.documents if one.id in url_of_document}
        if page.rejection:
            _reject(changes, page, page.rejection)
        elif not page.documents:
            changes.settled.append(Settled(visit.url, Outcome.REFUSED, FORGOTTEN))
        elif duplicates:
            _reject(changes, page, _same_document(visit, page, min(duplicates)))
        else:
            url_of_document |= {document.id: visit.url for document in page.documents}
            current[visit.url] = page.documents
            _publish(changes, visit, page, published, metadata_changed)
    return current


def _is_canonical(visit: Visit, page: Cleaned) -> bool:
    return any(document.canonical_url in (None, visit.url) for document in page.documents)


def _same_document(visit: Visit, page: Cleaned, other_url: str) -> Rejection:
    source_id = page.documents[0].source_id
    return Rejection(source_id, visit.url, visit.run_id, visit.url, "same_document", other_url, visit.sha256)


def _reject(changes: RunChanges, page: Cleaned, rejection: Rejection) -> None:
    changes.rejections.append(rejection)
    changes.removals += page.removals
    changes.settled.append(
        Settled(rejection.input_id, Outcome.REJECTED, rejection.reason, rejection.evidence)
    )


def _publish(
    changes: RunChanges,
    visit: Visit,
    page: Cleaned,
    published: Mapping[str, str],
    metadata_changed: Collection[str],
) -> None:
    """Add the documents of a page that are new or changed; without any, the page is unchanged."""
    fresh = [
        document
        for document in page.documents
        if document.id in metadata_changed or published.get(document.id) != document.version
    ]
    if not fresh:
        changes.settled.append(Settled(visit.url, Outcome.UNCHANGED, "same_text"))
        return
    changes.new += sum(document.id not in published for document in fresh)
    changes.changed += sum(document.id in published for document in fresh)
    changes.documents += fresh
    changes.removals += page.removals
    versions = tuple((document.id, document.version) for document in fresh)
    changes.settled.append(Settled(visit.url, Outcome.PUBLISHED, documents=versions))
