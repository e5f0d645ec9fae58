from pathlib import Path

import pytest
from deltalake import DeltaTable

from output.dataset import compaction
from output.dataset.dataset import Dataset
from output.formats.arrow import RECORDS
from output.release.release import cut_release
from tests.unit.output.gazette_records import document, removal, report

RUNS = [f"202601{day:02}T030405-a" for day in range(1, 9)]


def publish(dataset: Dataset, run_id: str) -> None:
    documents = [document(f"law-{n}", f"Clause {run_id}.", run_id) for n in range(3)]
    assert dataset.publish(report(run_id), documents, [removal("law-0", run_id)])


def files(root: Path, name: str = "documents") -> list[Path]:
    return sorted((root / name).glob("*.parquet"))


def test_many_small_files_become_one_and_what_was_cut_is_cut_again_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "dataset"
    dataset = Dataset(root)
    for run_id in RUNS[:-1]:
        publish(dataset, run_id)
    first = cut_release(tmp_path / "one", dataset)
    monkeypatch.setattr(compaction.compact, "__kwdefaults__", {"min_files": len(RUNS) - 1})
    opened = dataset.latest()
    held = opened.read_next_batch()
    assert held.num_rows == 3
    assert dataset.publish(report(RUNS[-1]), [])
    # One file with all rows, for the last run brought none; of `runs` the compacted file and the last one.
    assert len(DeltaTable(root / "documents").file_uris()) == 1
    assert len(DeltaTable(root / "runs").file_uris()) == 2
    assert len(DeltaTable(root / "documents").to_pyarrow_table()) == 3 * (len(RUNS) - 1)
    assert [report.run_id for report in dataset.runs()] == RUNS
    assert dataset.verify() == []
    again = cut_release(tmp_path / "two", dataset)
    assert again.id == first.id
    assert not dataset.publish(report(RUNS[0]), [document("law-0", run_id=RUNS[0])]), (
        "a compacted run is published again"
    )


def test_what_was_put_aside_leaves_the_disk_when_readers_had_their_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset(tmp_path)
    for run_id in RUNS[:3]:
        publish(dataset, run_id)
    dataset.forget(["https://gazette.example/law-0"])
    kept = len(files(tmp_path))
    assert kept > len(DeltaTable(tmp_path / "documents").file_uris())
    publish(dataset, RUNS[3])
    assert len(files(tmp_path)) == kept + 1, "a reader of an hour ago may still be reading these"
    retention = {"delta.deletedFileRetentionDuration": "interval 0 hours"}
    for name in RECORDS:
        if DeltaTable.is_deltatable(str(tmp_path / name)):
            DeltaTable(tmp_path / name).alter.set_table_properties(retention)
    monkeypatch.setattr(compaction, "RETENTION_HOURS", 0)
    publish(dataset, RUNS[4])
    there = {path.name for path in files(tmp_path)}
    assert there == {Path(uri).name for uri in DeltaTable(tmp_path / "documents").file_uris()}
    assert dataset.verify() == []
