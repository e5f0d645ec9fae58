"""Archived pages, cleaned: in a pool of processes where there are enough of them."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from cleaning.pipeline import Cleaned, clean
from flows.ingest.jobs import Job, raw_page
from flows.ingest.profiles import load_profile
from flows.workspace.limits import CPU_SECONDS, OutOfTime, cpu_limit
from output.ledger.records import Visit

# Below this many pages the start of a worker (about a second) costs more than it saves.
MIN_POOL_PAGES = 64
BATCH_PAGES = 16


@dataclass(frozen=True, slots=True)
class Crash:
    """A page on which cleaning itself failed; the page counts as failed, and the run goes on."""

    reason: str
    detail: str


CleanedPage = tuple[Visit, Cleaned]
Result = tuple[Visit, Cleaned | Crash]


def clean_all(jobs: Sequence[Job]) -> Iterator[Result]:
    """Yield each page cleaned, in the order of the jobs. Raises StorageError for a damaged archive."""
    if len(jobs) < MIN_POOL_PAGES or (os.cpu_count() or 1) < 2:
        yield from map(_clean_one, jobs)
        return
    batches = [jobs[i : i + BATCH_PAGES] for i in range(0, len(jobs), BATCH_PAGES)]
    with _pool(os.cpu_count() or 1) as pool:
        futures = [pool.submit(_clean_batch, batch) for batch in batches]
        for batch, future in zip(batches, futures, strict=True):
            yield from _results(batch, future)


def _results(batch: Sequence[Job], future: Future[list[Result]]) -> Iterator[Result]:
    try:
        yield from future.result()
    except BrokenProcessPool:
        # One page killed a worker and with it the pool: each page of the batch gets a process of its own.
        for job in batch:
            yield _clean_in_own_process(job)


def _clean_in_own_process(job: Job) -> Result:
    with _pool(1) as pool:
        try:
            return pool.submit(_clean_one, job).result()
        except BrokenProcessPool:
            return job.visit, Crash("cleaning_crashed", "the process that cleaned this page was killed")


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def _clean_batch(jobs: Sequence[Job]) -> list[Result]:
    return [_clean_one(job) for job in jobs]


def _clean_one(job: Job) -> Result:
    page, profile = raw_page(job), load_profile(job.profile) if job.profile else None
    try:
        with cpu_limit():
            return job.visit, clean(page, job.directives, profile)
    except OutOfTime:
        return job.visit, Crash("cleaning_timeout", f"more than {CPU_SECONDS:.0f} seconds of CPU")
    except Exception as error:
        return job.visit, Crash("cleaning_error", f"{type(error).__name__}: {error}"[:500])
