"""The check after every run: three independent counts must agree, and every URL must have an outcome."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Protocol

from output.archive.scan import Head, run_records
from output.base.records import ArchiveRef, Outcome
from output.base.wording import listed
from output.ledger.ledger import Ledger

# URLs in a line; the rest are only counted.
MAX_URLS_LISTED = 20
_COUNTED_OUTCOMES = (Outcome.PENDING, Outcome.PUBLISHED, Outcome.REJECTED)


class DatasetCounts(Protocol):
    """The pages of a run in the dataset: the input ids with a document, and those with a rejection."""

    @property
    def documents(self) -> Set[str]:
        """The pages with a document."""

    @property
    def rejections(self) -> Set[str]:
        """The pages with a rejection."""


def check_run(ledger: Ledger, archive_folder: Path, run_id: str, dataset_counts: DatasetCounts) -> list[str]:
    """Return a line for each kind of difference between ledger, archive and dataset; [] where they agree.

    The archive is counted by reading its files, the dataset by its own rows. Raises StorageError where the
    archive is damaged.
    """
    archived: dict[str, ArchiveRef] = {}
    urls: dict[Outcome, set[str]] = defaultdict(set)
    for visit in ledger.visits(run_id):
        if visit.ref is not None:
            archived[visit.url] = visit.ref
        if visit.outcome in _COUNTED_OUTCOMES:
            urls[visit.outcome].add(visit.url)
    records = run_records(archive_folder, ledger.run(run_id).source_id, run_id)
    return [
        *_line("without an outcome", urls[Outcome.PENDING]),
        *_archive_lines(archived, records),
        *_dataset_lines("published", urls[Outcome.PUBLISHED], dataset_counts.documents),
        *_dataset_lines("rejected", urls[Outcome.REJECTED], dataset_counts.rejections),
    ]


def _archive_lines(in_ledger: dict[str, ArchiveRef], records: Iterable[Head]) -> Iterable[str]:
    """Compare the places of the ledger with the records; each agreeing place leaves `in_ledger`."""
    seen: set[str] = set()
    twice: set[str] = set()
    unknown: set[str] = set()
    for record in records:
        if record.url in seen:
            twice.add(record.url)
        seen.add(record.url)
        if in_ledger.get(record.url) == record.ref:
            del in_ledger[record.url]
        else:
            unknown.add(record.url)
    yield from _line("archived more than once", twice)
    yield from _line("in the ledger, not where it says in the archive", in_ledger)
    yield from _line("in the archive, not in the ledger", unknown)


def _dataset_lines(outcome: str, in_ledger: Set[str], in_dataset: Set[str]) -> Iterable[str]:
    yield from _line(f"{outcome} in the ledger, not in the dataset", in_ledger - in_dataset)
    yield from _line(f"{outcome} in the dataset, not in the ledger", in_dataset - in_ledger)


def _line(what: str, urls: Iterable[str]) -> list[str]:
    """Return a line with the number of URLs, what is wrong with them, and the first of them; [] for none."""
    found = sorted(urls)
    if not found:
        return []
    return [f"{len(found)} {what}: {listed(found, MAX_URLS_LISTED)}"]
