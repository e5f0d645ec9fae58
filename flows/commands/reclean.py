"""`tamis clean`: the archive cleaned again with today's rules, and compared with what is published.

Nothing is fetched. Without `--publish` nothing is written: the newest archived body of every page is cleaned
and assembled as in a run, and each document is compared with its published version.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cleaning.assembly.assemble import assembled
from cleaning.assembly.mapped import Mapped
from crawlers.declaration.loading import Source, find_source
from flows.ingest.clean import CleanedPage, clean_all
from flows.ingest.jobs import Job, stored_job, with_profiles
from flows.ingest.lease import holding
from flows.ingest.reconcile.feed_texts import feed_texts
from flows.ingest.reconcile.metadata_changes import changed_fields
from flows.ingest.reconcile.redirects import follow_redirects
from flows.ingest.reconcile.spool import Spool
from flows.ingest.reconcile.withdrawals import without_withdrawn
from flows.ingest.run import Clock, Result, ingest, utc_now
from flows.reports.report import summary_line
from flows.workspace.crashes import Crash
from flows.workspace.each import for_each
from flows.workspace.progress import step
from flows.workspace.sources import declared, folders
from flows.workspace.workspace import Workspace
from output.archive.elsewhere import archive_place
from output.base.errors import UsageError
from output.base.escaping import shown
from output.base.records import Document
from output.base.serialize import as_dict
from output.ledger.records import OPT_OUT, Known, RunStatus, Scheduled

STATUSES = ("unchanged", "metadata", "changed", "new", "lost")
TROUBLES = ("rejected", "crashed", "opted_out")

MAX_DIFF_LINES = 40
MAX_NAMED_URLS = 5
BATCH_ROWS = 500


@dataclass(slots=True)
class Recleaned:
    """What today's rules make of a source's pages, compared with what is published.

    `counts` are documents by status, and `documents` the (id, URL) of those of each status but `unchanged`.
    `fields` counts the metadata fields that differ, `sample` is the unified diff of one changed document.
    `digest` is the SHA-256 of all documents, the same for the same archive and rules. Pages that have opted
    out of mining since are counted and not cleaned.
    """

    source_id: str
    pages: int = 0
    rejected: int = 0
    crashed: int = 0
    opted_out: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    documents: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    fields: Counter[str] = field(default_factory=Counter)
    digest: str = ""
    sample: str = ""


def show_reclean(data: Path, names: Sequence[str], *, folder: Path | None, as_json: bool) -> None:
    """Compare the named sources, or all that the ledger knows, and print what would change.

    Raises UsageError where nothing is stored or a source has no declaration, StorageError where the
    archive or the dataset is damaged.
    """
    workspace = Workspace(data)
    workspace.require()
    workspace.require_published()
    results = [reclean(source, workspace) for source in sources_with_runs(workspace, names, folder)]
    if as_json:
        click.echo(json.dumps([_as_json(result) for result in results], ensure_ascii=False))
    else:
        _print(results)


def publish_reclean(data: Path, names: Sequence[str], *, folder: Path | None) -> int:
    """Publish the named sources' pages, or those of all known sources, as today's rules clean them.

    Returns the highest exit code of theirs. Raises what `show_reclean` raises.
    """

    def publish_one(source: Source) -> int:
        click.echo(summary_line(publish(source, data).report))
        return 0

    return for_each(sources_with_runs(Workspace(data), names, folder), publish_one)


def sources_with_runs(workspace: Workspace, names: Sequence[str], folder: Path | None) -> list[Source]:
    """Return the named sources, or all that the ledger knows. Raises UsageError for one without a run."""
    workspace.require()
    known = sorted({run.source_id for run in workspace.ledger.runs()})
    if not names and (missing := sorted(set(known) - declared(folder))):
        raise UsageError(
            f"{workspace.data}: {', '.join(missing)} was run, but no declaration of it is found; name the "
            "sources to clean, each by its id, its .toml file or its URL, or give their folder as --sources"
        )
    sources = [find_source(name, folders(folder)) for name in names or known]
    if without_run := [source.id for source in sources if source.id not in known]:
        raise UsageError(
            f"{workspace.data}: no run of {', '.join(without_run)}; sources with runs: {', '.join(known)}"
        )
    return sources


def reclean(source: Source, workspace: Workspace) -> Recleaned:
    """Clean a source's archived pages and compare. Raises StorageError where the archive is damaged."""
    workspace.require_archive(source.id)
    result = Recleaned(source.id)
    known = list(workspace.ledger.known_urls(source.id))
    result.opted_out = sum(one.ended == OPT_OUT for one in known)
    documents = _clean_archive(result, source, workspace, [one for one in known if one.may_be_mined])
    result.digest = _digest(documents)
    _compare(result, workspace, documents, {one.url for one in known if not one.may_be_mined})
    return result


def publish(source: Source, data: Path, clock: Clock = utc_now) -> Result:
    """Publish a source's archived pages, as today's rules clean them, as a run of its own.

    It is a run whose crawl is done: every archived page is on its list, and nothing is fetched. After a kill,
    `tamis run` goes on with it. Raises UsageError where a run of the source is unfinished, and what `ingest`
    raises.
    """
    workspace = Workspace(data)
    with holding(workspace.ledger, source.id, clock):
        workspace.require_archive(source.id)
        workspace.require_published()
        place = archive_place(workspace.archive)
        run_id, resumed = workspace.ledger.open_run(source.id, now=clock(), archive=place)
        if resumed:
            raise UsageError(f"{source.id}: run {run_id} is not finished; run the source first")
        stored = [
            Scheduled(known.url) for known in workspace.ledger.known_urls(source.id) if known.may_be_mined
        ]
        workspace.ledger.schedule(run_id, stored)
        workspace.ledger.set_status(run_id, RunStatus.CRAWLED, clock())
    return ingest(source, data, clock=clock)


