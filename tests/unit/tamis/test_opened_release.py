from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import tamis
from output.dataset.dataset import Dataset
from output.release import manifest
from output.release.release import cut_release
from tests.unit.output.gazette_records import document, pair, rejection, relation, removal, report


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    dataset = Dataset(data / "dataset")
    documents = [document("law", headings=(tamis.Heading(1, "Rules", 0),)), document("loi", language="fr")]
    translation = relation("law", "loi", kind=tamis.RelationKind.TRANSLATION)
    dataset.publish(
        report(), documents, [removal("law")], [rejection("file")], [translation], [pair("law", "loi")]
    )
    cut_release(data / "releases", dataset)
    return data


@pytest.fixture
def data(shipped: Path, tmp_path: Path) -> Path:
    return shutil.copytree(shipped, tmp_path / "data", symlinks=True)


def reseal(folder: Path, **changes: Any) -> None:
    """Write the manifest anew with changes, as a program that cuts releases would."""
    body = json.loads((folder / manifest.NAME).read_text("utf-8"))
    body = {key: value for key, value in body.items() if key not in ("id", "digest")} | changes
    manifest.write(folder, manifest.sealed(body))


def test_a_release_has_its_tables(data: Path) -> None:
    release = tamis.open_release(data / "releases" / "latest")
    assert release.path == (data / "releases" / release.id).resolve()
    assert release.manifest["counts"]["documents"] == 2
    assert [row["title"] for row in release.documents.to_arrow().to_pylist()] == ["law", "loi"]
    tables = [release.removals, release.rejections, release.relations, release.pairs, release.changes]
    assert [table.to_arrow().num_rows for table in tables] == [1, 1, 1, 1, 0]
    assert release.verify() == []


def test_polars_and_pandas_give_the_same_rows(data: Path) -> None:
    documents = tamis.open_release(str(data / "releases" / "latest")).documents
    assert (
        documents.to_polars()["title"].to_list() == documents.to_pandas()["title"].tolist() == ["law", "loi"]
    )
    assert documents.to_polars()["headings"].to_list()[0] == [{"level": 1, "text": "Rules", "offset": 0}]


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_library_that_is_not_there_is_named(
    data: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tamis.open_release(data / "releases" / "latest").documents
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        tamis.MissingDependency, match=rf"to_{library}\(\) needs {library}: pip install {library}"
    ):
        getattr(documents, f"to_{library}")()


def test_the_extra_is_named_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        tamis.MissingDependency, match=r"open_release needs .* pip install 'tamis\[dataset\]'"
    ):
        tamis.open_release("data/releases/latest")


def test_a_folder_that_is_no_release_is_told_with_where_one_is(data: Path, tmp_path: Path) -> None:
    with pytest.raises(tamis.UsageError, match=r"nowhere: no such folder; give a release"):
        tamis.open_release(tmp_path / "nowhere")
    with pytest.raises(tamis.UsageError, match=r"holds no manifest\.json; give .*data/releases/latest"):
        tamis.open_release(data)
    with pytest.raises(tamis.UsageError, match=r"holds no manifest\.json; give .*releases/latest"):
        tamis.open_release(data / "releases")
    with pytest.raises(tamis.UsageError, match=r"holds no manifest\.json; give a release, such as"):
        tamis.open_release(data / "dataset")
    with pytest.raises(TypeError, match="path is of type NoneType; pass the folder"):
        tamis.open_release(None)  # type: ignore[arg-type]


def test_damage_is_told(data: Path) -> None:
    folder = data / "releases" / "latest"
    release = tamis.open_release(folder)
    removals = folder / "removals.parquet"
    content = bytearray(removals.read_bytes())
    content[len(content) // 3] ^= 0xFF
    removals.write_bytes(content)
    assert release.verify() == [
        f"{release.path / 'removals.parquet'}: damaged: its SHA-256 is not the manifest's"
    ]
    removals.write_bytes(content[:100])
    with pytest.raises(tamis.StorageError, match=r"removals: .*; restore the release from a copy"):
        release.removals.to_arrow()
    removals.unlink()
    with pytest.raises(tamis.StorageError, match=r"removals\.parquet: missing; restore the release"):
        tamis.open_release(folder)
    (folder / manifest.NAME).write_bytes(b"{}")
    with pytest.raises(tamis.StorageError, match=r"manifest\.json: damaged: .*; restore the release"):
        tamis.open_release(folder)


def test_a_release_of_a_newer_tamis_is_refused(data: Path) -> None:
    folder = data / "releases" / "latest"
    reseal(folder, schema_version=99)
    with pytest.raises(tamis.NewerFormat, match="install a newer Tamis"):
        tamis.open_release(folder)


def test_an_older_release_without_a_table_has_it_empty(data: Path) -> None:
    folder = data / "releases" / "latest"
    files = json.loads((folder / manifest.NAME).read_text("utf-8"))["files"]
    (folder / "pairs.parquet").unlink()
    reseal(folder, files=[entry for entry in files if entry["path"] != "pairs.parquet"])
    pairs = tamis.open_release(folder).pairs.to_arrow()
    assert pairs.num_rows == 0
    assert "text_a" in pairs.schema.names


def test_a_manifest_leads_to_no_file_elsewhere(data: Path, tmp_path: Path) -> None:
    folder = data / "releases" / "latest"
    files = json.loads((folder / manifest.NAME).read_text("utf-8"))["files"]
    shutil.copy(folder / "removals.parquet", tmp_path / "elsewhere.parquet")
    stray = {"path": "documents/../../../../elsewhere.parquet", "bytes": 1, "sha256": "", "rows": 5}
    reseal(folder, files=[*files, stray])
    assert tamis.open_release(folder).documents.to_arrow().num_rows == 2
