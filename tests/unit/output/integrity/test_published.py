"""A dataset that lacks what the ledger says is published, each way that it can."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from output.base.errors import StorageError
from output.base.records import RunReport
from output.base.serialize import as_dict
from output.base.wording import counted
from output.dataset.dataset import Dataset
from output.integrity.published import lost_runs, require_published
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus
from tests.unit.output.gazette_records import LATER, RUN, document, rejection, relation, removal, report, url

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


@pytest.fixture
def dataset(ledger: Ledger, tmp_path: Path) -> Dataset:
    dataset = Dataset(tmp_path / "dataset")
    for run_id, names in ((RUN, ["a", "b"]), (LATER, ["c"])):
        said = report(
            run_id,
            documents=len(names),
            removals=(("nav", 1),),
            relations=(("same", 1),),
            outcomes=(("published", len(names)), ("rejected: not_html", 1)),
        )
        dataset.publish(
            said,
            [document(name, run_id=run_id) for name in names],
            [removal(names[0], run_id)],
            [rejection("file", run_id)],
            [relation(names[0], "x", run_id)],
        )
        ended(ledger, said)
    return dataset


def ended(ledger: Ledger, said: RunReport) -> None:
    ledger.open_run(said.source_id, now=NOW, run_id=said.run_id)
    ledger.set_status(said.run_id, RunStatus(said.status), NOW, json.dumps(as_dict(said)))


def test_a_whole_dataset_lacks_nothing_withdrawn_pages_included(dataset: Dataset, ledger: Ledger) -> None:
    dataset.forget([url("a"), url("b"), url("file")])
    assert lost_runs(ledger, dataset) == []
    require_published(ledger, dataset)


def test_what_was_never_published_is_not_looked_for(tmp_path: Path, ledger: Ledger) -> None:
    ended(ledger, report(status="held"))
    ledger.open_run("gazette", now=NOW, run_id=LATER)
    assert lost_runs(ledger, Dataset(tmp_path / "none")) == []
    assert not (tmp_path / "none").exists()


def _last_commit(table: str) -> Callable[[Path], None]:
    return lambda root: max((root / table / "_delta_log").glob("*.json")).unlink()


@pytest.mark.parametrize(
    ("lose", "runs", "table"),
    [
        (shutil.rmtree, [RUN, LATER], "runs"),
        (lambda root: shutil.rmtree(root / "runs"), [RUN, LATER], "runs"),
        (_last_commit("runs"), [LATER], "runs"),
        (lambda root: shutil.rmtree(root / "documents"), [RUN, LATER], "documents"),
        (_last_commit("documents"), [LATER], "documents"),
        (_last_commit("removals"), [LATER], "removals"),
        (_last_commit("rejections"), [LATER], "rejections"),
        (_last_commit("relations"), [LATER], "relations"),
    ],
)
def test_each_loss_is_named(
    dataset: Dataset, ledger: Ledger, lose: Callable[[Path], None], runs: list[str], table: str
) -> None:
    assert dataset.folder
    lose(dataset.folder)
    found = lost_runs(ledger, Dataset(dataset.root))
    assert [(one.run_id, one.table) for one in found] == [(run_id, table) for run_id in runs]
    with pytest.raises(StorageError) as caught:
        require_published(ledger, Dataset(dataset.root))
    message = str(caught.value)
    documents = 3 if RUN in runs else 1
    assert f"{counted(len(runs), 'run')} with {counted(documents, 'document')} as published" in message
    assert f"{dataset.root} lacks their rows in {table}" in message
    assert all(run_id in message for run_id in runs)
    assert "tamis rebuild" in message


def test_a_dataset_elsewhere_is_no_dataset_of_these_runs(
    dataset: Dataset, ledger: Ledger, tmp_path: Path
) -> None:
    assert dataset.runs()
    elsewhere = Dataset(tmp_path / "elsewhere")
    elsewhere.publish(report("20250101T000000-z"), [])
    assert [one.run_id for one in lost_runs(ledger, elsewhere)] == [RUN, LATER]
