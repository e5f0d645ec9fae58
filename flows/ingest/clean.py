"""The pages that a run archived, read back and cleaned: in a pool of processes where that pays."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from cleaning.pipeline import Cleaned, Directives, clean
from crawlers.declaration.loading import Source
from crawlers.declaration.schema import SAVED
from flows.ingest.profiles import load_profile
from flows.workspace.limits import CPU_SECONDS, OutOfTime, cpu_limit
from output.archive.archive import read_record
from output.base.records import ArchiveRef, Outcome, RawPage, sha256_hex
from output.ledger.records import Known, Visit

# Below this many pages the start of a worker (about a second) costs more than it saves.
POOL_FROM = 64
BATCH = 16


@dataclass(frozen=True, slots=True)
class Job:
    """A visited page, where its body lies, how its source wants it cleaned, its site profile's file.

    `robots` is the decision that allowed the fetch; "" for pages that others saved.
    """

    visit: Visit
    body: ArchiveRef
    source_id: str
    archive: Path
    directives: Directives
    robots: str
    profile: Path | None = None


@dataclass(frozen=True, slots=True)
class Crash:
    """A page on which cleaning itself went wrong; the page is counted as failed, and the run goes on."""

    reason: str
    detail: str


Result = tuple[Visit, Cleaned | Crash]


def clean_all(jobs: Sequence[Job]) -> Iterator[Result]:
    """Each page cleaned, in the order given. Raises StorageError where the archive is damaged."""
    if len(jobs) < POOL_FROM or (os.cpu_count() or 1) < 2:
        yield from map(_clean_one, jobs)
        return
    batches = [jobs[i : i + BATCH] for i in range(0, len(jobs), BATCH)]
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
            yield _clean_apart(job)


def _clean_apart(job: Job) -> Result:
    with _pool(1) as pool:
        try:
            return pool.submit(_clean_one, job).result()
        except BrokenProcessPool:
            return job.visit, Crash("cleaning_crashed", "the process that cleaned this page was ended")


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def _clean_batch(jobs: Sequence[Job]) -> list[Result]:
    return [_clean_one(job) for job in jobs]


def _clean_one(job: Job) -> Result:
    page = raw_page(job)
    try:
        with cpu_limit():
            return job.visit, clean(page, job.directives, load_profile(job.profile) if job.profile else None)
    except OutOfTime:
        return job.visit, Crash("cleaning_timeout", f"more than {CPU_SECONDS:.0f} seconds of CPU")
    except (ArithmeticError, LookupError, MemoryError, RuntimeError, TypeError, ValueError) as error:
        return job.visit, Crash("cleaning_error", f"{type(error).__name__}: {error}"[:500])


def directives_of(source: Source) -> Directives:
    """What a source's declaration says about cleaning."""
    return Directives(
        select=source.clean.select,
        remove=source.clean.remove,
        keep=source.clean.keep,
        split=source.clean.split,
        metadata_only=source.source.use == "metadata",
        twins=source.crawl.twins,
    )


def stored_job(source: Source, archive: Path, known: Known, run_id: str = "") -> Job:
    """A page to clean from what the archive holds of it, in no run or beside one; its body must be there."""
    assert known.ref is not None  # noqa: S101 - asked by the caller
    visit = Visit(
        run_id=run_id, url=known.url, kind=known.kind, outcome=Outcome.PENDING, reason="", detail="",
        status=None, ref=known.ref, record="response", sha256=known.sha256, body_bytes=0,
        fetched_at=known.fetched_at, depth=0, discovered_from="", hint="",
    )  # fmt: skip
    return job(source, archive, visit, known.ref)


def job(source: Source, archive: Path, visit: Visit, body: ArchiveRef) -> Job:
    """A page to clean as its source says."""
    robots = "" if source.crawl.discover in SAVED else "allow"
    return Job(visit, body, source.id, archive, directives_of(source), robots)


def raw_page(job: Job) -> RawPage:
    """The page of a visit, read back from the archive."""
    visit = job.visit
    record = read_record(job.archive, job.body)
    return RawPage(
        input_id=visit.url,
        source_id=job.source_id,
        url=visit.url,
        body=record.body,
        sha256=sha256_hex(record.body),
        fetched_at=visit.fetched_at,
        status=record.status,
        headers=record.headers,
        archive=job.body,
        run_id=visit.run_id,
        robots=job.robots,
    )
