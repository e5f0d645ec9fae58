"""`tamis rebuild`: the dataset and the index of relations made again, from the archive and the ledger.

Every published run is repeated in its order, under its own id, from the bodies that it archived and with
today's rules. Nothing is fetched. Runs that the dataset still has stay as they are. The runs are repeated in
a ledger of their own, beside the real one, which takes the result over at the end: a rebuild that was killed
has changed nothing there, and goes on when it is called again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import click

from cleaning.relations.relate import relate
from cleaning.relations.types import Candidate
from crawlers.declaration.loading import Source, find_source
from flows.commands.reclean import sources_with_runs
from flows.ingest.lease import holding
from flows.ingest.past_runs import ARCHIVE_LOST, LostPage, RunState, enter_crawl
from flows.ingest.reconcile.reconcile import reconcile_run
from flows.ingest.run import commit_changes, utc_now
from flows.workspace.sources import declared, folders
from flows.workspace.workspace import Workspace
from output.base.errors import StorageError, UsageError
from output.base.escaping import shown
from output.base.records import Access, Outcome, RunReport
from output.base.serialize import as_dict
from output.base.wording import counted, listed
from output.dataset.dataset import Dataset
from output.integrity.published import lost_runs
from output.integrity.recovery import outcomes_from_dataset, replaced_documents
from output.ledger.ledger import Ledger
from output.ledger.records import FORGOTTEN, OPT_OUT, UNFINISHED, RunRow, RunStatus
from output.relations.index import RelationIndex
from output.stores import Stores

MAX_NAMED_URLS = 20
_REASONS = {
    ARCHIVE_LOST: "record in the archive is missing or damaged; the next run fetches it again",
    FORGOTTEN: "withdrawn with `tamis forget`",
    OPT_OUT: "opted out of text and data mining since",
}
# What relating reads of a document, as columns of the dataset.
_CANDIDATES = """
select id, version, text, language, title, document_number, issuer_id, date_published, date_issued,
    date_effective, source_id, access
from documents where run_id = ? order by input_id, part
"""


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run of the ledger with its report, and the time at which it related its documents."""

    run: RunRow
    report: RunReport | None
    related_at: datetime
    state: RunState


def rebuild(data: Path, names: Sequence[str], *, folder: Path | None) -> int:
    """Rebuild the dataset, and print what it holds and what could not be had; return the exit code.

    That is 1 where archived pages are lost. Raises UsageError where nothing is stored, or where a source that
    was run has no declaration, or its archive on another machine. Raises StorageError where the dataset has
    damaged files, and Busy.
    """
    with closing(Workspace(data)) as workspace, ExitStack() as leases:
        sources = _all_sources(workspace, names, folder)
        for source_id in sources:
            workspace.require_archive(source_id)
            leases.enter_context(holding(workspace.ledger, source_id, utc_now))
        _require_sound(workspace)
        runs = _past_runs(workspace)
        lost = _repeat(workspace, sources, runs)
        published = [past for past in runs if past.state is not RunState.UNPUBLISHED]
        with workspace.dataset.views() as connection:
            ((documents,),) = connection.execute("select count(*) from latest_keys").fetchall()
        made = counted(len(published), "run")
        click.echo(f"{workspace.dataset.root}: {made} with {counted(documents, 'document')}")
    for line in _lines(lost):
        click.echo(shown(line))
    click.echo("next: tamis release")
    return int(any(page.reason == ARCHIVE_LOST for page in lost))


def _all_sources(workspace: Workspace, names: Sequence[str], folder: Path | None) -> dict[str, Source]:
    """Return every source that was run, by id: those named, and the others by their declarations."""
    workspace.require()
    named = {source.id: source for source in sources_with_runs(workspace, names, folder)} if names else {}
    others = sorted({run.source_id for run in workspace.ledger.runs()} - named.keys())
    if undeclared := sorted({*others} - declared(folder)):
        raise UsageError(
            f"{workspace.data}: a dataset is rebuilt from all its sources, and no declaration of "
            f"{', '.join(undeclared)} is found; name its .toml file too, or its folder as --sources"
        )
    return named | {source_id: find_source(source_id, folders(folder)) for source_id in others}


def _require_sound(workspace: Workspace) -> None:
    """Raise StorageError where the dataset has damaged files, for then nothing can be added to it."""
    dataset = workspace.dataset
    damaged = dataset.verify() or [
        run.line(dataset) for run in lost_runs(workspace.ledger, dataset) if run.table != "runs"
    ]
    if damaged:
        raise StorageError(
            f"{damaged[0]}; move {dataset.root} away, and the same command makes all of it again; "
            "the releases stand"
        )