def _clean_archive(
    result: Recleaned, source: Source, workspace: Workspace, stored: Sequence[Known]
) -> list[Document]:
    """Return the documents of the stored pages, cleaned and assembled as in a run."""
    jobs = [stored_job(source, workspace.archive, one) for one in stored]
    profiled = with_profiles(jobs, workspace.profiles / source.id, fit=False)
    cleaned = follow_redirects(workspace, source.id, Spool(workspace.scratch, _clean(result, profiled)))
    pages = Mapped(itemgetter(1), cleaned)
    whole = without_withdrawn(workspace, assembled(pages, feed_texts(workspace, source.id, pages)))
    return [document for page in whole for document in page.documents]


def _clean(result: Recleaned, jobs: Sequence[Job]) -> Iterator[CleanedPage]:
    with step(f"cleaning {result.source_id}") as progress:
        for visit, page in clean_all(jobs):
            result.pages += 1
            progress(result.pages, len(jobs), visit.url)
            if isinstance(page, Crash):
                result.crashed += 1
                continue
            result.rejected += page.rejection is not None
            yield visit, page


def _compare(
    result: Recleaned, workspace: Workspace, documents: Sequence[Document], skipped_urls: Collection[str]
) -> None:
    """Give each document and each published row a status; rows of the pages not cleaned get none."""
    by_id: dict[str, list[Document]] = {}
    for document in documents:
        by_id.setdefault(document.id, []).append(document)
    for row in _published(workspace, result.source_id):
        if row["input_id"] in skipped_urls:
            continue
        # Several pages may give one document: the page that was published is compared, if it still gives it.
        copies = by_id.pop(row["id"], [])
        now = next((one for one in copies if one.input_id == row["input_id"]), next(iter(copies), None))
        if now is None:
            _count(result, "lost", row["id"], row["url"])
        elif any(one.version == row["version"] for one in copies):
            _count_metadata(result, row, now)
        else:
            _count(result, "changed", row["id"], row["url"])
            result.sample = result.sample or _diff(row, now)
    for id_, copies in by_id.items():
        _count(result, "new", id_, copies[0].url)


def _count_metadata(result: Recleaned, row: dict[str, Any], now: Document) -> None:
    names = changed_fields(row, now)
    result.fields.update(names)
    _count(result, "metadata" if names else "unchanged", row["id"], row["url"])


def _count(result: Recleaned, status: str, id_: str, url: str) -> None:
    result.counts[status] += 1
    if status != "unchanged":
        result.documents.setdefault(status, []).append((id_, url))


def _published(workspace: Workspace, source_id: str) -> Iterator[dict[str, Any]]:
    """Yield the published documents of a source as rows, in the order of their URLs."""
    with workspace.dataset.views() as connection:
        relation = connection.sql(
            "select * from latest where source_id = ? order by url, part, id", params=[source_id]
        )
        for batch in relation.to_arrow_reader(BATCH_ROWS):
            yield from batch.to_pylist()


def _digest(documents: Iterable[Document]) -> str:
    digest = hashlib.sha256()
    for document in documents:
        digest.update(json.dumps(as_dict(document), sort_keys=True).encode())
    return digest.hexdigest()


def _diff(row: dict[str, Any], now: Document) -> str:
    before, after = (
        [title, *text.split("\n")] for title, text in ((row["title"], row["text"]), (now.title, now.text))
    )
    lines = list(difflib.unified_diff(before, after, "published", "today", n=1, lineterm=""))
    more = [f"… {len(lines) - MAX_DIFF_LINES} more lines"] if len(lines) > MAX_DIFF_LINES else []
    return "\n".join([row["url"], *lines[:MAX_DIFF_LINES], *more])


def _as_json(result: Recleaned) -> dict[str, Any]:
    plain = dataclasses.asdict(result)
    return plain | {"counts": {status: result.counts[status] for status in STATUSES}}


def _print(results: Sequence[Recleaned]) -> None:
    console = Console(highlight=False)
    console.print(_table(results))
    for result in results:
        for line in _lines(result):
            console.print(Text(line), soft_wrap=True)
        if result.sample:
            console.print(Text("\n" + shown(result.sample, keep="\n\t")), soft_wrap=True)
        digest = f"{result.source_id}: documents sha256:{result.digest}"
        console.print(Text(digest, style="dim"), soft_wrap=True)


def _table(results: Sequence[Recleaned]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("source", overflow="fold")
    troubles = [name for name in TROUBLES if any(getattr(result, name) for result in results)]
    for name in ("pages", *troubles, *STATUSES):
        table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
    for result in results:
        counts = (
            result.pages,
            *(getattr(result, name) for name in troubles),
            *(result.counts[status] for status in STATUSES),
        )
        table.add_row(Text(result.source_id), *(f"{n:,}" for n in counts))
    return table


def _lines(result: Recleaned) -> Iterator[str]:
    """Yield a line for each status, naming some URLs, and one for the metadata fields that differ."""
    for status, documents in result.documents.items():
        urls = ", ".join(dict.fromkeys(url for _, url in documents[:MAX_NAMED_URLS]))
        more = f" and {len(documents) - MAX_NAMED_URLS} more" if len(documents) > MAX_NAMED_URLS else ""
        yield f"{result.source_id}: {status}: {shown(urls)}{more}"
    if result.fields:
        fields = ", ".join(f"{name} ({n})" for name, n in result.fields.most_common())
        yield f"{result.source_id}: metadata fields that differ: {fields}"
