"""Statistics of a source's documents, and how far a run differs from what is published.

A site that changes its layout seldom breaks a page outright: texts get shorter, verdicts shift, profiles
fit less. Over all documents of a run, this shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from output.base.records import Document
from output.base.wording import counted
from output.dataset.dataset import Dataset

# With fewer documents, shares and medians are chance.
MIN_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """The number of documents, the share of each access verdict, and medians over the documents."""

    documents: int
    access: Mapping[str, float] = field(default_factory=dict)
    characters: float | None = None
    share_kept: float | None = None
    profile_fit: float | None = None


def shape_of(documents: Iterable[Document]) -> Shape:
    """Compute the shape of a run's documents."""
    columns = [(d.access.value, d.characters, d.share_kept, d.profile_fit) for d in documents]
    return _shape(columns)


def published_shape(dataset: Dataset, source_id: str) -> Shape:
    """Compute the shape of the newest versions of a source's documents. Raises StorageError."""
    query = "select access, characters, share_kept, profile_fit from latest where source_id = ?"
    with dataset.views() as connection:
        return _shape(connection.execute(query, [source_id]).fetchall())


def describe_drift(published: Shape, run: Shape, limit: float) -> list[str]:
    """Return a sentence for each way in which a run differs by more than `limit`, from 0 to 1.

    Verdicts differ by the share of documents that would have to change theirs (total variation distance),
    medians by their relative change. Empty where either side has fewer than MIN_DOCUMENTS documents.
    """
    if min(published.documents, run.documents) < MIN_DOCUMENTS:
        return []
    lines = []
    verdicts = published.access.keys() | run.access.keys()
    shift = sum(abs(published.access.get(v, 0) - run.access.get(v, 0)) for v in verdicts) / 2
    if shift > limit:
        before, now = _shares_text(published.access), _shares_text(run.access)
        lines.append(f"verdicts moved by {shift:.0%}: from {before} to {now}")
    for name in ("characters", "share_kept", "profile_fit"):
        old, new = getattr(published, name), getattr(run, name)
        if old and new is not None and abs(new - old) / old > limit:
            lines.append(f"median of {name} moved by {abs(new - old) / old:.0%}: from {old:g} to {new:g}")
    return lines


def missing_shares(access: Mapping[str, float], run: Shape) -> list[str]:
    """Return a sentence for each verdict that fewer of a run's documents have than `access` asks for."""
    return [
        f"verdict {verdict} in {run.access.get(verdict, 0):.0%} of {counted(run.documents, 'document')}, "
        f"{share:.0%} expected"
        for verdict, share in sorted(access.items())
        if run.documents and run.access.get(verdict, 0) < share
    ]


def _shape(rows: Sequence[tuple[str, int, float, float | None]]) -> Shape:
    if not rows:
        return Shape(0)
    access = Counter(row[0] for row in rows)
    fits = [row[3] for row in rows if row[3] is not None]
    return Shape(
        len(rows),
        {verdict: count / len(rows) for verdict, count in sorted(access.items())},
        median(row[1] for row in rows),
        median(row[2] for row in rows),
        median(fits) if fits else None,
    )


def _shares_text(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{share:.0%} {verdict}" for verdict, share in shares.items()) or "none"
