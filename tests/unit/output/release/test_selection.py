from pathlib import Path
from typing import Any

import pytest

from output.base.errors import UsageError
from output.base.records import Access
from output.base.relations import RelationKind
from output.dataset.dataset import Dataset
from output.formats.jsonl import read_jsonl
from output.release.choice import Choice
from output.release.release import Release, cut_release
from tests.unit.output.gazette_records import document, rejection, relation, removal, report, url


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    dataset = Dataset(tmp_path / "dataset")
    dataset.publish(
        report(),
        [
            document("law", language="zh-Hans", date_published="2021-09-01", licence="CC BY 4.0"),
            document("law-en", language="en", date_issued="2021-10-05T09:00:00+08:00", licence="cc-by-nc"),
            document("notice", language="en-GB", date_effective="2019"),
            document("undated", language="en", source_id="portal", licence="All rights reserved"),
            document("teaser", language="en", date_published="2021-09-02", access=Access.TEASER),
            document("copy", language="zh-Hant", date_published="2021-09-03"),
        ],
        [removal("law"), removal("notice")],
        [rejection("file")],
        [relation("law", "copy"), relation("law", "law-en", kind=RelationKind.TRANSLATION)],
    )
    return dataset


def cut(dataset: Dataset, **choice: Any) -> Release:
    return cut_release(Path(dataset.root).parent / "releases", dataset, Choice(**choice))


def titles(release: Release) -> set[str]:
    return {line["title"] for _, line in read_jsonl(release.path / "documents.jsonl.zst")}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"sources": ("portal",)}, {"undated"}),
        ({"languages": ("en",)}, {"law-en", "notice", "undated"}),
        ({"languages": ("ZH", "en-gb")}, {"law", "notice"}),
        ({"languages": ("zh-Han",)}, set()),
        ({"since": "2021-09"}, {"law", "law-en"}),
        ({"until": "2021-09"}, {"law", "notice"}),
        ({"since": "2021-10-05", "until": "2021-10-05"}, {"law-en"}),
        ({"licences": ("cc",)}, {"law", "law-en"}),
        ({"licences": ("reserved", "nc")}, {"undated", "law-en"}),
        ({"access": ("teaser",)}, {"teaser"}),
        ({"duplicates": True, "languages": ("zh",)}, {"law", "copy"}),
        ({"languages": ("en",), "since": "2021", "access": ()}, {"law-en", "teaser"}),
    ],
)
def test_a_document_must_pass_each_filter(
    dataset: Dataset, choice: dict[str, Any], expected: set[str]
) -> None:
    assert titles(cut(dataset, **choice)) == expected


def test_what_each_filter_leaves_out_is_counted_once_and_said(dataset: Dataset) -> None:
    made = cut(dataset, languages=("zh", "en"), since="2021")
    assert made.manifest["counts"]["left_out"] == {
        "filtered": {"language": 0, "date": 2},
        "cut": {"teaser": 1},
        "same": 1,
    }
    assert made.manifest["parameters"]["languages"] == ["en", "zh"]
    assert "languages en, zh; from 2021" in (made.path / "README.md").read_text("utf-8")


def test_a_release_with_a_filter_leaves_latest_where_it_is(dataset: Dataset, tmp_path: Path) -> None:
    cut(dataset, sources=("portal",))
    assert not (tmp_path / "releases" / "latest").exists()
    whole = cut(dataset)
    cut(dataset, languages=("en",))
    assert (tmp_path / "releases" / "latest").readlink() == Path(whole.id)
    assert cut(dataset, languages=("zh", "en")).id == cut(dataset, languages=("en", "zh", "en")).id


def test_relations_and_receipts_are_those_of_the_chosen(dataset: Dataset) -> None:
    import pyarrow.parquet as pq

    english = cut(dataset, languages=("en",)).path
    assert pq.read_table(english / "relations.parquet")["b"].to_pylist() == [url("law-en")]
    assert pq.read_table(english / "removals.parquet")["input_id"].to_pylist() == [url("notice")]
    elsewhere = cut(dataset, sources=("portal",)).path
    assert pq.read_table(elsewhere / "rejections.parquet").num_rows == 0


@pytest.mark.parametrize(
    "choice",
    [
        {"since": "last week"},
        {"until": "05/01/2021"},
        {"since": "2021-13"},
        {"until": "2021-02-30"},
        {"access": ("open",)},
    ],
)
def test_a_choice_that_cannot_be_is_told(choice: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"is no (date|verdict)"):
        Choice(**choice)


def test_a_copy_is_left_out_though_its_run_began_before_that_of_the_text_it_is_the_same_as(
    tmp_path: Path,
) -> None:
    dataset = Dataset(tmp_path / "dataset")
    slow, quick = "20260102T030000-slow", "20260102T040000-quick"
    dataset.publish(report(quick, finished_at="2026-01-02T04:01:00+00:00"), [document("law", run_id=quick)])
    dataset.publish(
        report(slow, finished_at="2026-01-02T05:00:00+00:00"),
        [document("copy", run_id=slow)],
        relations=[relation("law", "copy", run_id=slow)],
    )
    assert titles(cut(dataset)) == {"law"}
    # Amended since, the law may say something else than its copy.
    amended = "20260103T030000-quick"
    dataset.publish(
        report(amended, finished_at="2026-01-03T03:01:00+00:00"),
        [document("law", "Clause two.", run_id=amended)],
    )
    assert titles(cut(dataset)) == {"law", "copy"}


def test_a_copy_is_left_out_though_its_page_says_something_else_of_the_same_text(dataset: Dataset) -> None:
    before = titles(cut(dataset))
    assert "copy" not in before
    for day, changes in ((3, {"legal_status": "in force"}), (4, {"legal_status": "repealed"})):
        run = f"2026010{day}T030000-c"
        dataset.publish(report(run), [document(name, run_id=run, **changes) for name in ("law", "copy")])
        assert titles(cut(dataset)) == before
    amended = "20260105T030000-c"
    dataset.publish(report(amended), [document("copy", "Clause two.", run_id=amended)])
    assert titles(cut(dataset)) == before | {"copy"}


def test_a_choice_that_nothing_can_pass_is_told(dataset: Dataset) -> None:
    with pytest.raises(
        UsageError, match="'portl': nothing of this source is published; did you mean 'portal'"
    ):
        cut(dataset, sources=("gazette", "portl"))
    with pytest.raises(UsageError, match="no date is from 2022 on and until 2021-05"):
        Choice(since="2022", until="2021-05")
    assert Choice(since="2021-05", until="2021").until == "2021", "all of that year"
