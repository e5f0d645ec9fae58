import glob
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from output.base.errors import NewerFormat, StorageError, UsageError
from output.base.records import Access, Heading
from output.base.relations import RelationKind
from output.dataset.dataset import Dataset
from output.formats import parquet
from output.formats.jsonl import read_jsonl
from output.formats.schemas import document_schema
from output.release import manifest, selection
from output.release import tables as release_files
from output.release.choice import Choice
from output.release.release import Release, cut_release, verify_latest, verify_release
from tests.unit.output.gazette_records import LATER, RUN, document, rejection, relation, removal, report, url

LAST = "20260104T030405-c"


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    dataset = Dataset(tmp_path / "dataset")
    dataset.publish(
        report(),
        [
            document("law", "Old.", date_published="2020-01-01"),
            document("copy", "Old.", date_published="2019-01-01"),
            document("teaser", "Old …", access=Access.TEASER),
            document("notice", "总则\ud800", headings=(Heading(1, "总则", 0),)),
        ],
        [removal(name) for name in ("law", "copy", "teaser", "notice")],
        [rejection("file"), rejection("late")],
        [relation("law", "copy"), relation("law", "notice", kind=RelationKind.CONTAINS)],
    )
    dataset.publish(
        report(LATER),
        [document("notice", "总则 amended", LATER), document("late", run_id=LATER)],
        [removal("notice", LATER, "Home | New"), removal("late", LATER)],
        [rejection("file", LATER)],
    )
    return dataset


def cut(dataset: Dataset, **choice: Any) -> Release:
    return cut_release(Path(dataset.root).parent / "releases", dataset, Choice(**choice))


def titles(release: Release) -> list[str]:
    return [line["title"] for _, line in read_jsonl(release.path / "documents.jsonl.zst")]


def column(release: Release, table: str, name: str) -> list[str]:
    return sorted(pq.read_table(release.path / f"{table}.parquet")[name].to_pylist())


def asked(query: str) -> list[tuple[object, ...]]:
    return duckdb.connect().execute(query).fetchall()


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_holds_the_newest_whole_survivors_and_counts_the_rest(dataset: Dataset) -> None:
    made = cut(dataset)
    # By source, date, id; those without a date last.
    assert titles(made) == ["law", "late", "notice"]
    assert made.manifest["counts"]["documents"] == 3
    assert made.manifest["counts"]["left_out"] == {"filtered": {}, "cut": {"teaser": 1}, "same": 1}
    assert made.manifest["counts"]["documents_by_access"] == {"full": 3}
    assert made.manifest["newest_run"] == {"run_id": LATER, "time": "2026-01-03T03:04:05Z"}
    assert made.id.startswith("2026-01-03-")
    assert made.path.name == made.id
    assert verify_release(made.path) == []
    card = (made.path / "README.md").read_text("utf-8")
    assert "3 documents as of 2026-01-03" in card
    assert "1 text cut, or perhaps cut (teaser: 1); 1 duplicate of" in card


def test_the_other_tables_hold_what_belongs_to_the_newest_documents(dataset: Dataset) -> None:
    made = cut(dataset)
    # The pair with the notice was found before the notice was amended.
    assert column(made, "relations", "b") == [url("copy")]
    # `late` gave a document since; `file` was rejected twice, and the run that said it first stands.
    assert column(made, "rejections", "input_id") == [url("file")]
    assert column(made, "rejections", "run_id") == [RUN]
    assert column(made, "removals", "text") == ["Home | Laws", "Home | Laws", "Home | New"]
    assert column(made, "removals", "input_id") == [url("late"), url("law"), url("notice")]


def test_cut_texts_and_duplicates_are_taken_when_asked_for(dataset: Dataset) -> None:
    made = cut(dataset, access=(), duplicates=True)
    assert sorted(titles(made)) == ["copy", "late", "law", "notice", "teaser"]
    assert made.manifest["counts"]["left_out"] == {"filtered": {}, "cut": {}, "same": 0}
    assert made.id != cut(dataset).id


def test_a_duplicate_stays_where_its_survivor_is_not_in_the_release(dataset: Dataset) -> None:
    dataset.publish(
        report(LAST),
        [document("law", "Old …", LAST, access=Access.PAYWALLED), document("copy", "Old.", LAST)],
        relations=[relation("law", "copy", LAST)],
    )
    assert titles(cut(dataset)) == ["copy", "late", "notice"]


def test_relations_that_run_in_a_circle_leave_one_document(dataset: Dataset) -> None:
    ring = [relation("law", "late", LAST), relation("late", "notice", LAST), relation("notice", "law", LAST)]
    dataset.publish(report(LAST), [], relations=ring)
    assert len(titles(cut(dataset))) == 1


