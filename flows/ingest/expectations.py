"""What a source should bring, held against what a run brought."""

from __future__ import annotations

from crawlers.declaration.schema import Expect
from flows.ingest.profiles import drift
from flows.ingest.reconcile import RunChanges
from output.dataset.dataset import Dataset
from output.dataset.shape import describe_drift, missing_shares, published_shape, shape_of


def violations(expect: Expect, changes: RunChanges, dataset: Dataset, source_id: str) -> list[str]:
    """The expectations that a run breaks, a sentence each.

    What it brings is measured on its new and changed documents, how many it brings on all that the source
    would hold after it, so that a run in which nothing changed still meets its minimum. Raises StorageError.
    """
    documents, standing = changes.documents, changes.standing
    problems = []
    if standing < expect.documents.min:
        problems.append(f"{standing} documents, fewer than the {expect.documents.min} expected")
    if expect.documents.max is not None and standing > expect.documents.max:
        problems.append(f"{standing} documents, more than the {expect.documents.max} expected")
    for name, share in sorted(expect.coverage.items()):
        have = sum(bool(getattr(document, name)) for document in documents)
        if documents and have < share * len(documents):
            problems.append(f"{name} in {have} of {len(documents)} documents, {share:.0%} expected")
    run = shape_of(documents)
    problems += missing_shares(expect.access, run)
    if expect.drift is not None:
        problems += describe_drift(published_shape(dataset, source_id), run, expect.drift)
    if changed := drift(changes.fits):
        problems.append(changed)
    return problems
