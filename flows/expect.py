"""What a source should bring, held against what a run brought."""

from __future__ import annotations

from collections.abc import Sequence

from crawlers.declaration import Expect
from output.records import Document


def unmet(expect: Expect, documents: Sequence[Document], held: int) -> list[str]:
    """The expectations that a run breaks, a sentence each.

    `documents` are those of this run's changed pages, `held` counts all documents that the source would hold
    after it, so that a run in which nothing changed still meets its minimum.
    """
    problems = []
    if held < expect.documents.min:
        problems.append(f"{held} documents, fewer than the {expect.documents.min} expected")
    if expect.documents.max is not None and held > expect.documents.max:
        problems.append(f"{held} documents, more than the {expect.documents.max} expected")
    for name, share in sorted(expect.coverage.items()):
        have = sum(bool(getattr(document, name)) for document in documents)
        if documents and have < share * len(documents):
            problems.append(f"{name} in {have} of {len(documents)} documents, {share:.0%} expected")
    return problems
