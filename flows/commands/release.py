"""`tamis release`: a release cut from the dataset, by what a person wants of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from crawlers.declaration.values import nearest
from flows.ingest.release import cut
from flows.workspace.workspace import Workspace
from output.base.errors import UsageError
from output.release.release import Release
from output.release.selection import Choice


def release(data: Path, choice: Choice) -> Release:
    """Cut a release of what `data` holds.

    Raises UsageError where nothing is published, or a source never ran, StorageError.
    """
    with closing(Workspace(data)) as workspace:
        workspace.require()
        known = sorted({run.source_id for run in workspace.ledger.runs()})
        for name in choice.sources:
            if name not in known:
                raise UsageError(f"{data}: no run of {name!r}{nearest(name, known)}")
        return cut(workspace, choice)
