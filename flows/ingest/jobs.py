"""Cleaning jobs: archived pages, each with the directives and the site profile that apply to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cleaning.assembly.mapped import Mapped
from cleaning.pipeline import Directives
from crawlers.declaration.loading import Source
from crawlers.declaration.schema import OFFLINE_METHODS
from flows.ingest.profiles import fit_profiles, url_pattern
from flows.workspace.workspace import Workspace
from output.archive.archive import read_record
from output.base.errors import StorageError
from output.base.records import ArchiveRef, Outcome, RawPage, sha256_hex
from output.ledger.records import Known, Visit


@dataclass(frozen=True, slots=True)
class Job:
    """A visited page to clean: its body in the archive, its source's directives, its site profile's file.

    `robots` is the robots.txt decision that allowed the fetch; "" for pages that others saved.
    """

    visit: Visit
    body: ArchiveRef
    source_id: str
    archive: Path
    directives: Directives
    robots: str
    profile: Path | None = None


def pending_jobs(source: Source, workspace: Workspace, run_id: str) -> Iterator[Job]:
    """Yield a job for each pending page of a run. Raises StorageError for one without an archived body."""
    for visit in workspace.ledger.visits(run_id, Outcome.PENDING):
        body, fetched_at = visit.ref, visit.fetched_at
        if visit.record != "response":
            # An earlier run fetched the body: it has not changed since, or the archive is cleaned again.
            known = workspace.ledger.known(source.id, visit.url)
            body = known.ref if known else None
            fetched_at = fetched_at or (known.fetched_at if known else None)
        if body is None:
            raise StorageError(
                f"run {run_id}: {visit.url} is pending, but its body is not in the archive; "
                "run the source again"
            )
        yield _job(source, workspace.archive, replace(visit, fetched_at=fetched_at), body)


def stored_job(source: Source, archive: Path, known: Known, run_id: str = "") -> Job:
    """Return a job for the newest archived body of a known URL, which must have one."""
    assert known.ref is not None  # noqa: S101 - the caller has checked
    visit = Visit(
        run_id=run_id, url=known.url, kind=known.kind, outcome=Outcome.PENDING, reason="", detail="",
        status=None, ref=known.ref, record="response", sha256=known.sha256, body_bytes=0,
        fetched_at=known.fetched_at, depth=0, discovered_from="", hint="",
    )  # fmt: skip
    return _job(source, archive, visit, known.ref)


def with_profiles(jobs: Sequence[Job], folder: Path, *, fit: bool = True) -> Sequence[Job]:
    """Return the jobs, each with the profile of its URL pattern.

    A missing profile is fitted from the pages of these jobs, unless `fit` is False.
    """
    position = {job.visit.url: n for n, job in enumerate(jobs)}
    files = fit_profiles(folder, position, (lambda url: raw_page(jobs[position[url]])) if fit else None)
    return Mapped(lambda job: replace(job, profile=files.get(url_pattern(job.visit.url))), jobs)


def raw_page(job: Job) -> RawPage:
    """Read the page of a job from the archive. Raises StorageError."""
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


def directives_of(source: Source) -> Directives:
    """Return the cleaning directives of a source's declaration."""
    return Directives(
        select=source.clean.select,
        remove=source.clean.remove,
        keep=source.clean.keep,
        split=source.clean.split,
        metadata_only=source.about.use == "metadata",
        alternates=source.crawl.alternates,
    )


def _job(source: Source, archive: Path, visit: Visit, body: ArchiveRef) -> Job:
    robots = "" if source.crawl.discover in OFFLINE_METHODS else "allow"
    return Job(visit, body, source.id, archive, directives_of(source), robots)
