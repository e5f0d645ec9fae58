"""`tamis.open_release`: the tables of a published release."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from output.base.errors import StorageError, UsageError
from output.base.extras import require, require_module

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow as pa

_RESTORE = "restore the release from a copy, or cut it again"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a release. It is read from its Parquet `files` each time that it is asked for.

    Columns are the fields of its record, in their order. `files` serve readers that need not load a table
    whole, such as `polars.scan_parquet(table.files)`.
    """

    name: str
    files: tuple[Path, ...]

    def to_arrow(self) -> pa.Table:
        """Read the table with Arrow, page checksums verified. Raises StorageError where a file is damaged."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from output.release.tables import table_schema

        schema = table_schema(self.name)
        if not self.files:
            return schema.empty_table()
        try:
            return pq.read_table(list(self.files), schema=schema, page_checksum_verification=True)
        except (OSError, pa.ArrowException) as error:
            raise StorageError(f"{self.files[0].parent}: {self.name}: {error}; {_RESTORE}") from error

    def to_polars(self) -> polars.DataFrame:
        """Read the table as a Polars DataFrame. Raises MissingDependency where Polars is not installed."""
        require_module("to_polars()", "polars")
        import polars

        return polars.DataFrame(self.to_arrow())

    def to_pandas(self) -> pandas.DataFrame:
        """Read the table as a pandas DataFrame. Raises MissingDependency where pandas is not installed."""
        require_module("to_pandas()", "pandas")
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        return frame


@dataclass(frozen=True, slots=True)
class Release:
    """A published release: its id, its folder, its manifest and its tables.

    `documents` hold the newest version of each document, `removals` the receipts, `rejections` the pages
    without a document, `relations` and `pairs` how documents and their parts stand to each other, `changes`
    what changed since the release before. `manifest` has every file with its SHA-256, and all counts.
    """

    id: str
    path: Path
    manifest: Mapping[str, Any]
    documents: Table
    removals: Table
    rejections: Table
    relations: Table
    pairs: Table
    changes: Table

    def verify(self) -> list[str]:
        """Hash every file again; return a line for each damaged, missing or extra one."""
        from output.release import manifest

        return manifest.verify(self.path)


def open_release(path: str | os.PathLike[str]) -> Release:
    """Open a release for reading: the folder `data/releases/ID`, or `data/releases/latest`.

    The result has a table each for documents, removals, rejections, relations, pairs and changes. A table
    gives itself as Arrow, Polars or pandas. Needs `pip install 'tamis[dataset]'`, and Polars or pandas where
    they are asked for. Raises UsageError for a folder that is no release, StorageError for one that is
    damaged, NewerFormat for one that a newer Tamis wrote, MissingDependency where a library is missing.

    >>> import tamis
    >>> release = tamis.open_release("data/releases/latest")
    >>> release.documents.to_arrow().select(["title", "language"]).to_pylist()
    [{'title': 'Ferry times', 'language': 'en'}]
    >>> release.documents.to_polars().height, release.removals.to_pandas()["kind"].tolist()
    (1, ['nav'])
    >>> release.verify()
    []
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path is of type {type(path).__name__}; pass the folder of a release as str or Path")
    require("tamis.open_release", "dataset")
    from output.release import manifest

    folder = Path(path).resolve()
    if not folder.is_dir():
        raise UsageError(f"{path}: no such folder; give a release, such as data/releases/latest")
    if not (folder / manifest.NAME).exists():
        raise UsageError(f"{path}: no release, for it holds no {manifest.NAME}; {_where(folder)}")
    found = manifest.load(folder)

    def table(name: str) -> Table:
        # Names with no folder in them: a manifest must not lead to files elsewhere.
        own = re.compile(r"documents/[^/\\]+\.parquet" if name == "documents" else rf"{name}\.parquet")
        paths = [entry["path"] for entry in found["files"]]
        files = tuple(folder / path for path in paths if own.fullmatch(path))
        if missing := next((file for file in files if not file.is_file()), None):
            raise StorageError(f"{missing}: missing; {_RESTORE}")
        return Table(name, files)

    return Release(
        id=found["id"],
        path=folder,
        manifest=found,
        documents=table("documents"),
        removals=table("removals"),
        rejections=table("rejections"),
        relations=table("relations"),
        pairs=table("pairs"),
        changes=table("changes"),
    )


def _where(folder: Path) -> str:
    """Where a release may lie instead."""
    for below in ("latest", "releases/latest"):
        if (folder / below).is_dir():
            return f"give {folder / below}"
    return "give a release, such as data/releases/latest"
