"""One run of one source, from the first fetch to the release: plain functions, in their order.

    crawl → reconcile (clean, assemble, align) → relate → publish → settle → check → release

Each stage leaves its result in the ledger, the archive or the dataset before the next one begins. After a
kill, the same command goes on where it stopped.
"""

from __future__ import annotations

import getpass
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from statistics import median
from typing import NoReturn

from cleaning.assembly.alignment import translations
from cleaning.relations.relate import relate
from cleaning.relations.types import Candidate
from crawlers.declaration.loading import Source
from crawlers.declaration.user_agent import require_contact
from flows.ingest.crawl import crawl
from flows.ingest.deferrals import deferrals
from flows.ingest.departures import newly_empty, newly_truncated, newly_unavailable
from flows.ingest.expectations import violations
from flows.ingest.lease import holding
from flows.ingest.reconcile.reconcile import reconcile_run
from flows.ingest.reconcile.run_changes import RunChanges
from flows.ingest.reconcile.spool import Flat
from flows.ingest.release import cut
from flows.ingest.sessions import cut_sessions
from flows.workspace.progress import step
from flows.workspace.workspace import Workspace
from output.archive.elsewhere import archive_place
from output.base.errors import HeldBack, StorageError, TamisError
from output.base.records import Outcome, RunReport
from output.base.relations import Relation
from output.base.serialize import as_dict
from output.base.wording import counted
from output.integrity.check import check_run
from output.integrity.recovery import outcomes_from_dataset, replaced_documents
from output.ledger.records import RunRow, RunStatus, Settled
from output.relations.index import RelationIndex
from output.release.release import Release

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run: its report, and the release that now holds its documents."""

    report: RunReport
    release: Release


def ingest(
    source: Source,
    data: Path,
    *,
    limit: int | None = None,
    since: str | None = None,
    accept: str | None = None,
    clock: Clock = utc_now,
) -> Result:
    """Run one source into archive, ledger, dataset and a release below the folder `data`.

    `accept` is the reason to publish a run that breaks its source's expectations. Raises HeldBack where it
    breaks them without `accept`, after the outcomes are recorded; Busy where another process runs the source;
    UsageError where another machine holds its archive, or a crawl names no contact; StorageError where
    storage is damaged, the dataset lacks what is published, or the counts differ.
    """
    with closing(Workspace(data)) as workspace, holding(workspace.ledger, source.id, clock):
        workspace.require_archive(source.id)
        workspace.require_published()
        if all(run.status is not RunStatus.CRAWLED for run in workspace.ledger.runs(source.id, limit=1)):
            require_contact(source)  # before a run begins that no crawl can go on with
        place = archive_place(workspace.archive)
        run_id, resumed = workspace.ledger.open_run(source.id, now=clock(), archive=place)
        run = workspace.ledger.run(run_id)
        if run.status is RunStatus.CRAWLING:
            _crawl(source, workspace, run_id, resumed=resumed, limit=limit, since=since, clock=clock)
        report = workspace.dataset.committed(run_id)
        if report is None:
            report = _publish(source, workspace, run, accept, clock)
        else:
            _settle_committed(workspace, run_id)
        _check(workspace, report, RunStatus.CRAWLED, clock)
        release = cut(workspace)
        # Last of all: after a kill before this, the next call finds the run unfinished, and cuts its release.
        workspace.ledger.set_status(run_id, RunStatus.PUBLISHED, clock())
        return Result(report, release)


def _crawl(
    source: Source,
    workspace: Workspace,
    run_id: str,
    *,
    resumed: bool,
    limit: int | None,
    since: str | None,
    clock: Clock,
) -> None:
    with step(f"{'resuming' if resumed else 'crawling'} {source.id}") as progress:
        crawl(source, workspace, run_id, progress, limit=limit, since=since)
    if waiting := workspace.ledger.waiting(run_id):
        raise TamisError(
            f"{source.id}: the crawler ended before it asked for {counted(len(waiting), 'URL')}, the first "
            f"{waiting[0].url}; run the source again to go on"
        )
    workspace.ledger.set_status(run_id, RunStatus.CRAWLED, clock())


def _settle_committed(workspace: Workspace, run_id: str) -> None:
    """Bring the ledger up to a run that the dataset holds already: it was killed after its commit."""
    settled = outcomes_from_dataset(workspace.dataset, workspace.ledger, run_id)
    workspace.ledger.settle_many(run_id, settled, replaced_documents(workspace.dataset, run_id))


def _publish(
    source: Source, workspace: Workspace, run: RunRow, accept: str | None, clock: Clock
) -> RunReport:
    """Clean what the run archived, hold it against the source's expectations, and commit it."""
    changes = reconcile_run(source, workspace, run.run_id)
    problems = violations(source.expect, changes, workspace.dataset, source.id)
    if problems:
        if accept is None:
            _hold_back(workspace, run, changes, problems, clock)
        problems = _accept(workspace, run, problems, accept, clock)
    messages = (*problems, *_departures(workspace, run, changes))
    return commit_changes(source, workspace, run, changes, messages, clock)


def commit_changes(
    source: Source,
    workspace: Workspace,
    run: RunRow,
    changes: RunChanges,
    messages: Sequence[str],
    clock: Clock,
) -> RunReport:
    """Relate what a run changes, commit it to the dataset, then to the ledger. Raises StorageError."""
    _settle_failed(workspace, run, changes)
    relations = _relate(source, workspace, run, changes)
    # It tells which other documents the run knew: never before its start, even where the clock was set back.
    related_at = max(clock(), run.started_at)
    report = replace(_report(workspace, run, changes, relations, related_at), messages=tuple(messages))
    workspace.dataset.publish(
        report,
        changes.documents,
        Flat(changes.receipts),
        changes.rejections,
        relations,
        Flat(changes.pairs),
    )
    workspace.ledger.settle_many(run.run_id, changes.settled, changes.superseded)
    return report


