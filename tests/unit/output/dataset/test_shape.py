from dataclasses import replace
from pathlib import Path

from output.base.records import Access, Document
from output.dataset.dataset import Dataset
from output.dataset.shape import MIN_DOCUMENTS, describe_drift, missing_shares, published_shape, shape_of
from tests.unit.output.gazette_records import document, report


def documents(**changes: object) -> list[Document]:
    return [
        replace(document(f"d{n}", "x" * 100), **{"share_kept": 0.5, "profile_fit": 0.8, **changes})  # type: ignore[arg-type]
        for n in range(MIN_DOCUMENTS)
    ]


def test_a_run_like_those_before_has_not_moved(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    dataset.publish(report(), documents())
    published = published_shape(dataset, "gazette")
    assert published == shape_of(documents())
    assert (published.documents, published.access, published.profile_fit) == (
        MIN_DOCUMENTS,
        {"full": 1.0},
        0.8,
    )
    assert describe_drift(published, shape_of(documents()), 0.0) == []
    assert published_shape(dataset, "nobody").documents == 0


def test_a_new_layout_is_told_by_verdicts_and_medians() -> None:
    half = documents()[: MIN_DOCUMENTS // 2] + documents(access=Access.PAYWALLED)[MIN_DOCUMENTS // 2 :]
    assert describe_drift(shape_of(documents()), shape_of(half), 0.3) == [
        "verdicts moved by 50%: from 100% full to 50% full, 50% paywalled"
    ]
    assert describe_drift(shape_of(documents()), shape_of(half), 0.5) == []
    assert describe_drift(
        shape_of(documents()), shape_of(documents(profile_fit=0.2, characters=40)), 0.5
    ) == [
        "median of characters moved by 60%: from 100 to 40",
        "median of profile_fit moved by 75%: from 0.8 to 0.2",
    ]
    assert describe_drift(shape_of(documents()), shape_of(documents()[1:]), 0.0) == [], "too few to tell"


def test_a_verdict_that_too_few_have_is_named() -> None:
    half = documents()[: MIN_DOCUMENTS // 2] + documents(access=Access.TEASER)[MIN_DOCUMENTS // 2 :]
    assert missing_shares({"full": 0.9}, shape_of(half)) == [
        "verdict full in 50% of 20 documents, 90% expected"
    ]
    assert missing_shares({"full": 0.5}, shape_of(half)) == []
    assert missing_shares({"full": 0.5}, shape_of([])) == []
