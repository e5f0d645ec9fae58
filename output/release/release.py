"""Releases: immutable folders cut from the dataset, for whoever only ever sees the files.

A release is written beside its place and appears by one rename; the same dataset, cut after the same release,
gives the same bytes and the same id, and a cut that changes no row leaves the release that stands.
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
from output.dataset.dataset import Dataset
from output.formats.schemas import document_schema_json
from output.release import manifest
from output.release.card import write_card
from output.release.changes import write_changes
from output.release.croissant import write_croissant
from output.release.releases import manifests_in, release_before, release_with_content
from output.release.selection import Choice, LeftOut, select_rows
from output.release.tables import LINES, OTHERS, Tally, write_documents, write_table

_ADVICE = "free space or mend the permissions and cut it again; the release before stands as it was"
_EVERYTHING_WHOLE = Choice()


@dataclass(frozen=True, slots=True)
class Release:
    """A release that stands: its id, its folder, its manifest; `new` when this cut made it."""

    id: str
    path: Path
    manifest: dict[str, Any]
    new: bool


def cut_release(
    releases: Path,
    dataset: Dataset,
    choice: Choice = _EVERYTHING_WHOLE,
    *,
    gaps: Mapping[str, Mapping[str, int]] | None = None,
    forgotten: Collection[str] = (),
) -> Release:
    """Cut a release of the newest versions into `releases`; without any filter, `latest` points to it.

    By default texts that are cut or may be are left out, and what a relation `same` names a duplicate; the
    manifest counts both. `gaps` are what the ledger counts as not taken, by source and outcome; `forgotten`
    the URLs withdrawn on request, which the changes count. Raises UsageError where nothing is published yet,
    StorageError where the release cannot be written or the dataset not be read.
    """
    with storage_errors(f"cannot write a release to {releases}", _ADVICE), _partial(releases) as folder:
        sealed = _write(folder, releases, dataset, choice, gaps or {}, forgotten)
        place = releases / sealed["id"]
        new = not place.exists()
        if new:
            for path in (*folder.rglob("*"), folder):
                sync(path)
            folder.rename(place)
        if choice == _EVERYTHING_WHOLE:
            _point(releases, sealed["id"])
    return Release(sealed["id"], place, sealed, new)


def verify_release(path: Path) -> list[str]:
    """A line for each damaged, missing or extra path of a release, re-hashed; [] when it is as it was cut."""
    return manifest.verify(path)


def _write(
    folder: Path,
    releases: Path,
    dataset: Dataset,
    choice: Choice,
    gaps: Mapping[str, Mapping[str, int]],
    forgotten: Collection[str],
) -> dict[str, Any]:
    """Write a release into `folder` and give its manifest, or that of the release which holds the same."""
    parameters, tally, manifests = choice.parameters(), Tally(), manifests_in(releases)
    with dataset.views() as connection:
        left_out = select_rows(connection, choice)
        write_documents(folder, connection, tally)
        for name in OTHERS:
            write_table(folder, connection, name, tally)
        (folder / "document.schema.json").write_text(document_schema_json(), "utf-8")
        entries = manifest.file_entries(folder, tally.rows)
        content = manifest.content_digest(entries, parameters)
        if (same := release_with_content(manifests, content)) is not None:
            return same
        before = release_before(manifests, parameters)
        last = _sound(releases / before["id"]) if before else None
        changes = write_changes(folder, connection, last, forgotten)
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
            "rules": tally.given("rules_version"),
            "model": tally.given("model_version"),
            "profile": tally.given("profile_version"),
        },
    }
    write_card(folder, body)
    entries = manifest.file_entries(folder, tally.rows, entries)
    write_croissant(folder, body, entries)
    entries = manifest.file_entries(folder, tally.rows, entries)
    sealed = manifest.sealed({**body, "files": entries})
    manifest.write(folder, sealed)
    return sealed


def _sound(last: Path) -> Path:
    """The release before, whose documents are compared; StorageError where they are not as they were cut."""
    if damaged := manifest.verify(last, "documents/"):
        raise StorageError(
            f"what changed since the release before cannot be told: {damaged[0]}; restore {last} from a "
            "copy, or remove it, and cut again: the changes are then told from the release before it"
        )
    return last


def _counts(connection: duckdb.DuckDBPyConnection, tally: Tally, left_out: LeftOut) -> dict[str, Any]:
    def by(query: str) -> dict[str, int]:
        return dict(connection.execute(f"{query} group by all order by all").fetchall())

    return {
        "documents": tally.rows[LINES],
        "documents_by_source": tally.given("source_id"),
        "documents_by_language": tally.given("language"),
        "documents_by_access": tally.given("access"),
        "documents_by_licence": tally.given("licence"),
        "documents_by_year": by("select coalesce(substr(day, 1, 4), '') as year, count(*) from chosen"),
        "removals_by_kind": by("select kind, count(*) from chosen_removals"),
        "rejections_by_reason": by("select reason, count(*) from chosen_rejections"),
        "tables": {name: tally.rows[f"{name}.parquet"] for name in OTHERS},
        "left_out": {"filtered": left_out.filtered, "cut": left_out.cut, "same": left_out.same},
    }


def _newest_run(connection: duckdb.DuckDBPyConnection, run_ids: Iterable[str]) -> tuple[str, str]:
    """The newest of the runs that the release holds rows of, or of all where it holds none, and its time.

    The time begins the release's name, so it must be one, whoever wrote the dataset.
    """
    connection.register("used", pa.table({"run_id": pa.array(run_ids, pa.string())}))
    newest = connection.execute(
        "select run_id, coalesce(finished_at, started_at) from runs "
        "order by run_id in (select run_id from used) desc, run_id desc limit 1"
    ).fetchone()
    if newest is None:
        raise UsageError("nothing is published yet; run a source first")
    run_id, time = newest
    try:
        datetime.fromisoformat(time)
    except ValueError as error:
        raise StorageError(f"run {run_id!r} has {time!r} for a time; {VERIFY_ADVICE}") from error
    return run_id, time


@contextmanager
def _partial(releases: Path) -> Iterator[Path]:
    """A folder that is gone afterwards unless it was renamed; what a killed cut left there goes first."""
    folder = releases / ".partial"
    with locked(releases):
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _point(releases: Path, release_id: str) -> None:
    """Let `latest` name the release: a new link takes the old one's place in one step."""
    link = releases / ".latest"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    link.rename(releases / "latest")
    sync(releases)
