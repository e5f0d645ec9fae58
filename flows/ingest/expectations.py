"""A source's `[expect]` section, checked against what a run brings."""

from __future__ import annotations

from collections import Counter

from crawlers.declaration.schema import Expect
from flows.ingest.profiles import layout_change
from flows.ingest.reconcile.run_changes import RunChanges
from output.base.wording import counted
from output.dataset.dataset import Dataset
from output.dataset.shape import describe_drift, missing_shares, published_shape, shape_of


def violations(expect: Expect, changes: RunChanges, dataset: Dataset, source_id: str) -> list[str]:
    """Return a message for each expectation that a run breaks.

    Coverage, access and drift are measured on the run's new and changed documents. The number of documents
    counts all that the source has after the run, so that a run without changes still meets its minimum.
    Raises StorageError.
    """
    documents, total = changes.documents, changes.total_documents
    problems = []
    if total < expect.documents.min:
        problems.append(f"{counted(total, 'document')}, fewer than the {expect.documents.min} expected")
    if expect.documents.max is not None and total > expect.documents.max:
        problems.append(f"{counted(total, 'document')}, more than the {expect.documents.max} expected")
    asked = expect.coverage.keys()
    have = Counter(name for one in documents if asked for name in asked if getattr(one, name))
    for name, share in sorted(expect.coverage.items()):
        if documents and have[name] < share * len(documents):
            problems.append(
                f"{name} in {have[name]} of {counted(len(documents), 'document')}, {share:.0%} expected"
            )
    run = shape_of(documents)
    problems += missing_shares(expect.access, run)
    if expect.drift is not None:
        problems += describe_drift(published_shape(dataset, source_id), run, expect.drift)
    if changed := layout_change(changes.profile_fits):
        problems.append(changed)
    return problems
