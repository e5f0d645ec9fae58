import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable

from output.base.errors import NewerFormat, StorageError
from output.base.records import SCHEMA_VERSION, Document, RunReport
from output.dataset import dataset as dataset_module
from output.dataset import migrations
from output.dataset.dataset import Dataset
from output.dataset.migrations import MIGRATIONS, VERSION_KEY
from output.dataset.writing import write
from output.formats.arrow import RECORDS, batches, schema
from tests.unit.output.dataset.stored_table import store_table
from tests.unit.output.gazette_records import LATER, document, report


def version(root: Path, name: str) -> str | None:
    return DeltaTable(root / name).metadata().configuration.get(VERSION_KEY)


def of_version_0(root: Path) -> None:
    """A dataset as the first tables were: no version, and documents without two columns that came later."""
    columns = schema(Document)
    older = pa.schema([field for field in columns if field.name not in ("legal_status", "warnings")])
    rows = pa.Table.from_batches(batches([document("law", "First.")], Document)).select(older.names)
    store_table(root / "documents", rows)
    store_table(root / "runs", pa.Table.from_batches(batches([report()], RunReport)))


def test_each_version_has_its_migration() -> None:
    assert sorted(MIGRATIONS) == [*range(1, SCHEMA_VERSION + 1)]


def test_tables_of_version_0_are_brought_to_today_with_their_rows(tmp_path: Path) -> None:
    of_version_0(tmp_path)
    dataset = Dataset(tmp_path)
    assert version(tmp_path, "documents") == str(SCHEMA_VERSION)
    (row,) = dataset.latest().read_all().to_pylist()
    assert (row["text"], row["legal_status"], row["warnings"]) == ("First.", None, None)
    names = {field.name for field in DeltaTable(tmp_path / "documents").schema().fields}
    assert names == {field.name for field in schema(Document)}
    assert dataset.verify() == []
    dataset.publish(report(LATER), [document("law", "Second.", LATER, legal_status="in force")])
    (row,) = dataset.latest().read_all().to_pylist()
    assert (row["text"], row["legal_status"]) == ("Second.", "in force")


def test_a_report_of_before_profile_fit_is_read_and_joined_by_later_ones(tmp_path: Path) -> None:
    Dataset(tmp_path).publish(report(), [])
    columns = [name for name in schema(RunReport).names if name != "profile_fit"]
    older = DeltaTable(tmp_path / "runs").to_pyarrow_table().select(columns)
    shutil.rmtree(tmp_path / "runs")
    store_table(tmp_path / "runs", older)
    assert [run.profile_fit for run in Dataset(tmp_path).runs()] == [None]
    Dataset(tmp_path).publish(replace(report(LATER), profile_fit=0.25), [])
    assert [run.profile_fit for run in Dataset(tmp_path).runs()] == [None, 0.25]


def test_a_migration_that_was_killed_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_version_0(tmp_path)

    def killed(table: DeltaTable, name: str) -> None:
        MIGRATIONS_1(table, name)
        raise KeyboardInterrupt

    MIGRATIONS_1 = MIGRATIONS[1]  # noqa: N806 - named as what it stands for
    monkeypatch.setitem(MIGRATIONS, 1, killed)
    with pytest.raises(KeyboardInterrupt):
        Dataset(tmp_path)
    assert version(tmp_path, "documents") is None
    monkeypatch.undo()
    assert Dataset(tmp_path).latest().read_all()["text"].to_pylist() == ["First."]
    assert version(tmp_path, "documents") == str(SCHEMA_VERSION)


def test_a_change_of_meaning_is_written_as_a_step_and_done_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worked example: version 2 would give languages in lower case."""
    Dataset(tmp_path).publish(report(), [document("law", language="zh-Hans")])

    def languages_lower(table: DeltaTable, name: str) -> None:
        if name == "documents":
            columns, rows = schema(Document), table.to_pyarrow_table()
            lower = rows.set_column(
                columns.get_field_index("language"), "language", pc.utf8_lower(rows["language"])
            )
            write(table, columns, lower.to_batches(), without=pc.scalar(True))

    for module in (migrations, dataset_module):
        monkeypatch.setattr(module, "SCHEMA_VERSION", 2)
    monkeypatch.setitem(MIGRATIONS, 2, languages_lower)
    migrated = Dataset(tmp_path)
    assert migrated.latest().read_all()["language"].to_pylist() == ["zh-hans"]
    commits = DeltaTable(tmp_path / "documents").version()
    Dataset(tmp_path)
    assert DeltaTable(tmp_path / "documents").version() == commits
    assert {version(tmp_path, name) for name in RECORDS} == {"2"}
    assert migrated.verify() == []
    monkeypatch.undo()
    with pytest.raises(NewerFormat, match="install a newer Tamis"):
        Dataset(tmp_path)


def test_a_damaged_version_is_told_as_damage(tmp_path: Path) -> None:
    Dataset(tmp_path).publish(report(), [document("law")])
    first = tmp_path / "documents" / "_delta_log" / f"{0:020}.json"
    first.write_text(first.read_text().replace(f'schema_version":"{SCHEMA_VERSION}"', 'schema_version":"!"'))
    with pytest.raises(StorageError, match="documents is damaged: its schema version is '!'"):
        Dataset(tmp_path)
