"""The dataset in an object store: moto's S3, on loopback, behind the same delta-rs that a real one has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from output.base.errors import StorageError
from output.dataset.compaction import compact
from output.dataset.dataset import Dataset, _write_run
from output.release.release import cut_release, verify_release
from tests.s3 import serve_s3
from tests.unit.output.gazette_records import LATER, RUN, document, rejection, relation, removal, report, url

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    pytest.importorskip("moto")
    with serve_s3() as (place, settings), pytest.MonkeyPatch.context() as environment:
        for name, value in settings.items():
            environment.setenv(name, value)
        yield place


def test_a_store_holds_what_a_folder_holds(bucket: str, tmp_path: Path) -> None:
    stored, local = Dataset(f"{bucket}/same"), Dataset(tmp_path / "dataset")
    for dataset in (stored, local):
        first = [document("a"), document("b")]
        assert dataset.publish(report(), first, [removal("a")], [rejection("c")], [relation("a", "b")])
        assert not dataset.publish(report(), first), "a run that is committed already"
        assert dataset.publish(report(LATER), [document("a", "Clause one, amended.", LATER)])
        assert [run.run_id for run in dataset.runs()] == [RUN, LATER]
        assert dataset.page_counts(RUN).documents == {url("a"), url("b")}
        texts = {row["id"]: row["text"] for row in dataset.latest().read_all().to_pylist()}
        assert texts == {url("a"): "Clause one, amended.", url("b"): "Clause one."}
    releases = [cut_release(tmp_path / name, each) for name, each in (("one", stored), ("two", local))]
    assert releases[0].id == releases[1].id, "other bytes than from a folder"
    assert verify_release(releases[0].path) == []


def test_a_run_that_never_committed_is_not_read_and_is_replaced(bucket: str) -> None:
    dataset = Dataset(f"{bucket}/torn")
    dataset.publish(report(), [document("a")])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("output.dataset.dataset._write_run", _all_but_the_last)
        with pytest.raises(KeyboardInterrupt):
            dataset.publish(report(LATER), [document("b", run_id=LATER)])
    assert [row["id"] for row in dataset.latest().read_all().to_pylist()] == [url("a")]
    dataset.publish(report(LATER), [document("c", run_id=LATER)])
    assert {row["id"] for row in dataset.latest().read_all().to_pylist()} == {url("a"), url("c")}


def _all_but_the_last(table: DeltaTable, name: str, run_id: str, records: Sequence[Any]) -> None:
    if name == "runs":
        raise KeyboardInterrupt
    _write_run(table, name, run_id, records)


def test_upkeep_and_withdrawal_work_there(bucket: str) -> None:
    dataset = Dataset(f"{bucket}/kept")
    dataset.publish(report(), [document("a")])
    dataset.publish(report(LATER), [document("b", run_id=LATER)])
    table = dataset._open("documents")
    assert table
    compact(table, min_files=2)
    assert len(table.file_uris()) == 1
    assert dataset.forget([url("a")]) == [url("a")]
    assert [row["id"] for row in dataset.latest().read_all().to_pylist()] == [url("b")]


def test_a_bucket_that_is_not_there_is_an_error_of_storage(bucket: str) -> None:
    with pytest.raises(StorageError, match="elsewhere"):
        Dataset(f"{bucket.replace('bucket', 'elsewhere')}/x").publish(report(), [document("a")])
