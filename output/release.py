"""Releases: immutable folders cut from the dataset, for whoever only ever sees the files.

A release is written beside its place and appears by one rename; the same dataset gives the same bytes
and the same id, so a cut that changes nothing leaves the release that stands.
"""

from __future__ import annotations

import io
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import zstandard

from output import card, manifest
from output.arrow import RECORDS, schema
from output.dataset import Dataset
from output.errors import UsageError
from output.jsonl import write_jsonl
from output.lock import locked
from output.ordering import in_order
from output.parquet import GROUP_ROWS, parquet_writer, row_groups
from output.records import SCHEMA_VERSION
from output.schemas import document_schema_json
from output.selection import choose
from output.storage import storage_errors, sync
from output.views import BATCH_ROWS, rows

# Row groups in a file of documents: with 32 MiB of text in each, a file of some 100 MB on disk.
FILE_ROW_GROUPS = 8

_LINES = "documents.jsonl.zst"
_ADVICE = "free space or mend the permissions and cut it again; the release before stands as it was"

# What orders the large tables. The last columns only part what the first leave equal: chance has no say.
_ORDER = {
    "documents": ("place",),
    "removals": ("place", "offset", "kind", "rule", "evidence", "text"),
}
_OTHERS = ("relations", "removals", "rejections")

# The columns by whose values the manifest counts documents; "" stands for none.
_COUNTED = ("source_id", "language", "access", "licence", "rules_version", "model_version", "profile_version")


@dataclass(frozen=True, slots=True)
class Release:
    """A release that stands: its id, its folder, its manifest; `new` when this cut made it."""

    id: str
    path: Path
    manifest: dict[str, Any]
    new: bool


@dataclass(slots=True)
class _Tally:
    """What is counted while rows are written: rows by file, documents by value of a column, the runs seen."""

    rows: Counter[str] = field(default_factory=Counter)
    by: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in _COUNTED})
    runs: set[str] = field(default_factory=set)

    def count(self, path: str, table: pa.Table) -> None:
        self.rows[path] += table.num_rows
        self.runs.update(table["run_id"].unique().to_pylist())

    def given(self, name: str) -> dict[str, int]:
        return dict(sorted(self.by[name].items()))


def cut_release(
    releases: Path, dataset: Dataset, *, cut_texts: bool = False, duplicates: bool = False
) -> Release:
    """Cut a release of the newest versions into `releases`, and point `releases`/latest to it.

    Texts that are cut or may be (access other than full) are left out unless `cut_texts`, what a relation
    `same` names a duplicate unless `duplicates`; the manifest counts both. Raises UsageError where nothing
    is published yet, StorageError where the release cannot be written or the dataset not be read.
    """
    with storage_errors(f"cannot write a release to {releases}", _ADVICE), _partial(releases) as folder:
        with dataset.views() as connection:
            sealed = _write(folder, connection, cut_texts=cut_texts, duplicates=duplicates)
        place = releases / sealed["id"]
        new = not place.exists()
        if new:
            for path in (*folder.rglob("*"), folder):
                sync(path)
            folder.rename(place)
        _point(releases, sealed["id"])
    return Release(sealed["id"], place, sealed, new)


def verify_release(path: Path) -> list[str]:
    """A line for each damaged, missing or extra path of a release, re-hashed; [] when it is as it was cut."""
    return manifest.verify(path)


