"""Recovery of the ledger from the dataset: the rows of a committed run tell the outcome of each page."""

from __future__ import annotations

from collections import defaultdict

from output.base.records import Outcome
from output.base.relations import SUCCESSOR
from output.dataset.dataset import Dataset
from output.ledger.ledger import Ledger
from output.ledger.records import Settled


def outcomes_from_dataset(dataset: Dataset, ledger: Ledger, run_id: str) -> list[Settled]:
    """Return the outcomes of a committed run's pages that are still pending in the ledger.

    A run that was killed between its commit and its settling is not cleaned again: what it published counts,
    whatever today's rules would make of the pages.
    """
    documents = defaultdict(list)
    with dataset.views() as connection:
        rows = "select input_id, id, version from documents where run_id = ? order by input_id, part"
        for page, document_id, version in connection.execute(rows, [run_id]).fetchall():
            documents[page].append((document_id, version))
        rows = "select input_id, reason, evidence from rejections where run_id = ?"
        rejections = {page: rest for page, *rest in connection.execute(rows, [run_id]).fetchall()}
    settled = []
    for visit in ledger.visits(run_id, Outcome.PENDING):
        if pairs := documents.get(visit.url):
            settled.append(Settled(visit.url, Outcome.PUBLISHED, documents=tuple(pairs)))
        elif visit.url in rejections:
            reason, evidence = rejections[visit.url]
            settled.append(Settled(visit.url, Outcome.REJECTED, reason, evidence))
        else:
            settled.append(Settled(visit.url, Outcome.UNCHANGED, "same_text"))
    return settled


def replaced_documents(dataset: Dataset, run_id: str) -> list[str]:
    """Return the ids of the documents that others have replaced in a committed run."""
    with dataset.views() as connection:
        rows = connection.execute(
            "select b from relations where run_id = ? and rule = ?", [run_id, SUCCESSOR]
        )
        return [document_id for (document_id,) in rows.fetchall()]
