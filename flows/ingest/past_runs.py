"""Past crawls, entered into an empty ledger as their crawlers left them, so that cleaning can be repeated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

from flows.workspace.workspace import Workspace
from output.archive.archive import read_record
from output.base.errors import StorageError
from output.base.records import ArchiveRef, Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import (
    FORGOTTEN,
    MOVED,
    OPT_OUT,
    OUTCOMES_WITHOUT_BODY,
    Fetched,
    RunRow,
    Scheduled,
    Settled,
    Visit,
)

# The reason of a page whose archived body is missing or damaged.
ARCHIVE_LOST = "archive_lost"


class RunState(Enum):
    """Whether a past run was published, and whether the dataset still has it."""

    UNPUBLISHED = auto()
    LOST = auto()
    IN_DATASET = auto()


@dataclass(frozen=True, slots=True)
class LostPage:
    """A page of a run that cannot be had again: withdrawn, opted out, or its body cannot be read."""

    visit: Visit
    reason: str
    detail: str = ""


def enter_crawl(
    past: Ledger, workspace: Workspace, run: RunRow, opted_out: Collection[str], state: RunState
) -> list[LostPage]:
    """Enter a past run into the ledger of `workspace`; return the pages whose bodies cannot be had.

    Unless the run was not published, what cleaning said of its pages is left out: they are pending, as after
    the crawl. Withdrawn URLs and those that have `opted_out` since are refused.
    """
    ledger = workspace.ledger
    ledger.open_run(run.source_id, now=run.started_at, run_id=run.run_id)
    visits = list(past.visits(run.run_id))
    taken = {one.url for one in ledger.schedule(run.run_id, map(_scheduled, visits))}
    responses: list[tuple[Fetched, Settled]] = []
    settled: list[Settled] = []
    lost: list[LostPage] = []
    for visit in visits:
        outcome = _settled(visit) if state is RunState.UNPUBLISHED else _as_crawled(visit)
        known = ledger.known(run.source_id, visit.url)
        earlier = known.ref if known else None
        body = visit.ref if visit.record == "response" else earlier
        if visit.url not in taken:
            lost.append(LostPage(visit, FORGOTTEN))
        elif visit.url in opted_out:
            lost.append(LostPage(visit, OPT_OUT))
            settled.append(Settled(visit.url, Outcome.REFUSED, OPT_OUT))
        elif problem := _problem(workspace, visit, outcome, body):
            lost.append(LostPage(visit, ARCHIVE_LOST, problem))
            settled += _without_body(outcome, problem, state)
        elif visit.ref is None or body is None:
            settled.append(outcome)
        else:
            responses.append((_fetched(visit, visit.ref, body), outcome))
    ledger.fetched(run.run_id, responses)
    ledger.settle_many(run.run_id, settled)
    return lost


def _scheduled(visit: Visit) -> Scheduled:
    return Scheduled(visit.url, visit.kind, visit.discovered_from, visit.depth, visit.hint)


def _settled(visit: Visit) -> Settled:
    return Settled(visit.url, visit.outcome, visit.reason, visit.detail)


def _as_crawled(visit: Visit) -> Settled:
    """Return the outcome that the crawler gave, PENDING where cleaning gave the present one."""
    by_cleaning = (
        visit.outcome in (Outcome.PUBLISHED, Outcome.HELD)
        or (visit.outcome is Outcome.REJECTED and visit.reason != MOVED)
        or (visit.outcome is Outcome.UNCHANGED and visit.reason == "same_text")
        or (visit.outcome is Outcome.FAILED and visit.reason.startswith(("cleaning_", ARCHIVE_LOST)))
        or (visit.outcome is Outcome.REFUSED and visit.reason == FORGOTTEN)
    )
    return Settled(visit.url, Outcome.PENDING) if by_cleaning else _settled(visit)


def _problem(workspace: Workspace, visit: Visit, outcome: Settled, body: ArchiveRef | None) -> str:
    """Return why a body that is needed cannot be read, "" where it can, or where none is needed."""
    if body is None:
        return "no body of it is in the archive" if outcome.outcome is Outcome.PENDING else ""
    is_kept = visit.record == "response" and visit.status is not None and 200 <= visit.status < 300
    if not is_kept or outcome.outcome in OUTCOMES_WITHOUT_BODY:
        return ""
    try:
        read_record(workspace.archive, body)
    except StorageError as error:
        return str(error)
    return ""


def _without_body(outcome: Settled, problem: str, state: RunState) -> list[Settled]:
    """Return the outcome of a page without a body; what is pending in a published run, its rows tell."""
    if outcome.outcome is not Outcome.PENDING:
        return [outcome]
    failed = Settled(outcome.url, Outcome.FAILED, ARCHIVE_LOST, problem)
    return [] if state is RunState.IN_DATASET else [failed]


def _fetched(visit: Visit, ref: ArchiveRef, body: ArchiveRef) -> Fetched:
    assert visit.status is not None  # noqa: S101 - what has a record has a status
    assert visit.fetched_at is not None  # noqa: S101
    revisit_of = body if visit.record == "revisit" else None
    return Fetched(
        visit.url, visit.status, ref, visit.record, visit.sha256, visit.fetched_at,
        body_bytes=visit.body_bytes, revisit_of=revisit_of,
    )  # fmt: skip
