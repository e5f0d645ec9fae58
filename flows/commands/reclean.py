"""`tamis clean`: the archive cleaned again with today's rules, held against what is published.

Nothing is fetched and nothing written: every page's newest stored body is read back, cleaned and
assembled as a run would, and each document compared with the version that stands in the dataset.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cleaning.pipeline import Cleaned, assemble
from crawlers.declaration.loading import Source, find_source
from flows.ingest.clean import Crash, Job, clean_all, stored_job
from flows.ingest.feed_texts import feed_texts
from flows.ingest.lease import holding
from flows.ingest.metadata_changes import changed_fields
from flows.ingest.reconcile import with_profiles
from flows.ingest.redirects import follow_redirects
from flows.ingest.run import Clock, Result, ingest, utc_now
from flows.ingest.withdrawals import without_withdrawn
from flows.reports.report import summary_line
from flows.workspace.each import for_each
from flows.workspace.progress import step
from flows.workspace.sources import declared, folders
from flows.workspace.workspace import Workspace
from output.base.errors import UsageError
from output.base.escaping import shown
from output.base.records import Document
from output.base.serialize import as_dict
from output.ledger.records import OPT_OUT, RunStatus, Scheduled

STATUSES = ("unchanged", "metadata", "changed", "new", "lost")

DIFF_LINES = 40
NAMED = 5
READ_ROWS = 500


@dataclass(slots=True)
class Recleaned:
    """What today's rules make of a source's pages, beside what is published.

    `documents` names (id, URL) of the documents of each status but `unchanged`; `fields` counts the metadata
    that differ; `digest` is the SHA-256 of all documents, the same for the same archive and rules; `sample`
    is the unified diff of one changed document. Pages that have opted out of mining since are left alone, and
    counted.
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
    results = [reclean(source, workspace) for source in _chosen(workspace, names, folder)]
    if as_json:
        click.echo(json.dumps([_as_json(result) for result in results], ensure_ascii=False))
    else:
        _print(results)


def publish_reclean(data: Path, names: Sequence[str], *, folder: Path | None) -> int:
    """Publish what today's rules make of the named sources' pages, or of all that the ledger knows; gives the
    exit code, the gravest of theirs.

    Raises as `show_reclean` does.
    """

    def again(source: Source) -> int:
        click.echo(summary_line(publish(source, data).report))
        return 0

    return for_each(_chosen(Workspace(data), names, folder), again)


def _chosen(workspace: Workspace, names: Sequence[str], folder: Path | None) -> list[Source]:
    workspace.require()
    known = sorted({run.source_id for run in workspace.ledger.runs()})
    if not names and (missing := sorted(set(known) - declared(folder))):
        raise UsageError(
            f"{workspace.data}: {', '.join(missing)} was run, but is declared in no folder looked in; "
            "name the sources to clean, one by its id, its .toml file or its URL, or give --sources"
        )
    sources = [find_source(name, folders(folder)) for name in names or known]
    if strange := [source.id for source in sources if source.id not in known]:
        raise UsageError(
            f"{workspace.data}: no run of {', '.join(strange)}; sources with runs: {', '.join(known)}"
        )
    return sources


def reclean(source: Source, workspace: Workspace) -> Recleaned:
    """Clean a source's stored pages and compare. Raises StorageError where the archive is damaged."""
    result = Recleaned(source.id)
    known = list(workspace.ledger.known_urls(source.id))
    result.opted_out = sum(one.ended == OPT_OUT for one in known)
    closed = {one.url for one in known if not one.may_be_mined}
    jobs = [stored_job(source, workspace.archive, one) for one in known if one.may_be_mined]
    jobs = with_profiles(jobs, workspace.profiles / source.id, fit=False)
    pages = follow_redirects(workspace, source.id, [*_cleaned(result, jobs)])
    whole = without_withdrawn(workspace, assemble(pages, feed_texts(workspace, source.id, pages)))
    documents = [document for page in whole for document in page.documents]
    result.digest = _digest(documents)
    _compare(result, workspace, documents, closed)
    return result