def _write(
    folder: Path, connection: duckdb.DuckDBPyConnection, *, cut_texts: bool, duplicates: bool
) -> dict[str, Any]:
    left_out = choose(connection, cut_texts=cut_texts, duplicates=duplicates)
    tally = _Tally()
    _write_documents(folder, connection, tally)
    for name in _OTHERS:
        _write_table(folder, connection, name, tally)
    (folder / "document.schema.json").write_text(document_schema_json(), "utf-8")
    run_id, time = _newest_run(connection, tally.runs)
    body = {
        "schema_version": SCHEMA_VERSION,
        "newest_run": {"run_id": run_id, "time": time},
        "runs": sorted(tally.runs),
        "parameters": {"cut_texts": cut_texts, "duplicates": duplicates},
        "counts": {
            "documents": tally.rows[_LINES],
            "documents_by_source": tally.given("source_id"),
            "documents_by_language": tally.given("language"),
            "documents_by_access": tally.given("access"),
            "documents_by_licence": tally.given("licence"),
            **{name: tally.rows[f"{name}.parquet"] for name in _OTHERS},
            "left_out": {"cut": left_out.cut, "same": left_out.same},
        },
        "versions": {
            "rules": tally.given("rules_version"),
            "model": tally.given("model_version"),
            "profile": tally.given("profile_version"),
        },
    }
    (folder / "README.md").write_text(card.text(body), "utf-8")
    sealed = manifest.sealed(time[:10], {**body, "files": manifest.file_entries(folder, tally.rows)})
    manifest.write(folder, sealed)
    return sealed


def _write_documents(folder: Path, connection: duckdb.DuckDBPyConnection, tally: _Tally) -> None:
    """Write documents/part-*.parquet and documents.jsonl.zst in one pass over the sorted documents."""
    columns = schema(RECORDS["documents"])
    (folder / "documents").mkdir()
    groups = _groups(folder, connection, "documents")
    with _lines(folder / _LINES) as lines:
        for number, first in enumerate(groups):
            path = f"documents/part-{number:05}.parquet"
            with parquet_writer(folder / path, columns) as writer:
                for group in (first, *islice(groups, FILE_ROW_GROUPS - 1)):
                    writer.write_table(group, row_group_size=GROUP_ROWS)
                    tally.count(path, group)
                    tally.count(_LINES, group)
                    for name, counts in tally.by.items():
                        counts.update(_value_counts(group[name]))
                    for batch in group.to_batches(max_chunksize=BATCH_ROWS):
                        write_jsonl(batch.to_pylist(), lines)


def _write_table(folder: Path, connection: duckdb.DuckDBPyConnection, name: str, tally: _Tally) -> None:
    path = f"{name}.parquet"
    with parquet_writer(folder / path, schema(RECORDS[name])) as writer:
        for group in _groups(folder, connection, name):
            writer.write_table(group, row_group_size=GROUP_ROWS)
            tally.count(path, group)


def _groups(folder: Path, connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[pa.Table]:
    """The chosen rows of a table in order, a row group at a time; one without rows where there are none."""
    columns = schema(RECORDS[name])
    if keys := _ORDER.get(name):
        placed = columns.append(pa.field("place", pa.int64())).append(pa.field("bucket", pa.int64()))
        batches = in_order(rows(connection, f"from chosen_{name}", placed), columns, keys, folder)
    else:
        batches = rows(connection, f"from chosen_{name} order by all", columns)
    groups = row_groups(batches, columns)
    yield next(groups, columns.empty_table())
    yield from groups


def _value_counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {item["values"] or "": item["counts"] for item in column.value_counts().to_pylist()}


def _newest_run(connection: duckdb.DuckDBPyConnection, run_ids: Iterable[str]) -> tuple[str, str]:
    """The newest of the runs that the release holds rows of, or of all where it holds none, and its time."""
    connection.register("used", pa.table({"run_id": pa.array(run_ids, pa.string())}))
    newest = connection.execute(
        "select run_id, coalesce(finished_at, started_at) from runs "
        "order by run_id in (select run_id from used) desc, run_id desc limit 1"
    ).fetchone()
    if newest is None:
        raise UsageError("nothing is published yet; run a source first")
    return newest


@contextmanager
def _lines(path: Path) -> Iterator[io.TextIOWrapper]:
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    with (
        path.open("wb") as file,
        compressor.stream_writer(file) as frame,
        io.TextIOWrapper(frame, "utf-8", newline="\n") as lines,
    ):
        yield lines


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
