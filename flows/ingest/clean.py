"""Archived pages, cleaned: in a pool of processes where there are enough of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cleaning.pipeline import Cleaned, clean
from flows.ingest.jobs import Job, raw_page
from flows.ingest.profiles import load_profile
from flows.workspace.limits import CPU_SECONDS, OutOfTime, cpu_limit
from flows.workspace.workers import run_in_workers
from output.ledger.records import Visit

# Below this many pages the start of a worker (about a second) costs more than it saves.
MIN_POOL_PAGES = 64


@dataclass(frozen=True, slots=True)
class Crash:
    """A page on which cleaning itself failed; the page counts as failed, and the run goes on."""

    reason: str
    detail: str


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
    try:
        with cpu_limit():
            return job.visit, clean(page, job.directives, profile)
    except OutOfTime:
        return job.visit, Crash("cleaning_timeout", f"more than {CPU_SECONDS:.0f} seconds of CPU")
    except Exception as error:
        return job.visit, Crash("cleaning_error", f"{type(error).__name__}: {error}"[:500])


def _killed(job: Job) -> Result:
    return job.visit, Crash("cleaning_crashed", "the process that cleaned this page was killed")