def test_the_same_dataset_gives_the_same_bytes_and_the_release_that_stands(
    dataset: Dataset, tmp_path: Path
) -> None:
    first = cut(dataset)
    before = bytes_of(first.path)
    again = cut(dataset)
    assert (first.new, again.new) == (True, False)
    assert (again.id, again.manifest) == (first.id, first.manifest)
    elsewhere = cut_release(tmp_path / "elsewhere", dataset)
    assert bytes_of(elsewhere.path) == before
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == [".lock", first.id, "latest"]


def test_a_run_that_brings_nothing_new_makes_no_release(dataset: Dataset) -> None:
    first = cut(dataset)
    dataset.publish(report(LAST), [], rejections=[rejection("file", LAST)])
    assert cut(dataset).id == first.id


def test_latest_moves_and_the_release_before_stays(dataset: Dataset, tmp_path: Path) -> None:
    first = cut(dataset)
    before = bytes_of(first.path)
    dataset.publish(report(LAST), [document("new", run_id=LAST)])
    second = cut(dataset)
    assert second.id.startswith("2026-01-04-")
    latest = tmp_path / "releases" / "latest"
    assert latest.readlink() == Path(second.id)
    assert bytes_of(first.path) == before


def test_a_cut_that_breaks_off_leaves_no_trace(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cut(dataset)
    dataset.publish(report(LAST), [document("new", run_id=LAST)])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(manifest, "write", full)
    with pytest.raises(StorageError, match=r"releases.*No space left.*free space"):
        cut(dataset)
    monkeypatch.undo()
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == [".lock", first.id, "latest"]
    # What a cut that was killed outright left is in nobody's way.
    (tmp_path / "releases" / ".partial" / "documents").mkdir(parents=True)
    assert cut(dataset).new


def test_files_and_row_groups_are_cut_by_size(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [document(f"d{n:03}", "x" * 1000, LAST, date_published="2021") for n in range(100)]
    dataset.publish(report(LAST), texts[::-1], [removal(text.title, LAST) for text in texts[::-1]])
    monkeypatch.setattr(parquet, "GROUP_BYTES", 10_000)
    monkeypatch.setattr(release_files, "FILE_ROW_GROUPS", 3)
    monkeypatch.setattr(selection, "BUCKET_BYTES", 30_000)
    made = cut(dataset)
    assert titles(made) == ["law", *(text.title for text in texts), "late", "notice"]
    files = sorted((made.path / "documents").iterdir())
    groups = [pq.ParquetFile(file).metadata.num_row_groups for file in files]
    assert groups == [3, 3, 3, 2]
    pages = pq.read_table(made.path / "removals.parquet")["input_id"].to_pylist()
    assert pages == sorted(pages)
    assert len(pages) == 103
    assert [entry["rows"] for entry in made.manifest["files"] if entry["path"].startswith("documents/")] == [
        pq.ParquetFile(file).metadata.num_rows for file in files
    ]


def test_duckdb_reads_the_latest_release(dataset: Dataset, tmp_path: Path) -> None:
    cut(dataset)
    files = f"{glob.escape(str(tmp_path))}/releases/latest/documents/*.parquet"
    found = asked(f"select title, headings, date_published from '{files}' order by id")
    assert found == [("late", [], None), ("law", [], "2020-01-01"), ("notice", [], None)]


def test_json_lines_and_parquet_hold_the_same_documents_and_keep_to_the_schema(dataset: Dataset) -> None:
    made = cut(dataset, access=())
    lines = [line for _, line in read_jsonl(made.path / "documents.jsonl.zst")]
    assert lines == pq.read_table(made.path / "documents").to_pylist()
    validator = Draft202012Validator(document_schema())
    assert [error.message for line in lines for error in validator.iter_errors(line)] == []
    assert json.loads((made.path / "document.schema.json").read_text("utf-8")) == document_schema()


def test_pages_carry_checksums(dataset: Dataset) -> None:
    file = cut(dataset).path / "documents" / "part-00000.parquet"
    text = pq.ParquetFile(file).metadata.row_group(0).column(11)
    assert text.path_in_schema == "text"
    content = bytearray(file.read_bytes())
    content[text.data_page_offset + text.total_compressed_size - 40] ^= 1
    file.write_bytes(content)
    with pytest.raises(OSError, match="CRC"):
        pq.read_table(file, page_checksum_verification=True)


def test_verify_names_every_damaged_missing_and_extra_path(dataset: Dataset) -> None:
    folder = cut(dataset).path
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        content = path.read_bytes()
        for place in (0, len(content) // 2, len(content) - 1):
            flipped = bytearray(content)
            flipped[place] ^= 1
            path.write_bytes(flipped)
            assert [line.split(": ")[0] for line in verify_release(folder)] == [str(path)]
        path.unlink()
        assert verify_release(folder) == [f"{path}: missing"]
        path.write_bytes(content)
    extra = folder / "documents" / "part-00009.parquet"
    extra.touch()
    assert verify_release(folder) == [f"{extra}: not in the manifest"]
    extra.unlink()
    assert verify_release(folder) == []


@pytest.mark.parametrize("harmed", ["removals.parquet", "manifest.json"])
@pytest.mark.parametrize("missing", [True, False])
def test_a_release_that_stands_already_is_looked_at(dataset: Dataset, harmed: str, missing: bool) -> None:
    made = cut(dataset)
    file = made.path / harmed
    content = file.read_bytes()
    if missing:
        file.unlink()
    else:
        file.write_bytes(content[:-1])
    with pytest.raises(StorageError, match=f"stands already, but is damaged: .*{harmed}"):
        cut(dataset)
    file.write_bytes(content)
    assert cut(dataset) == replace(made, new=False)


def test_a_latest_that_points_to_no_release_is_named(dataset: Dataset) -> None:
    made = cut(dataset)
    releases = made.path.parent
    assert verify_latest(releases) == []
    made.path.rename(releases / "elsewhere")
    assert verify_latest(releases) == [f"{releases}/latest: points to {made.id}, which is no release here"]


def test_the_day_in_a_release_s_id_is_no_less_sealed(dataset: Dataset) -> None:
    made = cut(dataset)
    path = made.path / "manifest.json"
    path.write_text(path.read_text().replace(f'"id": "{made.id}"', f'"id": "1{made.id[1:]}"'))
    assert verify_release(made.path) == [f"{path}: damaged: it does not match its own digest"]


def test_a_release_of_a_newer_version_is_refused(dataset: Dataset) -> None:
    made = cut(dataset)
    body = {key: value for key, value in made.manifest.items() if key not in ("id", "digest")}
    manifest.write(made.path, manifest.sealed(body | {"schema_version": 2}))
    with pytest.raises(NewerFormat, match="install a newer Tamis"):
        verify_release(made.path)


@pytest.mark.parametrize(
    "values",
    [
        {"files": 7},
        {"files": ["documents.jsonl.zst"]},
        {"files": [{"path": 7, "sha256": "", "bytes": 0}]},
        {"files": [{"path": "README.md", "sha256": None, "bytes": 0}]},
        {"files": {"path": "README.md"}},
        {"files": None},
        {"schema_version": "1"},
        {"schema_version": None},
        {"before": ["a"]},
        {"counts": []},
        {"counts": {"documents": "3"}},
        {"newest_run": {"run_id": 7, "time": "2026-01-03"}},
    ],
    ids=repr,
)
def test_a_manifest_of_other_values_is_damaged_whoever_sealed_it(
    dataset: Dataset, values: dict[str, Any]
) -> None:
    made = cut(dataset)
    body = {key: value for key, value in made.manifest.items() if key not in ("id", "digest")}
    manifest.write(made.path, manifest.sealed(body | values))
    damaged = f"{made.path / manifest.NAME}: damaged: its values are not a manifest's"
    assert verify_release(made.path) == [damaged]
    with pytest.raises(StorageError, match="restore the release from a copy"):
        manifest.load(made.path)
    with pytest.raises(StorageError, match="stands already, but is damaged"):
        cut(dataset)


@pytest.mark.parametrize(
    "content",
    [b"[]", b"7", b"null", b'"', b"", b"\xff", b"[" * 3000, b'{"files": 7}', b'{"newest_run": [1]}'],
)
def test_what_is_no_manifest_is_damaged(dataset: Dataset, content: bytes) -> None:
    made = cut(dataset)
    path = made.path / manifest.NAME
    path.write_bytes(content)
    assert verify_release(made.path) == [f"{path}: damaged: it does not match its own digest"]
    path.unlink()
    path.mkdir()
    assert verify_release(made.path) == [f"{path}: cannot be read: Is a directory"]


def test_nothing_published_is_told_and_an_empty_release_opens(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    with pytest.raises(UsageError, match="nothing is published yet"):
        cut(dataset)
    dataset.publish(report(), [])
    made = cut(dataset)
    assert titles(made) == []
    assert asked(f"select count(*) from '{glob.escape(str(made.path))}/documents/*.parquet'") == [(0,)]
    assert verify_release(made.path) == []
