import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from output.base.errors import StorageError
from output.base.records import Access, Document
from output.dataset.dataset import Dataset
from output.ledger.tombstones import url_hash
from output.release.release import Release, cut_release
from tests.unit.output.gazette_records import document, relation, report, url

RUNS = [f"202601{day:02}T030405-a" for day in range(1, 9)]
PAGE_1, PAGE_2 = "1" * 64, "2" * 64


def page(name: str, text: str, run_id: str, raw: str = PAGE_1, rules: str = "r1", **more: Any) -> Document:
    return document(name, text, run_id, raw_sha256=raw, rules_version=rules, **more)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    dataset = Dataset(tmp_path / "dataset")
    names = ("amended", "recleaned", "either", "steady", "described", "cut", "doubled", "private", "stepwise")
    dataset.publish(report(RUNS[0]), [page(name, "One.", RUNS[0]) for name in names])
    return dataset


def cut(dataset: Dataset, forgotten: tuple[str, ...] = ()) -> Release:
    return cut_release(Path(dataset.root).parent / "releases", dataset, forgotten=[*map(url_hash, forgotten)])


def changes(release: Release) -> dict[str, tuple[str, str]]:
    rows = pq.read_table(release.path / "changes.parquet").to_pylist()
    return {row["title"]: (row["change"], row["why"]) for row in rows}


def test_a_first_release_says_so(dataset: Dataset) -> None:
    made = cut(dataset)
    assert made.manifest["before"] is None
    assert changes(made) == {}
    assert "The first release of this selection: 9 documents." in (made.path / "CHANGES.md").read_text(
        "utf-8"
    )


def test_a_change_of_ours_is_never_shown_as_a_change_of_the_page(dataset: Dataset) -> None:
    first = cut(dataset)
    dataset.publish(
        report(RUNS[1]),
        [
            page("amended", "Two.", RUNS[1], PAGE_2),
            page("recleaned", "One!", RUNS[1], rules="r2"),
            page("either", "Three.", RUNS[1], PAGE_2, "r2"),
            page("described", "One.", RUNS[1], rules="r2", issuer="Harbour Office"),
            page("cut", "One …", RUNS[1], PAGE_2, access=Access.PAYWALLED),
            page("doubled", "One.", RUNS[1], PAGE_2),
            page("new", "One.", RUNS[1]),
            # First our rules read it otherwise, then the page changed under the same rules: it did change.
            page("stepwise", "One!", RUNS[1], rules="r2"),
        ],
        relations=[relation("new", "doubled", RUNS[1])],
    )
    dataset.publish(report(RUNS[2]), [page("stepwise", "Two!", RUNS[2], PAGE_2, "r2")])
    dataset.forget([url("private")])
    second = cut(dataset, (url("private"),))
    assert second.manifest["before"] == first.id
    assert changes(second) == {
        "amended": ("amended", ""),
        "recleaned": ("re-cleaned", ""),
        "either": ("both", ""),
        "described": ("described", ""),
        "stepwise": ("amended", ""),
        "new": ("added", ""),
        "cut": ("withdrawn", "cut"),
        "doubled": ("withdrawn", "same"),
    }
    assert second.manifest["changes"] == {
        "added": 1,
        "amended": 2,
        "re-cleaned": 1,
        "both": 1,
        "described": 1,
        "withdrawn": 2,
        "forgotten": 1,
    }
    text = (second.path / "CHANGES.md").read_text("utf-8")
    assert f"# Changes since {first.id}" in text
    assert "| forgotten | 1 | withdrawn on request, and so not named |" in text
    assert "(a duplicate of another document)" in text
    assert "private" not in text


def test_re_cleaning_alone_names_no_amended_page(dataset: Dataset) -> None:
    cut(dataset)
    names = ("amended", "recleaned", "either", "steady", "described", "cut", "doubled", "private", "stepwise")
    dataset.publish(report(RUNS[1]), [page(name, "One!", RUNS[1], rules="r2") for name in names])
    assert cut(dataset).manifest["changes"] == {"re-cleaned": len(names)}


def test_changes_are_against_the_last_release_of_the_same_selection(dataset: Dataset) -> None:
    first = cut(dataset)
    dataset.publish(report(RUNS[1]), [page("steady", "Two.", RUNS[1], PAGE_2)])
    second = cut(dataset)
    dataset.publish(report(RUNS[2]), [page("steady", "Three.", RUNS[2], "3" * 64)])
    third = cut(dataset)
    assert [made.manifest["before"] for made in (first, second, third)] == [None, first.id, second.id]
    assert third.manifest["changes"] == {"amended": 1}


def test_a_release_cut_again_after_it_was_lost_has_the_same_bytes(dataset: Dataset) -> None:
    import shutil

    cut(dataset)
    dataset.publish(report(RUNS[1]), [page("steady", "Two.", RUNS[1], PAGE_2)])
    second = cut(dataset)
    held = {path.name: path.read_bytes() for path in second.path.rglob("*") if path.is_file()}
    shutil.rmtree(second.path)
    again = cut(dataset)
    assert again.new
    assert again.id == second.id
    assert held == {path.name: path.read_bytes() for path in again.path.rglob("*") if path.is_file()}


@pytest.mark.parametrize("harm", ["flipped", "gone"])
def test_changes_are_not_told_from_a_damaged_release(dataset: Dataset, harm: str) -> None:
    first = cut(dataset)
    dataset.publish(report(RUNS[1]), [page("new", "Two.", RUNS[1])])
    file = first.path / "documents" / "part-00000.parquet"
    whole = file.read_bytes()
    file.unlink()
    if harm == "flipped":
        file.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    with pytest.raises(StorageError, match=r"parquet: (damaged|missing).*restore .* or remove it"):
        cut(dataset)
    shutil.rmtree(first.path)
    assert cut(dataset).manifest["before"] is None
