"""The Prefect flow: the same run as `tamis run`, scheduled, shown and stopped by a server.

It is thin on purpose: `flows.ingest.run` does the work, and `tamis run` without a server never imports this.
A task is a source and never a page, because a mapped task costs 24 ms and a page less. Prefect keeps no
result of ours: it would be a pickle, which runs as code when it is read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect import Flow, Task, flow, get_run_logger, runtime
from prefect.assets import Asset, AssetProperties, materialize
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    FlowRun,
    State,
    TaskRun,
)
from prefect.concurrency.sync import concurrency
from prefect.runner import Runner
from prefect.states import Cancelled, Completed, Failed
from prefect.types.entrypoint import EntrypointType

from crawlers.declaration.loading import Source, find_source
from flows.ingest.lease import holding
from flows.ingest.run import Result, ingest, utc_now
from flows.reports.report import summary_line
from flows.schedule.artifacts import progress_artifact, report_artifacts
from flows.schedule.notify import TARGET, notify
from flows.schedule.server import (
    FLOW,
    HEARTBEAT_SECONDS,
    HELD,
    PARTLY,
    SKIPPED,
    host_limits,
    set_up_server,
)
from flows.workspace.sources import folders
from flows.workspace.workspace import Workspace
from output.base.errors import Busy, HeldBack, NewerFormat, TamisError, UsageError

# Seconds before each retry. A run that publishes is done in one minute, a site is often back in some more;
# what lasts longer than twenty minutes waits for the next scheduled run.
RETRY_DELAYS: list[float] = [60, 300, 900]
SLOT_SECONDS = 60  # Prefect takes no shorter lease


def is_temporary(error: BaseException) -> bool:
    """Whether a retry may help: another run holds the source, or a crawler, a site or storage went away."""
    if isinstance(error, Busy):
        return True
    return isinstance(error, TamisError) and not isinstance(error, UsageError | HeldBack | NewerFormat)


def ingest_source(
    source: Source, data: Path, limit: int | None, since: str | None, accept: str | None = None
) -> Result:
    """Run one source, from the first fetch to the release, while no other run asks its hosts.

    Raises what `ingest` raises. Busy is raised before it waits for a host, so that a second run of a source
    says at once which run holds it.
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
    """Run `ingest_source`, and raise TamisError where every URL failed, so that Prefect retries the run."""
    result = ingest_source(source, data, limit, since, accept)
    outcomes = result.report.outcomes
    if outcomes and all(name.startswith("failed") for name, _ in outcomes):
        reasons = ", ".join(f"{n} {name}" for name, n in outcomes)
        raise TamisError(f"{source.id}: no page could be fetched ({reasons}); the site may be away")
    return result


def _should_retry(task: Task[Any, Any], task_run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 - Prefect's form
    error = state.result(raise_on_failure=False)
    return isinstance(error, BaseException) and is_temporary(error)


def ingest_task(source: Source, data: Path) -> Task[..., Result]:
    """Return the task of one source; its asset is the source's documents in the dataset.

    Only a scheduled run retries by itself: at a terminal, a person sees the error and decides.
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
        retry_condition_fn=_should_retry,
        persist_result=False,
        cache_policy=NO_CACHE,
    )
    return decorate(ingest_scheduled if is_scheduled else ingest_source)


def _notify(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 - Prefect's form
    """Notify the operator's webhook or command, if one is set, of a run that failed, crashed or is held."""
    if target := os.environ.get(TARGET):
        event = {"source": flow_run.parameters.get("source"), "state": state.name, "message": state.message}
        notify(target, event | {"flow_run": str(flow_run.id)})


def _run_name() -> str:
    source = str(runtime.flow_run.parameters["source"])
    return f"ingest {Path(source).stem if source.endswith('.toml') else source}"


@flow(name=FLOW, flow_run_name=_run_name, persist_result=False, on_failure=[_notify], on_crashed=[_notify])
def ingest_flow(
    source: str,
    data: str | None = None,
    limit: int | None = None,
    since: str | None = None,
    accept: str | None = None,
) -> State[Any]:
    """Run a source (an id, the path of a .toml file, or a URL) into a data folder (or TAMIS_DATA).

    Ends as Completed; CompletedWithFailures where a page failed; HeldBack by its expectations; Skipped
    where another run holds the source; Failed with the error; Crashed where it was killed.
    """
    declared = find_source(source, folders(None))
    folder = Path(data or os.environ.get("TAMIS_DATA", "data")).resolve()
    set_up_server([declared])
    try:
        with progress_artifact(declared.id, folder):
            result: Result = ingest_task(declared, folder)(declared, folder, limit, since, accept)
    except Busy as busy:
        return Cancelled(name=SKIPPED, message=str(busy))
    except HeldBack as held:
        reports = Workspace(folder).ledger.reports()
        report_artifacts([report for report in reports if report.source_id == declared.id][-1])
        return Failed(name=HELD, message=str(held))
    report_artifacts(result.report)
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
    """Run `ingest` as a flow run on the server of PREFECT_API_URL, with the same result and errors."""
    state: State[Any] = ingest_flow(source.origin, str(data), limit, since, accept, return_state=True)
    if state.name == SKIPPED:
        raise Busy(state.message or SKIPPED)
    if state.name == HELD:
        raise HeldBack(state.message or HELD)
    result: Result = state.result()
    return result


async def serve_sources(sources: Sequence[Source], data: Path) -> None:
    """Deploy each source on its schedule, and start the runs that are due, each in a process of its own.

    Two runs of a source never overlap: a run that is due while another runs ends as Cancelled at once.
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
