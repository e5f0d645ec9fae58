"""Prefect over the plain functions: the same run, seen, scheduled and stopped by a server.

Thin on purpose: what a run does lies in flows.ingest.run, and `tamis run` without a server never comes here.
A task is a source, never a page: a mapped task costs 24 ms, a page less than that. Prefect keeps no
result of ours: it would be a pickle, which is code to whoever reads it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect import Flow, Task, flow, get_run_logger, runtime
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.assets import Asset, AssetProperties, materialize
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    FlowRun,
    State,
    StateType,
    TaskRun,
)
from prefect.concurrency.sync import concurrency
from prefect.events import EventTrigger, Posture, ResourceSpecification
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.states import Cancelled, Completed, Failed
from prefect.types.entrypoint import EntrypointType

from crawlers.declaration.loading import Source, find_source
from flows.ingest.lease import holding
from flows.ingest.run import Result, ingest, utc_now
from flows.reports.report import as_markdown, summary_line
from flows.schedule.notify import TARGET, notify
from flows.workspace.sources import folders
from flows.workspace.workspace import Workspace
from output.base.errors import Busy, HeldBack, StorageError, TamisError, UsageError
from output.base.records import RunReport
from output.ledger.ledger import Ledger

FLOW = "tamis-ingest"
SKIPPED, HELD, PARTLY = "Skipped", "HeldBack", "CompletedWithFailures"

# Seconds before each further try. Another publisher is done in one minute, a site is back in some more;
# what does not pass in twenty is left to the next tick.
RETRY_DELAYS: list[float] = [60, 300, 900]
# Prefect takes no shorter heartbeat. A flow that has missed two is dead; with the half minute that the
# automation may take to notice, it ends as crashed within two.
HEARTBEAT_SECONDS = 30
SILENT_SECONDS = 75
SLOT_SECONDS = 60  # Prefect takes no shorter lease
PROGRESS_SECONDS = 10.0


def may_pass(error: BaseException) -> bool:
    """Whether trying again may help: a holder, a crawler or a site that went away; never what is wrong."""
    if isinstance(error, Busy):
        return True
    return isinstance(error, TamisError) and not isinstance(error, UsageError | HeldBack | StorageError)


def ingest_source(
    source: Source, data: Path, limit: int | None, since: str | None, accept: str | None = None
) -> Result:
    """One source, from the first fetch to the release, while no other run asks its hosts.

    Raises what `ingest` raises; Busy before it waits for a host, so that a second run of a source says at
    once who holds it.
    """
    with holding(Workspace(data).ledger, source.id, utc_now):
        pass
    # A limit that does not exist would be passed over, so its absence is an error. A server that goes away
    # for a while costs the slot and not the crawl; a killed run keeps its slot no longer than a lease.
    slot = concurrency(
        host_limits(source), strict=True, lease_duration=SLOT_SECONDS, raise_on_lease_renewal_failure=False
    )
    result = None
    try:
        with slot:
            result = ingest(source, data, limit=limit, since=since, accept=accept)
    except Exception as error:
        if result is None:
            raise
        get_run_logger().warning("the slot could not be given back, and ends with its lease: %s", error)
    return result


def ingest_scheduled(
    source: Source, data: Path, limit: int | None, since: str | None, accept: str | None = None
) -> Result:
    """`ingest_source`, where a run that reached nothing at all counts as one to try again."""
    result = ingest_source(source, data, limit, since, accept)
    outcomes = result.report.outcomes
    if outcomes and all(name.startswith("failed") for name, _ in outcomes):
        reasons = ", ".join(f"{n} {name}" for name, n in outcomes)
        raise TamisError(f"{source.id}: no page could be had ({reasons}); the site may be away")
    return result


def _retry(task: Task[Any, Any], task_run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 - Prefect's form
    error = state.result(raise_on_failure=False)
    return isinstance(error, BaseException) and may_pass(error)


def ingest_task(source: Source, data: Path) -> Task[..., Result]:
    """The task of one source, whose asset is what the dataset holds of it, made from its site.

    Only a scheduled run tries again by itself: at a terminal, somebody sees the error and decides.
    """
    is_scheduled = runtime.deployment.id is not None
    name = AssetProperties(name=source.about.name, description=f"Documents of {source.about.home}")
    asset = Asset(key=f"{(data / 'dataset').resolve().as_uri()}/documents/{source.id}", properties=name)
    decorate = materialize(
        asset,
        by="tamis",
        asset_deps=[source.about.home],
        name="ingest-source",
        task_run_name=f"ingest {source.id}",
        retries=len(RETRY_DELAYS) if is_scheduled else 0,
        retry_delay_seconds=RETRY_DELAYS,
        retry_condition_fn=_retry,
        persist_result=False,
        cache_policy=NO_CACHE,
    )
    return decorate(ingest_scheduled if is_scheduled else ingest_source)


def _tell(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - Prefect's form
    """Tell the operator's webhook or command, if there is one, of a run that failed, crashed or is held."""
    if target := os.environ.get(TARGET):
        event = {"source": flow_run.parameters.get("source"), "state": state.name, "message": state.message}
        notify(target, event | {"flow_run": str(flow_run.id)})


def _run_name() -> str:
    source = str(runtime.flow_run.parameters["source"])
    return f"ingest {Path(source).stem if source.endswith('.toml') else source}"


