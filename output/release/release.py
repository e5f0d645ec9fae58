"""Releases: immutable folders of files, cut from the dataset.

A release is written to a temporary folder and appears by one rename. The same dataset, cut after the same
release, gives the same bytes and the same id. A cut that changes no row returns the existing release.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from output.base.errors import StorageError, UsageError
from output.base.lock import locked
from output.base.records import SCHEMA_VERSION
from output.base.storage import VERIFY_ADVICE, storage_errors, sync
from output.base.wording import listed
from output.dataset.dataset import Dataset
from output.formats.schemas import document_schema_json
from output.release import manifest
from output.release.card import write_card
from output.release.changes import write_changes
from output.release.choice import Choice
from output.release.croissant import write_croissant
from output.release.releases import manifests_in, release_before, release_with_content
from output.release.selection import LeftOutCounts, select_rows
from output.release.tables import JSONL_FILE, OTHER_TABLES, Tally, write_documents, write_table

_ADVICE = "free space or fix the permissions and cut it again; the release before is unchanged"
# Without any filter: all documents that are whole.
_DEFAULT_CHOICE = Choice()


@dataclass(frozen=True, slots=True)
class Release:
    """A release: its id, its folder, its manifest; `new` where this cut made it."""

    id: str
    path: Path
    manifest: dict[str, Any]
    new: bool


def cut_release(
    releases: Path,
    dataset: Dataset,
    choice: Choice = _DEFAULT_CHOICE,
    *,
    gaps: Mapping[str, Mapping[str, int]] | None = None,
    forgotten: Collection[str] = (),
) -> Release:
    """Cut a release of the newest versions into `releases`; without any filter, `latest` points to it.

    By default texts that are cut, or may be, are left out, and so are duplicates by a relation `same`; the
    manifest counts both. `gaps` counts the URLs that were not fetched, by source and outcome. `forgotten` are
    the SHA-256 of the URLs withdrawn on request, which the changes count. Raises UsageError where nothing is
    published yet, StorageError where the release cannot be written, stands already and is damaged, or where
    the dataset cannot be read.
    """
    with storage_errors(f"cannot write a release to {releases}", _ADVICE), _partial(releases) as folder:
        sealed = _write(folder, releases, dataset, choice, gaps or {}, forgotten)
        path = releases / sealed["id"]
        new = not path.exists()
        if new:
            _move_into_place(folder, path)
        else:
            _require_sound(path)
        if choice == _DEFAULT_CHOICE:
            _point_latest(releases, sealed["id"])
    return Release(sealed["id"], path, sealed, new)


def verify_release(path: Path) -> list[str]:
    """Hash a release again; return a line for each damaged, missing or extra path, [] for a sound release."""
    return manifest.verify(path)


def verify_latest(releases: Path) -> list[str]:
    """Return a line where `latest` points to no release."""
    link = releases / "latest"
    if not link.is_symlink() or (link / manifest.NAME).is_file():
        return []
    return [f"{link}: points to {link.readlink()}, which is no release here"]


def _write(
    folder: Path,
    releases: Path,
    dataset: Dataset,
    choice: Choice,
    gaps: Mapping[str, Mapping[str, int]],
    forgotten: Collection[str],
) -> dict[str, Any]:
    """Write a release into `folder` and return its manifest, or that of a release with the same content."""
    parameters, tally, manifests = choice.parameters(), Tally(), manifests_in(releases)
    with dataset.views() as connection:
        left_out = select_rows(connection, choice)
        _write_tables(folder, connection, tally)
        entries = manifest.file_entries(folder, tally.rows)
        content = manifest.content_digest(entries, parameters)
        if (same := release_with_content(manifests, content)) is not None:
            return same
        before = release_before(manifests, parameters)
        before_folder = _verified(releases / before["id"]) if before else None
        changes = write_changes(folder, connection, before_folder, forgotten)
        run_id, time = _newest_run(connection, tally.runs)
        counts = _counts(connection, tally, left_out)
    body = {
        "schema_version": SCHEMA_VERSION,
        "content": content,
        "before": before["id"] if before else None,
        "newest_run": {"run_id": run_id, "time": time},
        "runs": sorted(tally.runs),
        "parameters": parameters,
        "counts": counts,
        "changes": changes,
        "gaps": {source: dict(sorted(gaps[source].items())) for source in sorted(gaps)},
        "versions": {
            "rules": tally.by_value("rules_version"),
            "model": tally.by_value("model_version"),
            "profile": tally.by_value("profile_version"),
        },
    }
    return _write_descriptions(folder, body, entries, tally)


def _write_tables(folder: Path, connection: duckdb.DuckDBPyConnection, tally: Tally) -> None:
    write_documents(folder, connection, tally)
    for name in OTHER_TABLES:
        write_table(folder, connection, name, tally)
    (folder / "document.schema.json").write_text(document_schema_json(), "utf-8")


def _write_descriptions(
    folder: Path, body: dict[str, Any], entries: list[dict[str, Any]], tally: Tally
) -> dict[str, Any]:
    """Write the card, croissant.json and the manifest, each of which names the files before it."""
    write_card(folder, body)
    entries = manifest.file_entries(folder, tally.rows, entries)
    write_croissant(folder, body, entries)
    entries = manifest.file_entries(folder, tally.rows, entries)
    sealed = manifest.sealed({**body, "files": entries})
    manifest.write(folder, sealed)
    return sealed


def _require_sound(release: Path) -> None:
    """Raise StorageError where a release that stands already is damaged."""
    if damaged := manifest.verify(release):
        raise StorageError(
            f"the release stands already, but is damaged: {listed(damaged, 1)}; restore {release} from a "
            "copy, or remove it and cut again: it comes back with the same bytes"
        )


def _verified(release: Path) -> Path:
    """Return the folder of a release. Raises StorageError where its documents are damaged."""
    if damaged := manifest.verify(release, "documents/"):
        raise StorageError(
            f"the changes since the release before cannot be found: {damaged[0]}; restore {release} from a "
            "copy, or remove it, and cut again: the changes then count from the release before it"
        )
    return release


def _counts(connection: duckdb.DuckDBPyConnection, tally: Tally, left_out: LeftOutCounts) -> dict[str, Any]:
    def by(query: str) -> dict[str, int]:
        return dict(connection.execute(f"{query} group by all order by all").fetchall())

    return {
        "documents": tally.rows[JSONL_FILE],
        "documents_by_source": tally.by_value("source_id"),
        "documents_by_language": tally.by_value("language"),
        "documents_by_access": tally.by_value("access"),
        "documents_by_licence": tally.by_value("licence"),
        "documents_by_year": by("select coalesce(substr(day, 1, 4), '') as year, count(*) from chosen"),
        "removals_by_kind": by("select kind, count(*) from chosen_removals"),
        "rejections_by_reason": by("select reason, count(*) from chosen_rejections"),
        "tables": {name: tally.rows[f"{name}.parquet"] for name in OTHER_TABLES},
        "left_out": {"filtered": left_out.filtered, "cut": left_out.cut, "same": left_out.same},
    }


def _newest_run(connection: duckdb.DuckDBPyConnection, run_ids: Iterable[str]) -> tuple[str, str]:
    """Return the newest of the runs whose rows the release holds (of all for an empty one), and its time.

    The release's id begins with this time, so it must be valid, whoever wrote the dataset.
    """
    connection.register("used", pa.table({"run_id": pa.array(run_ids, pa.string())}))
    newest = connection.execute(
        "select run_id, coalesce(finished_at, started_at) from runs "
        "order by run_id in (select run_id from used) desc, run_id desc limit 1"
    ).fetchone()
    if newest is None:
        raise UsageError("nothing is published yet; run a source first: `tamis run SOURCE`")
    run_id, time = newest
    try:
        datetime.fromisoformat(time)
    except ValueError as error:
        raise StorageError(f"run {run_id!r} has {time!r} for a time; {VERIFY_ADVICE}") from error
    return run_id, time


@contextmanager
def _partial(releases: Path) -> Iterator[Path]:
    """Make an empty folder, which is removed afterwards unless it was renamed."""
    folder = releases / ".partial"
    with locked(releases):
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _move_into_place(folder: Path, path: Path) -> None:
    for file in (*folder.rglob("*"), folder):
        sync(file)
    folder.rename(path)


def _point_latest(releases: Path, release_id: str) -> None:
    """Point `latest` to the release; the link is replaced in one step."""
    link = releases / ".latest"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    link.rename(releases / "latest")
    sync(releases)