def _past_runs(workspace: Workspace) -> list[PastRun]:
    """Return the runs that have ended, in the order in which they related their documents."""
    reports = {report.run_id: report for report in workspace.ledger.reports()}
    committed = {report.run_id for report in workspace.dataset.runs()}
    found = []
    for run in workspace.ledger.runs():
        if run.status in UNFINISHED:
            continue
        report = reports.get(run.run_id)
        ended = report and (report.finished_at or report.started_at)
        related_at = datetime.fromisoformat(ended) if ended else run.started_at
        state = RunState.UNPUBLISHED
        if _was_published(workspace.ledger, run):
            state = RunState.IN_DATASET if run.run_id in committed else RunState.LOST
        found.append(PastRun(run, report, related_at, state))
    return sorted(found, key=lambda past: (past.related_at, past.run.run_id))


def _was_published(ledger: Ledger, run: RunRow) -> bool:
    """Whether a run was committed to the dataset; one whose counts differed afterwards has failed."""
    if run.status is RunStatus.FAILED:
        return any(outcome == Outcome.PUBLISHED for outcome, _ in ledger.counts(run.run_id))
    return run.status is RunStatus.PUBLISHED


def _repeat(workspace: Workspace, sources: Mapping[str, Source], runs: Sequence[PastRun]) -> list[LostPage]:
    """Repeat the runs in a ledger of their own, and have the real one take over what they came to."""
    past, lost = workspace.ledger, list[LostPage]()
    opted_out = {source_id: _opted_out(past, source_id) for source_id in sources}
    with _beside(workspace) as again:
        for tombstone in past.tombstones():
            again.ledger.forget([tombstone.url], now=tombstone.forgotten_at, by=tombstone.forgotten_by)
        for number, one in enumerate(runs, 1):
            source = sources[one.run.source_id]
            lost += enter_crawl(past, again, one.run, opted_out[source.id], one.state)
            report = _REPEATS[one.state](source, again, one)
            stored = json.dumps(as_dict(report), ensure_ascii=False) if report else ""
            again.ledger.set_status(one.run.run_id, one.run.status, one.related_at, stored)
            click.echo(f"run {number} of {len(runs)}: {one.run.run_id}", err=True)
        published = [one.run.run_id for one in runs if one.state is not RunState.UNPUBLISHED]
        records = [page.visit.ref for page in lost if page.reason == ARCHIVE_LOST and page.visit.ref]
        past.take_over(again.ledger, published, records)
        RelationIndex(past.engine).take_over(RelationIndex(again.ledger.engine, again.stores.survivor))
    return lost


def _opted_out(ledger: Ledger, source_id: str) -> set[str]:
    return {
        known.url
        for kind in ("page", "index")
        for known in ledger.known_urls(source_id, kind)
        if known.ended == OPT_OUT
    }


@contextmanager
def _beside(workspace: Workspace) -> Iterator[Workspace]:
    """Open the workspace with an empty ledger of its own, which is removed afterwards."""
    folder = workspace.data / ".rebuild"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    stores = Stores(str(folder / "ledger.sqlite"), workspace.stores.dataset, workspace.stores.survivor)
    try:
        with closing(Workspace(workspace.data, stores)) as again:
            yield again
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _publish_again(source: Source, again: Workspace, past: PastRun) -> RunReport:
    """Clean, relate and publish what a run archived."""
    changes = reconcile_run(source, again, past.run.run_id)
    messages = past.report.messages if past.report else ()
    report = commit_changes(source, again, past.run, changes, messages, lambda: past.related_at)
    return replace(report, status=past.run.status.value)


def _take_from_dataset(source: Source, again: Workspace, past: PastRun) -> RunReport | None:
    """Settle and relate a run by the rows that the dataset has of it."""
    run_id = past.run.run_id
    settled = outcomes_from_dataset(again.dataset, again.ledger, run_id)
    replaced = replaced_documents(again.dataset, run_id)
    again.ledger.settle_many(run_id, settled, replaced)
    candidates = _candidates(again.dataset, run_id, official=source.about.official)
    index = RelationIndex(again.ledger.engine, again.stores.survivor)
    relate(candidates, index, run_id=run_id, withdrawn=sorted(replaced))
    return past.report


def _candidates(dataset: Dataset, run_id: str, *, official: bool) -> list[Candidate]:
    with dataset.views() as connection:
        rows = connection.execute(_CANDIDATES, [run_id])
        names = [column[0] for column in rows.description]
        found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return [Candidate(**{**row, "access": Access(row["access"])}, official=official) for row in found]


_REPEATS: Mapping[RunState, Callable[[Source, Workspace, PastRun], RunReport | None]] = {
    RunState.LOST: _publish_again,
    RunState.IN_DATASET: _take_from_dataset,
    RunState.UNPUBLISHED: lambda _source, _again, past: past.report,
}


def _lines(lost: Collection[LostPage]) -> Iterator[str]:
    """Yield a line for each reason for which pages could not be had, with the first of their URLs."""
    for reason, why in _REASONS.items():
        urls = sorted({page.visit.url for page in lost if page.reason == reason})
        if urls:
            yield f"{len(urls)} not to be had ({why}): {listed(urls, MAX_NAMED_URLS)}"