@flow(name=FLOW, flow_run_name=_run_name, persist_result=False, on_failure=[_tell], on_crashed=[_tell])
def ingest_flow(
    source: str,
    data: str | None = None,
    limit: int | None = None,
    since: str | None = None,
    accept: str | None = None,
) -> State[Any]:
    """A run of a source (an id, the path of a .toml file, or a URL) into a data folder (or TAMIS_DATA).

    Ends as Completed; CompletedWithFailures where a page failed; HeldBack by its expectations; Skipped
    where somebody else runs the source; Failed with the error; Crashed where it was killed.
    """
    declared = find_source(source, folders(None))
    folder = Path(data or os.environ.get("TAMIS_DATA", "data")).resolve()
    ensure([declared])
    try:
        with _progress(declared.id, folder):
            result: Result = ingest_task(declared, folder)(declared, folder, limit, since, accept)
    except Busy as busy:
        return Cancelled(name=SKIPPED, message=str(busy))
    except HeldBack as held:
        reports = Workspace(folder).ledger.reports()
        _summary([report for report in reports if report.source_id == declared.id][-1])
        return Failed(name=HELD, message=str(held))
    _summary(result.report)
    failed = any(name.startswith("failed") for name, _ in result.report.outcomes)
    name = PARTLY if failed else "Completed"
    return Completed(name=name, message=summary_line(result.report), data=result)


def ingest_as_flow(
    source: Source,
    data: Path,
    *,
    limit: int | None = None,
    since: str | None = None,
    accept: str | None = None,
) -> Result:
    """`ingest`, as a flow run on the server that PREFECT_API_URL names, with the same result and errors."""
    state: State[Any] = ingest_flow(source.origin, str(data), limit, since, accept, return_state=True)
    if state.name == SKIPPED:
        raise Busy(state.message or SKIPPED)
    if state.name == HELD:
        raise HeldBack(state.message or HELD)
    result: Result = state.result()
    return result


def host_limits(source: Source) -> list[str]:
    """The names of the concurrency limits of a source's hosts."""
    return [f"host:{site}" for site in sorted(source.sites())]


def ensure(sources: Sequence[Source]) -> None:
    """Make on the server what the runs of these sources rely on, where it is missing.

    A concurrency limit for each host, of one run at a time: an operator's own number stays. And the
    automation that ends a flow as crashed when its heartbeat stops.
    """
    with get_client(sync_client=True) as client:
        for name in sorted({name for source in sources for name in host_limits(source)}):
            try:
                client.read_global_concurrency_limit_by_name(name)
            except ObjectNotFound:
                client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
        automation = _crash_the_silent()
        if not client.read_automations_by_name(automation.name):
            client.create_automation(automation)


def _crash_the_silent() -> AutomationCore:
    """https://docs.prefect.io/v3/advanced/detect-zombie-flows, for our flow alone."""
    ends = ("Completed", "Failed", "Cancelled", "Crashed", PARTLY, HELD, SKIPPED)
    message = f"no sign of life for {SILENT_SECONDS} s; the next run of the source goes on from there"
    our_flow = ResourceSpecification({"prefect.resource.role": ["flow"], "prefect.resource.name": [FLOW]})
    return AutomationCore(
        name="tamis: what has died ends as crashed",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{end}" for end in ends)},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            match_related=our_flow,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=SILENT_SECONDS),
        ),
        actions=[ChangeFlowRunState(name=None, state=StateType.CRASHED, message=message, force=False)],
    )


async def serve_sources(sources: Sequence[Source], data: Path) -> None:
    """Deploy each source on its schedule, and start what is due, each run in a process of its own.

    Two runs of a source never overlap: one that is due while another runs ends as Cancelled at once.
    """
    runner = Runner(name="tamis", heartbeat_seconds=HEARTBEAT_SECONDS)
    one_at_a_time = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    for source in sources:
        deployment = await ingest_flow.ato_deployment(
            name=source.id,
            cron=source.schedule.cron or None,
            parameters={"source": source.origin, "data": str(data)},
            concurrency_limit=one_at_a_time,
            description=f"{source.about.name}: {source.about.home}",
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        await runner.aadd_deployment(deployment)
    await runner.start()


@contextmanager
def _progress(source_id: str, data: Path) -> Iterator[None]:
    """A progress artifact while the run goes on: the share of its URLs that are asked, from the ledger."""
    ledger, ended = Workspace(data).ledger, threading.Event()

    def show() -> None:
        with _at_best():
            about = f"{source_id}: URLs asked"
            artifact: Any = create_progress_artifact(0.0, key=f"progress-{source_id}", description=about)
            while not ended.wait(PROGRESS_SECONDS):
                update_progress_artifact(artifact, _asked(ledger, source_id))
            update_progress_artifact(artifact, _asked(ledger, source_id))

    thread = threading.Thread(target=copy_context().run, args=(show,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(PROGRESS_SECONDS)


def _asked(ledger: Ledger, source_id: str) -> float:
    """How much of what the source's last run has scheduled so far is asked, in per cent."""
    run = next(iter(ledger.runs(source_id, limit=1)), None)
    total = sum(ledger.counts(run.run_id).values()) if run else 0
    return round(100 * (1 - len(ledger.waiting(run.run_id)) / total), 1) if run and total else 0.0


def _summary(report: RunReport) -> None:
    """The run as artifacts: its outcomes as a table, all of it as a page."""
    rows = [{"outcome": name, "urls": n} for name, n in report.outcomes]
    with _at_best():
        create_table_artifact(table=rows, key=f"outcomes-{report.source_id}", description=report.run_id)
        create_markdown_artifact(as_markdown(report), key=f"report-{report.source_id}")


@contextmanager
def _at_best() -> Iterator[None]:
    """For what only shows a run: a server that is away is no reason to call a finished run failed."""
    try:
        yield
    except Exception as error:
        get_run_logger().warning("not shown on the server: %s", error)