def _accept(
    workspace: Workspace, run: RunRow, problems: Sequence[str], reason: str, clock: Clock
) -> list[str]:
    """Record who accepted the broken expectations and why, and return them as messages."""
    workspace.ledger.accept(run.run_id, problems, now=clock(), by=getpass.getuser(), reason=reason)
    return [f"accepted ({reason}): {problem}" for problem in problems]


def _settle_failed(workspace: Workspace, run: RunRow, changes: RunChanges) -> None:
    """Settle the pages on which cleaning failed, before the commit: they leave no row to settle them by."""
    failed = [one for one in changes.settled if one.outcome is Outcome.FAILED]
    workspace.ledger.settle_many(run.run_id, failed)


def _relate(source: Source, workspace: Workspace, run: RunRow, changes: RunChanges) -> list[Relation]:
    """Return the relations of the run's documents to each other and to everything published before."""
    official = source.about.official

    def relate_all() -> list[Relation]:
        candidates = (Candidate.of(document, official=official) for document in changes.documents)
        index = RelationIndex(workspace.ledger.engine, workspace.stores.survivor)
        return relate(candidates, index, run_id=run.run_id, withdrawn=sorted(changes.superseded))

    found = workspace.ledger.attempt(relate_all)
    aligned = chain.from_iterable(map(translations, changes.pairs))
    return [*found, *aligned, *changes.relations]


def _hold_back(
    workspace: Workspace, run: RunRow, changes: RunChanges, problems: list[str], clock: Clock
) -> NoReturn:
    """Keep a run out of the dataset, and record in the ledger why. Raises HeldBack."""
    held = _as_held(changes)
    workspace.ledger.settle_many(run.run_id, held)
    unpublished = RunChanges(workspace.scratch)
    unpublished.settled, unpublished.profile_fits = held, changes.profile_fits
    report = _report(workspace, run, unpublished, [], clock())
    messages = (*problems, *_departures(workspace, run, changes))
    report = replace(report, status=RunStatus.HELD.value, messages=messages)
    _check(workspace, report, RunStatus.HELD, clock)
    raise HeldBack(
        f"{run.source_id}: run {run.run_id} is held back, nothing of it is published: {'; '.join(problems)}"
    )


def _as_held(changes: RunChanges) -> list[Settled]:
    """Return the outcomes of a run that is held back: its documents and its rejections are held."""
    held = [
        replace(one, outcome=Outcome.HELD, documents=())
        if one.outcome in (Outcome.PUBLISHED, Outcome.REJECTED)
        else one
        for one in changes.settled
    ]
    settled = {one.url for one in held}
    held += [
        Settled(one.input_id, Outcome.HELD, one.reason, one.evidence)
        for one in changes.rejections
        if one.input_id not in settled
    ]
    return held


def _departures(workspace: Workspace, run: RunRow, changes: RunChanges) -> list[str]:
    """Return the messages about published pages that are gone, empty or cut, hosts left, and session ids."""
    return [
        *newly_unavailable(workspace.ledger, run.run_id, changes.superseded),
        *newly_empty(workspace.ledger, run.run_id, changes.rejections),
        *newly_truncated(workspace, changes.documents),
        *deferrals(workspace.ledger, run.run_id),
        *cut_sessions(workspace.ledger, run.run_id),
    ]


def _check(workspace: Workspace, report: RunReport, agreed: RunStatus, clock: Clock) -> None:
    """Compare the counts of ledger, archive and dataset, and store the report with the status `agreed`.

    Raises StorageError where the counts differ; the run has then failed.
    """
    with step("checking") as progress:
        progress(0, 1, report.run_id)
        rows = workspace.dataset.page_counts(report.run_id)
        differences = check_run(workspace.ledger, workspace.archive, report.run_id, rows)
        progress(1, 1, "counts differ" if differences else "counts agree")
    if differences:
        report = replace(report, status=RunStatus.FAILED.value, messages=(*report.messages, *differences))
    stored = json.dumps(as_dict(report), ensure_ascii=False)
    status = RunStatus.FAILED if differences else agreed
    workspace.ledger.set_status(report.run_id, status, clock(), stored)
    if differences:
        lines = "\n".join(differences)
        raise StorageError(f"run {report.run_id}: the counts of ledger, archive and dataset differ:\n{lines}")


def _report(
    workspace: Workspace, run: RunRow, changes: RunChanges, relations: Iterable[Relation], now: datetime
) -> RunReport:
    outcomes: dict[str, str] = {}
    fetched = fetched_bytes = 0
    for visit in workspace.ledger.visits(run.run_id):
        outcomes[visit.url] = ": ".join(filter(None, (visit.outcome, visit.reason)))
        fetched += visit.record == "response"
        fetched_bytes += visit.body_bytes
    scheduled = len(outcomes)
    outcomes |= {one.url: ": ".join(filter(None, (one.outcome, one.reason))) for one in changes.settled}
    return RunReport(
        run_id=run.run_id,
        source_id=run.source_id,
        status=RunStatus.PUBLISHED.value,
        started_at=run.started_at.isoformat(),
        finished_at=now.isoformat(),
        scheduled=scheduled,
        fetched=fetched,
        fetched_bytes=fetched_bytes,
        documents=len(changes.documents),
        new=changes.new,
        changed=changes.changed,
        outcomes=_tally(outcomes.values()),
        removals=tuple(sorted(changes.removals.items())),
        access=_tally(document.access for document in changes.documents),
        relations=_tally(relation.relation for relation in relations),
        profile_fit=round(median(changes.profile_fits), 4) if changes.profile_fits else None,
    )


def _tally(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(map(str, names)).items()))
