"""What a data folder holds beside what the sites gave: lost, doubled, and in the latest release."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from flows.workspace.workspace import Workspace
from output.archive.scan import run_records
from output.base.records import Outcome
from output.ledger.records import UNFINISHED
from output.ledger.sql.tables import visits
from tests.soak.hosts import SECOND_EDITION, Hosts

SOURCE = "soak"


@dataclass(frozen=True)
class Account:
    """The state after a step: URLs by outcome, pages lost and doubled, documents in the latest release.

    Before a run is done, a page is not yet lost.
    """

    fetched: int
    outcomes: dict[str, int]
    lost: list[str]
    doubled: list[str]
    documents: int


def account(data: Path, sites: Hosts, edition: int) -> Account:
    """Count the newest run."""
    workspace = Workspace(data)
    run = workspace.ledger.runs(SOURCE)[0]
    visited = {visit.url: visit for visit in workspace.ledger.visits(run.run_id)}
    outcomes = Counter(str(visit.outcome) for visit in visited.values())
    fetched = sum(visit.ref is not None for visit in visited.values())
    lost: list[str] = []
    doubled: list[str] = []
    if run.status not in UNFINISHED:
        ended = {url for url, visit in visited.items() if visit.outcome is not Outcome.PENDING}
        lost = [url for url in sites.urls() if url not in ended]
        records = Counter(head.url for head in run_records(workspace.archive, SOURCE, run.run_id))
        doubled = [url for url, count in records.items() if count > 1]
        rows = _rows(workspace)
        published = Counter(url for url, _ in rows)
        doubled += [url for url, count in published.items() if count > 1]
        lost += [url for url in sites.urls("good") if url not in published]
        if edition == 2:
            amended = {url for url, is_amended in rows if is_amended}
            lost += [url for url in sites.urls("changed") if url not in amended]
    documents = _documents_in_latest(workspace.releases)
    workspace.close()
    return Account(fetched, dict(outcomes), lost, doubled, documents)


def pages_fetched(data: Path) -> int:
    """How many answers the ledger has of the newest run."""
    workspace = Workspace(data)
    run_id = next((run.run_id for run in workspace.ledger.runs(SOURCE, limit=1)), "")
    count = select(func.count()).where(visits.c.run_id == run_id, visits.c.file.is_not(None))
    with workspace.ledger.engine.begin() as connection:
        fetched: int = connection.execute(count).scalar_one()
    workspace.close()
    return fetched


def _rows(workspace: Workspace) -> list[tuple[str, bool]]:
    with workspace.dataset.views() as connection:
        query = "select url, contains(text, ?) from latest"
        return connection.execute(query, [SECOND_EDITION]).fetchall()


def _documents_in_latest(releases: Path) -> int:
    manifest = releases / "latest" / "manifest.json"
    if not manifest.exists():
        return 0
    documents: int = json.loads(manifest.read_text("utf-8"))["counts"]["documents"]
    return documents
