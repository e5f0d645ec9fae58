"""The check after every run: three counts made independently must agree, and every URL has one outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Protocol

from output.archive.scan import run_records
from output.base.records import ArchiveRef, Outcome
from output.ledger.ledger import Ledger, Visit

# URLs named in a line; the rest are counted.
MAX_URLS_LISTED = 20


class DatasetCounts(Protocol):
    """What the dataset says of a run: the input ids with a document, and those with a rejection."""

    @property
    def documents(self) -> Set[str]:
        """The pages with a document."""

    @property
    def rejections(self) -> Set[str]:
        """The pages with a rejection."""


def check_run(ledger: Ledger, archive_folder: Path, run_id: str, dataset_counts: DatasetCounts) -> list[str]:
    """The differences between what ledger, archive and dataset hold of a run, a line a kind; [] is good.

    The archive is counted by reading its files, the dataset by its own rows. Raises StorageError
    where the archive is damaged.
    """
    visits = list(ledger.visits(run_id))
    return [
        *_named("without an outcome", (v.url for v in visits if v.outcome is Outcome.PENDING)),
        *_archive_lines(visits, archive_folder, ledger.run(run_id).source_id, run_id),
        *_both_ways("published", _having(visits, Outcome.PUBLISHED), dataset_counts.documents),
        *_both_ways("rejected", _having(visits, Outcome.REJECTED), dataset_counts.rejections),
    ]


def _archive_lines(visits: list[Visit], folder: Path, source_id: str, run_id: str) -> Iterable[str]:
    counted = {(visit.url, _place(visit.ref)) for visit in visits if visit.ref is not None}
    records = [(head.url, _place(head.ref)) for head in run_records(folder, source_id, run_id)]
    archived = set(records)
    twice = (url for url, n in Counter(url for url, _ in records).items() if n > 1)
    yield from _named("archived more than once", twice)
    yield from _named(
        "in the ledger, not where it says in the archive", (url for url, _ in counted - archived)
    )
    yield from _named("in the archive, not in the ledger", (url for url, _ in archived - counted))


def _both_ways(what: str, in_ledger: Set[str], in_dataset: Set[str]) -> Iterable[str]:
    yield from _named(f"{what} in the ledger, not in the dataset", in_ledger - in_dataset)
    yield from _named(f"{what} in the dataset, not in the ledger", in_dataset - in_ledger)


def _having(visits: list[Visit], outcome: Outcome) -> set[str]:
    return {visit.url for visit in visits if visit.outcome is outcome}


def _place(ref: ArchiveRef) -> tuple[str, int, int]:
    return ref.file, ref.offset, ref.length


def _named(what: str, urls: Iterable[str]) -> list[str]:
    """One line: how many, what is wrong with them, and the first of them; no line for none."""
    found = sorted(urls)
    if not found:
        return []
    more = f" and {len(found) - MAX_URLS_LISTED} more" if len(found) > MAX_URLS_LISTED else ""
    return [f"{len(found)} {what}: {', '.join(found[:MAX_URLS_LISTED])}{more}"]
