"""`tamis serve`: every source on its own schedule, until the command is stopped."""

from __future__ import annotations

import asyncio
import os
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import click

from crawlers.declaration.loading import Source, find_source, list_sources
from crawlers.declaration.user_agent import require_contact
from flows.schedule.notify import TARGET
from flows.workspace.sources import folders
from output.base.errors import UsageError

# Where `prefect server start` listens by default.
LOCAL_API = "http://127.0.0.1:4200/api"


def set_environment() -> None:
    """Switch off Prefect's analytics and stored results, before it is imported; what is set already stays."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_RESULTS_PERSIST_BY_DEFAULT", "false")
    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "30")


def serve(data: Path, names: Sequence[str], *, folder: Path | None, notify: str | None) -> None:
    """Serve the named sources, or all with a cron line, until interrupted.

    Without names, those of `folder` are served, or without a folder those shipped with Tamis. `notify` is the
    webhook or the command that gets failed and held runs. Raises UsageError where a source cannot be used or
    scheduled, no contact is set, or no Prefect server answers.
    """
    sources = _scheduled(names, folder)
    for source in sources:
        require_contact(source)
    set_environment()
    os.environ.setdefault("PREFECT_API_URL", LOCAL_API)
    if notify:
        os.environ[TARGET] = notify
    _require_server(os.environ["PREFECT_API_URL"])
    from flows.schedule.schedule import serve_sources
    from flows.schedule.server import set_up_server

    set_up_server(sources)
    for source in sources:
        click.echo(f"{source.id}: {source.schedule.cron} UTC", err=True)
    asyncio.run(serve_sources(sources, data.resolve()))


def _scheduled(names: Sequence[str], folder: Path | None) -> list[Source]:
    if names:
        sources = [find_source(name, folders(folder)) for name in names]
        for source in sources:
            if not source.schedule.cron:
                raise UsageError(f"{source.origin}: has no [schedule] with a cron line, like '0 4 * * *'")
    else:
        # A folder of the user's own is served alone: naming it is no wish to crawl the shipped sources.
        declared = list_sources([folder] if folder else folders(None))
        sources = [source for source in declared if source.schedule.cron]
    if not sources:
        raise UsageError(
            "no declared source has a [schedule] with a cron line; `tamis sources` lists all sources"
        )
    return [source.at(_absolute(source.origin)) for source in sources]


def _absolute(origin: str) -> str:
    return str(Path(origin).resolve()) if origin.endswith(".toml") else origin


def _require_server(api: str) -> None:
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=10):  # noqa: S310 - the operator's own URL
            return
    except (OSError, ValueError) as error:
        raise UsageError(
            f"no Prefect server answers at {api} ({error}). Start one, in another terminal:\n"
            "  DO_NOT_TRACK=1 PREFECT_SERVER_ANALYTICS_ENABLED=false prefect server start\n"
            f"or name another: export PREFECT_API_URL={LOCAL_API}"
        ) from error
