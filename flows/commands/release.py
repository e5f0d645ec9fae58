"""`tamis release`: a release cut from the dataset, of what the options select."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from crawlers.declaration.values import did_you_mean
from flows.ingest.release import cut
from flows.workspace.workspace import Workspace
from output.base.errors import UsageError
from output.release.choice import Choice
from output.release.release import Release


def release(data: Path, choice: Choice) -> Release:
    """Cut a release of the dataset in `data`.

    Raises UsageError where nothing is published or a source never ran, and StorageError.
    """
    with closing(Workspace(data)) as workspace:
        workspace.require()
        known = sorted({run.source_id for run in workspace.ledger.runs()})
        for name in choice.sources:
            if name not in known:
                raise UsageError(f"{data}: no run of {name!r}{did_you_mean(name, known)}")
        workspace.require_published()
        return cut(workspace, choice)
