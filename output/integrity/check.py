"""The check after every run: three independent counts must agree, and every URL must have an outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Protocol

from output.archive.scan import Head, run_records
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import Visit

# URLs in a line; the rest are only counted.
MAX_URLS_LISTED = 20


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
    visits = list(ledger.visits(run_id))
    records = list(run_records(archive_folder, ledger.run(run_id).source_id, run_id))
    return [
        *_line("without an outcome", _urls_with(visits, Outcome.PENDING)),
        *_archive_lines(visits, records),
        *_dataset_lines("published", _urls_with(visits, Outcome.PUBLISHED), dataset_counts.documents),
        *_dataset_lines("rejected", _urls_with(visits, Outcome.REJECTED), dataset_counts.rejections),
    ]


def _archive_lines(visits: list[Visit], records: list[Head]) -> Iterable[str]:
    in_ledger = {(visit.url, visit.ref) for visit in visits if visit.ref is not None}
    in_archive = {(record.url, record.ref) for record in records}
    records_of_url = Counter(record.url for record in records)
    yield from _line("archived more than once", (url for url, n in records_of_url.items() if n > 1))
    yield from _line(
        "in the ledger, not where it says in the archive", (url for url, _ in in_ledger - in_archive)
    )
    yield from _line("in the archive, not in the ledger", (url for url, _ in in_archive - in_ledger))


def _dataset_lines(outcome: str, in_ledger: Set[str], in_dataset: Set[str]) -> Iterable[str]:
    yield from _line(f"{outcome} in the ledger, not in the dataset", in_ledger - in_dataset)
    yield from _line(f"{outcome} in the dataset, not in the ledger", in_dataset - in_ledger)


def _urls_with(visits: list[Visit], outcome: Outcome) -> set[str]:
    return {visit.url for visit in visits if visit.outcome is outcome}


def _line(what: str, urls: Iterable[str]) -> list[str]:
    """Return a line with the number of URLs, what is wrong with them, and the first of them; [] for none."""
    found = sorted(urls)
    if not found:
        return []
    more = f" and {len(found) - MAX_URLS_LISTED} more" if len(found) > MAX_URLS_LISTED else ""
    return [f"{len(found)} {what}: {', '.join(found[:MAX_URLS_LISTED])}{more}"]