def publish(source: Source, data: Path, clock: Clock = utc_now) -> Result:
    """Publish what today's rules make of a source's stored pages, as a run of its own.

    To the rest of the chain it is a run whose crawl is done: every stored page is on its list, and nothing is
    fetched. Killed on the way, `tamis run` goes on with it. Raises UsageError where a run of the source is
    unfinished, and what `ingest` raises.
    """
    workspace = Workspace(data)
    with holding(workspace.ledger, source.id, clock):
        run_id, resumed = workspace.ledger.open_run(source.id, now=clock())
        if resumed:
            raise UsageError(f"{source.id}: run {run_id} is not finished; run the source first")
        stored = [
            Scheduled(known.url) for known in workspace.ledger.known_urls(source.id) if known.may_be_mined
        ]
        workspace.ledger.schedule(run_id, stored)
        workspace.ledger.set_status(run_id, RunStatus.CRAWLED, clock())
    return ingest(source, data, clock=clock)


def _cleaned(result: Recleaned, jobs: Sequence[Job]) -> Iterator[Cleaned]:
    with step(f"cleaning {result.source_id}") as progress:
        for visit, page in clean_all(jobs):
            result.pages += 1
            progress(result.pages, len(jobs), visit.url)
            if isinstance(page, Crash):
                result.crashed += 1
                continue
            result.rejected += page.rejection is not None
            yield page


def _compare(
    result: Recleaned, workspace: Workspace, documents: Sequence[Document], closed: Collection[str]
) -> None:
    made: dict[str, list[Document]] = {}
    for document in documents:
        made.setdefault(document.id, []).append(document)
    for row in _published(workspace, result.source_id):
        if row["input_id"] in closed:
            continue
        twins = made.pop(row["id"], [])
        # Pages that give one document: the one that was published is compared, where it still gives it.
        now = next((twin for twin in twins if twin.input_id == row["input_id"]), next(iter(twins), None))
        if now is None:
            _count(result, "lost", row["id"], row["url"])
        elif any(twin.version == row["version"] for twin in twins):
            _count_metadata(result, row, now)
        else:
            _count(result, "changed", row["id"], row["url"])
            result.sample = result.sample or _diff(row, now)
    for identity, twins in made.items():
        _count(result, "new", identity, twins[0].url)


def _count_metadata(result: Recleaned, row: dict[str, Any], now: Document) -> None:
    names = changed_fields(row, now)
    result.fields.update(names)
    _count(result, "metadata" if names else "unchanged", row["id"], row["url"])


def _count(result: Recleaned, status: str, identity: str, url: str) -> None:
    result.counts[status] += 1
    if status != "unchanged":
        result.documents.setdefault(status, []).append((identity, url))


def _published(workspace: Workspace, source_id: str) -> Iterator[dict[str, Any]]:
    """The documents of a source that stand, as plain rows in the order of their URLs."""
    with workspace.dataset.views() as connection:
        relation = connection.sql(
            "select * from latest where source_id = ? order by url, part, id", params=[source_id]
        )
        for batch in relation.to_arrow_reader(READ_ROWS):
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
    more = [f"… {len(lines) - DIFF_LINES} more lines"] if len(lines) > DIFF_LINES else []
    return "\n".join([row["url"], *lines[:DIFF_LINES], *more])


def _as_json(result: Recleaned) -> dict[str, Any]:
    plain = dataclasses.asdict(result)
    return plain | {"counts": {status: result.counts[status] for status in STATUSES}}


def _print(results: Sequence[Recleaned]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("source", overflow="fold")
    troubles = [
        name for name in ("rejected", "crashed", "opted_out") if any(getattr(one, name) for one in results)
    ]
    for name in ("pages", *troubles, *STATUSES):
        table.add_column(name, justify="right", no_wrap=True)
    for one in results:
        counts = (one.pages, *(getattr(one, name) for name in troubles), *(one.counts[s] for s in STATUSES))
        table.add_row(Text(one.source_id), *(f"{n:,}" for n in counts))
    console.print(table)
    for one in results:
        for status, named in one.documents.items():
            urls = ", ".join(dict.fromkeys(url for _, url in named[:NAMED]))
            more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
            console.print(Text(f"{one.source_id}: {status}: {shown(urls)}{more}"), soft_wrap=True)
        if one.fields:
            fields = ", ".join(f"{name} ({n})" for name, n in one.fields.most_common())
            console.print(Text(f"{one.source_id}: metadata that differ: {fields}"))
        if one.sample:
            console.print(Text("\n" + shown(one.sample, keep="\n\t")), soft_wrap=True)
        console.print(Text(f"{one.source_id}: documents sha256:{one.digest}", style="dim"), soft_wrap=True)
