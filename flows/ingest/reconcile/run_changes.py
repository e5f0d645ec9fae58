"""What a run changes: the rows that it publishes, and the outcome of each page that it cleaned."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cleaning.pipeline import Cleaned
from flows.ingest.clean import CleanedPage
from flows.ingest.reconcile.spool import Spool
from output.base.records import Document, Outcome, Rejection, Removal
from output.base.relations import Pair, Relation
from output.ledger.records import FORGOTTEN, Settled, Visit


class RunChanges:
    """The rows that a run publishes, and the outcome of each URL that was still pending.

    `documents` are new, or have another text or other metadata than before; `new` and `changed` count them.
    `receipts` are the removals of each page that is published or rejected, and `removals` counts them by
    kind. `pairs` align each document that is a translation or has one, a list for each. `relations` are those
    that links and redirects tell. `profile_fits` is how well each page with a site profile fits it.
    `superseded` holds the ids of documents that others replace, `total_documents` counts all documents of the
    source after the run. What grows with the texts of the run is kept below the folder `scratch`.
    """

    def __init__(self, scratch: Path) -> None:
        self.documents: Spool[Document] = Spool(scratch)
        self.receipts: Spool[tuple[Removal, ...]] = Spool(scratch)
        self.pairs: Spool[list[Pair]] = Spool(scratch)
        self.removals: Counter[str] = Counter()
        self.rejections: list[Rejection] = []
        self.settled: list[Settled] = []
        self.relations: list[Relation] = []
        self.profile_fits: list[float] = []
        self.superseded: set[str] = set()
        self.new = self.changed = self.total_documents = 0


@dataclass(frozen=True, slots=True)
class Present:
    """The documents that a page of the run gives: their ids and versions, and the page's place among all."""

    position: int
    versions: Mapping[str, str]


def settle_pages(
    changes: RunChanges,
    pages: Sequence[CleanedPage],
    receipts: Sequence[tuple[Removal, ...]],
    published: Mapping[str, str],
    metadata_changed: Collection[str],
) -> dict[str, Present]:
    """Add the outcome and the rows of each page to `changes`, and return the documents that stand now.

    `receipts` are the removals of each page, beside those that assembly made. `published` maps the ids of the
    source's published documents to their versions; `metadata_changed` are the ids whose text is the published
    one and whose metadata is not. The documents are returned by the URL of their page. Of several pages that
    give one document, only the first counts.
    """
    url_of_document: dict[str, str] = {}
    present: dict[str, Present] = {}
    # A page that calls itself canonical goes before those that point to it, so that it gives the document.
    ranks = bytes(not _is_canonical(*page) for page in pages)
    for position in sorted(range(len(pages)), key=ranks.__getitem__):
        visit, page = pages[position]
        page = dataclasses.replace(page, removals=(*receipts[position], *page.removals))
        duplicates = {url_of_document[one.id] for one in page.documents if one.id in url_of_document}
        if page.rejection:
            _reject(changes, page, page.rejection)
        elif not page.documents:
            changes.settled.append(Settled(visit.url, Outcome.REFUSED, FORGOTTEN))
        elif duplicates:
            _reject(changes, page, _same_document(visit, page, min(duplicates)))
        else:
            url_of_document |= {document.id: visit.url for document in page.documents}
            present[visit.url] = Present(position, {one.id: one.version for one in page.documents})
            _publish(changes, visit, page, published, metadata_changed)
    return present


def _is_canonical(visit: Visit, page: Cleaned) -> bool:
    return any(document.canonical_url in (None, visit.url) for document in page.documents)


def _same_document(visit: Visit, page: Cleaned, other_url: str) -> Rejection:
    source_id = page.documents[0].source_id
    return Rejection(source_id, visit.url, visit.run_id, visit.url, "same_document", other_url, visit.sha256)


def _reject(changes: RunChanges, page: Cleaned, rejection: Rejection) -> None:
    changes.rejections.append(rejection)
    _keep_receipts(changes, page)
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
    changes.documents.extend(fresh)
    _keep_receipts(changes, page)
    versions = tuple((document.id, document.version) for document in fresh)
    changes.settled.append(Settled(visit.url, Outcome.PUBLISHED, documents=versions))


def _keep_receipts(changes: RunChanges, page: Cleaned) -> None:
    changes.receipts.append(page.removals)
    changes.removals.update(removal.kind.value for removal in page.removals)
