"""The ledger mended from the dataset: where a run's commit stands, its rows say what became of each page."""

from __future__ import annotations

from collections import defaultdict

from output.base.records import SUCCESSOR, Outcome
from output.dataset.dataset import Dataset
from output.ledger.ledger import Ledger, Settled


def outcomes_from_dataset(dataset: Dataset, ledger: Ledger, run_id: str) -> list[Settled]:
    """The outcomes of a committed run's pages that the ledger still has as pending.

    A run that was killed between its commit and its settling is not cleaned again: what was published
    then is what stands, whatever today's rules would make of the pages.
    """
    documents = defaultdict(list)
    with dataset.views() as connection:
        rows = "select input_id, id, version from documents where run_id = ? order by input_id, part"
        for page, identity, version in connection.execute(rows, [run_id]).fetchall():
            documents[page].append((identity, version))
        refused = "select input_id, reason, evidence from rejections where run_id = ?"
        rejections = {page: rest for page, *rest in connection.execute(refused, [run_id]).fetchall()}
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
    """The ids of the documents in whose place others stand since a committed run."""
    with dataset.views() as connection:
        rows = connection.execute(
            "select b from relations where run_id = ? and rule = ?", [run_id, SUCCESSOR]
        )
        return [one for (one,) in rows.fetchall()]
