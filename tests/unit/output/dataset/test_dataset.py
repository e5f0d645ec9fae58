import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from output.base.errors import Busy, NewerFormat, StorageError, UsageError
from output.base.lock import locked
from output.base.records import Article, Document, Evidence, Heading, Rejection
from output.dataset import dataset as dataset_module
from output.dataset.dataset import Dataset, DatasetCounts
from output.formats.arrow import RECORDS, schema
from tests import ROOT
from tests.unit.output.dataset.stored_table import store_table
from tests.unit.output.gazette_records import LATER, RUN, document, pair, rejection, relation, removal, report


def latest(dataset: Dataset) -> dict[str, str]:
    return {row["title"]: row["text"] for row in dataset.latest().read_all().to_pylist()}


def stored_rows(dataset: Dataset, name: str) -> int:
    return len(DeltaTable(f"{dataset.root}/{name}").to_pyarrow_table())


def test_a_run_is_read_back_as_it_was_published(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    full = document(
        "law",
        headings=(Heading(1, "Chapter 1", 0),),
        articles=(Article("article", "1", 0, 11),),
        authors=("A", "B"),
        access_evidence=(Evidence("Read more", "html/body/p"),),
        share_kept=0.5,
        warnings=(),
    )
    said = report(
        outcomes=(("published", 1), ("refused: robots", 2)), messages=("a", "b"), finished_at="2026-01-02"
    )
    assert dataset.publish(said, [full], [removal("law")], [rejection("file")], [relation("law", "copy")])
    (row,) = dataset.latest().read_all().to_pylist()
    assert row["headings"] == [{"level": 1, "text": "Chapter 1", "offset": 0}]
    assert row["articles"] == [{"level": "article", "number": "1", "offset": 0, "length": 11}]
    assert row["access_evidence"] == [{"text": "Read more", "where": "html/body/p"}]
    assert (row["authors"], row["share_kept"], row["work_id"], row["warnings"]) == (["A", "B"], 0.5, None, [])
    assert dataset.latest().schema == schema(Document)
    assert dataset.runs() == [said]
    assert dataset.committed(RUN) == said
    assert dataset.page_counts(RUN) == DatasetCounts(
        frozenset({"https://gazette.example/law"}), frozenset({"https://gazette.example/file"})
    )


def test_an_empty_dataset_answers(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    assert dataset.runs() == []
    assert dataset.committed(RUN) is None
    assert latest(dataset) == {}
    assert dataset.page_counts(RUN) == DatasetCounts(frozenset(), frozenset())
    assert dataset.verify() == []
    assert not (tmp_path / "dataset").exists()


def test_a_repeated_publish_adds_nothing(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    assert dataset.publish(report(), [document("law")], [removal("law")])
    assert not dataset.publish(report(), [document("law")], [removal("law")])
    assert not Dataset(tmp_path / "dataset").publish(report(), [document("other")])
    assert [stored_rows(dataset, name) for name in ("documents", "removals", "runs")] == [1, 1, 1]


@pytest.mark.parametrize("broken", ["documents", "removals", "rejections", "relations", "pairs", "runs"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_publish_that_is_killed_is_invisible_and_its_repeat_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, when: str
) -> None:
    dataset = Dataset(tmp_path / "dataset")
    dataset.publish(report(), [document("law", "Old.")], [removal("law")])
    rows = (
        [document("law", "New.", LATER), document("gone", run_id=LATER)],
        [removal("law", LATER)],
        [rejection("file", LATER)],
        [relation("law", "gone", LATER)],
        [pair("law", "gone", LATER)],
    )
    append = dataset_module._write_run

    def killed(table: DeltaTable, name: str, *rest: object) -> None:
        if when == "after":
            append(table, name, *rest)  # type: ignore[arg-type]
        if name == broken:
            raise KeyboardInterrupt
        if when == "before":
            append(table, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(dataset_module, "_write_run", killed)
    with pytest.raises(KeyboardInterrupt):
        dataset.publish(report(LATER), *rows)
    monkeypatch.undo()
    done = broken == "runs" and when == "after"
    assert latest(dataset) == ({"law": "New.", "gone": "Clause one."} if done else {"law": "Old."})
    assert len(dataset.runs()) == (2 if done else 1)

    # The repeat cleans again with other rules: what counts is what it brings, unless the commit had happened.
    rows = (
        [document("law", "New again.", LATER)],
        [removal("law", LATER)],
        [],
        [relation("law", "b", LATER)],
        [pair("law", "b", LATER)],
    )
    assert dataset.publish(report(LATER), *rows) is not done
    assert dataset.publish(report(LATER), *rows) is False
    if not done:
        assert latest(dataset) == {"law": "New again."}
        assert [stored_rows(dataset, name) for name in RECORDS] == [2, 2, 0, 1, 1, 2]
        assert dataset.page_counts(LATER).rejections == frozenset()
    assert dataset.verify() == []


def test_kill_9_in_a_publish(tmp_path: Path) -> None:
    root = tmp_path / "dataset"
    code = f"""
import os, signal
from tests.unit.output.dataset.test_dataset import *
append = dataset_module._write_run
def killed(table, name, *rest):
    append(table, name, *rest)
    if name == "removals":
        os.kill(os.getpid(), signal.SIGKILL)
dataset_module._write_run = killed
Dataset({str(root)!r}).publish(report(), [document("law")], [removal("law")])
"""
    ended = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT)
    assert ended.returncode == -9
    dataset = Dataset(root)
    assert latest(dataset) == {}
    assert dataset.publish(report(), [document("law")], [removal("law")])
    assert [stored_rows(dataset, name) for name in ("documents", "removals", "runs")] == [1, 1, 1]
    assert dataset.verify() == []


def test_latest_is_the_newest_committed_version_and_old_ones_stay(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    # The newer run is published first: what counts is the run's id, not the order on disk.
    dataset.publish(report(LATER), [document("law", "Amended.", LATER)])
    dataset.publish(report(), [document("law", "First."), document("other", "Other.")])
    assert latest(dataset) == {"law": "Amended.", "other": "Other."}
    assert stored_rows(dataset, "documents") == 3


def test_of_one_document_on_two_pages_the_longer_text_is_the_latest(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    listed = document("law", "Clause …", input_id="https://gazette.example/list")
    dataset.publish(report(), [listed, document("law", "Clause one, whole.")])
    assert latest(dataset) == {"law": "Clause one, whole."}
    assert len(dataset.page_counts(RUN).documents) == 2


def test_text_that_utf8_cannot_hold_is_published_readable(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    odd = document("law", "a\ud800b\0c 总则 𠀀", headings=(Heading(1, "\udfff", 0),), authors=("x\ud812",))
    dataset.publish(report(), [odd])
    (row,) = dataset.latest().read_all().to_pylist()
    assert row["text"] == "a\ufffdb\0c 总则 𠀀"
    assert len(row["text"]) == len(odd.text)
    assert row["headings"][0]["text"] == "\ufffd"
    assert row["authors"] == ["x\ufffd"]


def test_rows_of_another_run_are_refused(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    with pytest.raises(ValueError, match="removals: a row of run ''"):
        dataset.publish(report(), [document("law")], [replace(removal("law"), run_id="")])
    with pytest.raises(ValueError, match="two documents"):
        dataset.publish(report(), [document("law"), document("law", "Other.")])
    with pytest.raises(ValueError, match="isoformat"):
        dataset.publish(report(started_at="../.."), [])
    with pytest.raises(ValueError, match="no run id"):
        dataset.publish(report("x' or '1' = '1"), [])
    assert dataset.runs() == []


def test_a_newer_dataset_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(dataset_module._CONFIGURATION, "tamis.schema_version", "2")
    Dataset(tmp_path).publish(report(), [])
    monkeypatch.undo()
    with pytest.raises(NewerFormat, match=r"documents has schema version 2, known here is 1; install"):
        Dataset(tmp_path)


def test_a_table_without_a_column_that_came_later_is_read_and_added_to(tmp_path: Path) -> None:
    columns = schema(Rejection)
    older = columns.remove(columns.get_field_index("raw_sha256"))
    row = dict.fromkeys(older.names, "x") | {"run_id": RUN}
    store_table(tmp_path / "rejections", pa.Table.from_pylist([row], older))
    dataset = Dataset(tmp_path)
    with dataset.views() as connection:
        assert connection.sql("select reason, raw_sha256 from stored_rejections").fetchall() == [("x", None)]
    dataset.publish(report(LATER), [], rejections=[rejection("file", LATER)])
    assert DeltaTable(tmp_path / "rejections").to_pyarrow_table()["raw_sha256"].to_pylist() == ["", None]


@pytest.mark.parametrize("name", ["it's", '"quoted"', "a*b?{c}", "a@b:c", "~ $HOME", "100%", "[a", "a^b|c"])
def test_a_folder_of_any_name_holds_a_dataset(tmp_path: Path, name: str) -> None:
    dataset = Dataset(tmp_path / name)
    dataset.publish(report(), [document("law", "Old."), document("other")])
    dataset.publish(report(LATER), [document("law", "New.", LATER)])
    dataset.forget(["https://gazette.example/other"])
    assert latest(Dataset(tmp_path / name)) == {"law": "New."}
    assert dataset.verify() == []


@pytest.mark.parametrize("name", ["a%20b", "a\\b"])
def test_a_folder_that_delta_rs_cannot_read_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="delta-rs cannot read a dataset"):
        Dataset(tmp_path / name / "dataset")
    assert not (tmp_path / name).exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file.*free space or fix the permissions"):
        Dataset(tmp_path / "file" / "dataset").publish(report(), [document("law")])


def test_a_full_disk_leaves_the_old_state_and_the_next_publish_mends_it(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    dataset.publish(report(), [document("law", "Old.")])
    code = f"""
import random, resource, signal
from tests.unit.output.dataset.test_dataset import *
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
noise = random.Random(1).randbytes(50_000).hex()
try:
    Dataset({str(tmp_path)!r}).publish(report(LATER), [document("law", noise, LATER)])
except StorageError as error:
    print(error)
"""
    ended = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, cwd=ROOT)
    assert f"cannot publish to {tmp_path}" in ended.stdout.decode()
    assert latest(dataset) == {"law": "Old."}
    assert dataset.publish(report(LATER), [document("law", "New.", LATER)])
    assert latest(dataset) == {"law": "New."}
    assert dataset.verify() == []


def test_a_second_publisher_waits_and_is_told_who_holds_the_dataset(tmp_path: Path) -> None:
    with (
        locked(tmp_path),
        pytest.raises(Busy, match=f"process {os.getpid()} has been writing"),
        locked(tmp_path, 0.1),
    ):
        pytest.fail("both hold it")
    with locked(tmp_path, 0):
        pass


def test_verify_names_each_flipped_and_missing_file(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    dataset.publish(report(), [document("law")], [removal("law")])
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock")
    assert any(path.suffix == ".parquet" for path in files)
    assert any(path.parent.name == "_delta_log" for path in files)
    for path in files:
        content = path.read_bytes()
        flipped = bytearray(content)
        flipped[len(content) // 2] ^= 4
        path.write_bytes(flipped)
        assert any(line.startswith(str(path)) for line in dataset.verify()), path
        path.unlink()
        assert any(line.startswith(str(path)) for line in dataset.verify()), path
        path.write_bytes(content)
    assert dataset.verify() == []


def test_reading_a_damaged_table_says_how_to_find_the_damage(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    dataset.publish(report(), [document("law")])
    (file,) = (tmp_path / "documents").glob("*.parquet")
    file.write_bytes(b"PAR1 no more")
    with pytest.raises(StorageError, match="tamis verify"):
        dataset.latest().read_all()


def test_a_killed_writers_torn_line_of_checksums_is_made_up_for(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    dataset.publish(report(), [document("law")])
    fixity = tmp_path / "fixity.jsonl"
    whole = fixity.read_bytes()
    fixity.write_bytes(whole[:-20])
    assert len(dataset.verify()) == 1
    assert not dataset.publish(report(), [document("law")])
    assert dataset.verify() == []
    assert {json.loads(line)["path"] for line in whole.splitlines()} == {
        json.loads(line)["path"] for line in fixity.read_bytes().splitlines()
    }


def test_a_dataset_can_be_moved(tmp_path: Path) -> None:
    Dataset(tmp_path / "here").publish(report(), [document("law")])
    shutil.move(tmp_path / "here", tmp_path / "there")
    dataset = Dataset((tmp_path / "there").as_uri())
    assert latest(dataset) == {"law": "Clause one."}
    assert dataset.verify() == []
