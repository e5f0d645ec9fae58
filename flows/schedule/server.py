"""What runs rely on and the Prefect server keeps: concurrency limits, and an automation for dead runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.objects import StateType
from prefect.events import EventTrigger, Posture, ResourceSpecification
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound

from crawlers.declaration.loading import Source

FLOW = "tamis-ingest"
SKIPPED, HELD, PARTLY = "Skipped", "HeldBack", "CompletedWithFailures"

# Prefect takes no shorter heartbeat. A flow that has missed two is dead; with the half minute that the
# automation may take to notice, it ends as crashed within two.
HEARTBEAT_SECONDS = 30
SILENT_SECONDS = 75


def host_limits(source: Source) -> list[str]:
    """Return the names of the concurrency limits of a source's hosts."""
    return [f"host:{site}" for site in sorted(source.sites())]


def set_up_server(sources: Sequence[Source]) -> None:
    """Create on the server what the runs of these sources rely on, where it is missing.

    Each host gets a concurrency limit of one run; a number that the operator has set stays. An automation
    ends a flow run as crashed when its heartbeat stops.
    """
    with get_client(sync_client=True) as client:
        for name in sorted({name for source in sources for name in host_limits(source)}):
            try:
                client.read_global_concurrency_limit_by_name(name)
            except ObjectNotFound:
                client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
        automation = _crash_silent_runs()
        if not client.read_automations_by_name(automation.name):
            client.create_automation(automation)


def _crash_silent_runs() -> AutomationCore:
    """Return the automation for our flow (https://docs.prefect.io/v3/advanced/detect-zombie-flows)."""
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
