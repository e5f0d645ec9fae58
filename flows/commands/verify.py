"""`tamis verify`: the checksums of everything that is stored, computed again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from flows.workspace.progress import step
from flows.workspace.workspace import Workspace
from output.archive.elsewhere import files_elsewhere
from output.archive.scan import verify_archive
from output.integrity.damage import Damage
from output.integrity.published import lost_runs
from output.release.release import verify_latest, verify_release


def verify_all(data: Path) -> Damage:
    """Return what is damaged, missing or extra below `data`. Raises UsageError where nothing is stored."""
    with closing(Workspace(data)) as workspace:
        workspace.require()
        folders = sorted(p for p in workspace.releases.glob("*") if p.is_dir() and not p.is_symlink())
        with step("verifying") as progress:
            progress(0, 2 + len(folders), "archive")
            archive = verify_archive(workspace.archive, workspace.ledger)
            progress(1, 2 + len(folders), "dataset")
            dataset = workspace.dataset.verify() or [
                run.line(workspace.dataset) for run in lost_runs(workspace.ledger, workspace.dataset)
            ]
            releases = verify_latest(workspace.releases)
            for done, folder in enumerate(folders, 3):
                releases += verify_release(folder)
                progress(done, 2 + len(folders), folder.name)
        return Damage(archive, dataset, releases, _elsewhere(workspace))


def _elsewhere(workspace: Workspace) -> list[str]:
    return [
        f"{place} holds {len(files)} archive files of this ledger: run `tamis verify` there"
        for place, files in sorted(files_elsewhere(workspace.archive, workspace.ledger).items())
    ]
