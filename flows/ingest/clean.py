"""Archived pages, cleaned: in a pool of processes where there are enough of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from cleaning.pipeline import Cleaned, clean
from flows.ingest.jobs import Job, raw_page
from flows.ingest.profiles import load_profile
from flows.workspace.crashes import CLEANING_CRASHED, Crash, attempt_in_time
from flows.workspace.workers import run_in_workers
from output.ledger.records import Visit

# Below this many pages the start of a worker (about a second) costs more than it saves.
MIN_POOL_PAGES = 64


CleanedPage = tuple[Visit, Cleaned]
Result = tuple[Visit, Cleaned | Crash]


def clean_all(jobs: Sequence[Job]) -> Iterator[Result]:
    """Yield each page cleaned, in the order of the jobs. Raises StorageError for a damaged archive."""
    workers = os.cpu_count() or 1
    if len(jobs) < MIN_POOL_PAGES or workers < 2:
        yield from map(_clean_one, jobs)
    else:
        yield from run_in_workers(_clean_one, jobs, _killed, workers)


def _clean_one(job: Job) -> Result:
    page, profile = raw_page(job), load_profile(job.profile) if job.profile else None
    return job.visit, attempt_in_time(lambda: clean(page, job.directives, profile))


def _killed(job: Job) -> Result:
    return job.visit, Crash(CLEANING_CRASHED, "the process that cleaned this page was killed")
