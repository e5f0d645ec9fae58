"""`tamis verify`: everything that is stored, hashed again."""

from __future__ import annotations

from pathlib import Path

from flows.places import Places
from flows.progress import step
from output.archive import verify_archive
from output.errors import UsageError
from output.release import verify_release


def verify_all(data: Path) -> list[str]:
    """A line for each damaged, missing or extra path below `data`; UsageError where nothing is stored."""
    places = Places(data)
    if not places.ledger_path.exists():
        raise UsageError(f"{data}: no Tamis data here (no ledger.sqlite); name the folder with --data")
    releases = sorted(p for p in places.releases.glob("*") if p.is_dir() and not p.is_symlink())
    damaged = []
    with step("verifying") as progress:
        progress(0, 2 + len(releases), "archive")
        damaged += verify_archive(places.archive, places.ledger)
        progress(1, 2 + len(releases), "dataset")
        damaged += places.dataset.verify()
        for done, release in enumerate(releases, 3):
            damaged += verify_release(release)
            progress(done, 2 + len(releases), release.name)
    return damaged
