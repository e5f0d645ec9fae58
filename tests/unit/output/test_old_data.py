"""Data of an older Tamis stays usable: what `old_data` holds was written by the version of November 2026.

`ledger.sql` is its ledger with the relation index, `archive` its archive, `columns.json` the columns of its
dataset. A test that fails here shows that data folders of users break: add a migration, and leave the files.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from output.archive.archive import read_record
from output.archive.scan import run_records, verify_archive
from output.base.errors import Forgotten
from output.base.records import Outcome
from output.base.relations import Relation, RelationKind
from output.formats.arrow import RECORDS, schema
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus
from output.ledger.tombstones import write_forgotten_list
from output.relations.index import RelationIndex
from output.stores import stores

OLD_DATA = Path(__file__).parent / "old_data"
RUN = "20261129T040000Z-gazette"
LAWS = "https://gazette.example/laws/"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    shutil.copytree(OLD_DATA / "archive", tmp_path / "archive")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        database.executescript((OLD_DATA / "ledger.sql").read_text("utf-8"))
    return tmp_path


@pytest.fixture
def ledger(data: Path) -> Iterator[Ledger]:
    opened = Ledger(data / "ledger.sqlite")
    yield opened
    opened.close()


def test_an_old_ledger_holds_its_runs_and_urls(ledger: Ledger) -> None:
    (run,) = ledger.runs()
    assert (run.run_id, run.source_id, run.status) == (RUN, "gazette", RunStatus.PUBLISHED)
    (report,) = ledger.reports()
    assert (report.documents, report.outcomes, report.profile_fit) == (
        1,
        (("published", 1), ("gone", 1)),
        0.9,
    )
    assert {(state.url, state.outcome, state.published) for state in ledger.current_state("gazette")} == {
        (LAWS, Outcome.INDEX, False),
        (f"{LAWS}1", Outcome.PUBLISHED, True),
        (f"{LAWS}2", Outcome.GONE, False),
        (f"{LAWS}3", Outcome.REFUSED, False),
    }
    known = ledger.known("gazette", f"{LAWS}1")
    assert known is not None
    assert (known.etag, known.settled) == ('"1"', True)
    assert ledger.document_pages("gazette") == {"doc-1": f"{LAWS}1"}
    assert [(stone.url, stone.forgotten_by) for stone in ledger.tombstones()] == [(f"{LAWS}9", "ann")]
    assert [one.problems for one in ledger.acceptances()] == [("documents: 1, 2 expected",)]


def test_an_old_archive_is_read_and_verified(data: Path, ledger: Ledger) -> None:
    archive = data / "archive"
    assert verify_archive(archive, ledger) == []
    heads = {head.url: head for head in run_records(archive, "gazette", RUN)}
    assert sorted(heads) == [LAWS, f"{LAWS}1", f"{LAWS}2"]
    record = read_record(archive, heads[f"{LAWS}1"].ref)
    assert (record.body, record.status, record.run_id) == (b"<h1>Law 1</h1>", 200, RUN)
    ledger.forget([f"{LAWS}1"], now=ledger.run(RUN).started_at, by="ann")
    assert verify_archive(archive, ledger) == [
        f"{archive}/forgotten.txt: damaged: it does not name what the ledger says was withdrawn"
    ]


def test_an_old_list_of_withdrawn_urls_is_honoured(data: Path) -> None:
    archive = data / "archive"
    before = (archive / "forgotten.txt").read_text()
    write_forgotten_list(archive, [f"{LAWS}9"])
    assert (archive / "forgotten.txt").read_text() == before
    write_forgotten_list(archive, [f"{LAWS}1"])
    (head,) = [head for head in run_records(archive, "gazette", RUN) if head.url == f"{LAWS}1"]
    with pytest.raises(Forgotten):
        read_record(archive, head.ref)


def test_an_old_relation_index_holds_its_relations(ledger: Ledger) -> None:
    index = RelationIndex(ledger.engine)
    with index.transaction():
        assert list(index.relations()) == [
            Relation("doc-1", "doc-2", RelationKind.SAME, 1.0, "identical", RUN),
        ]
        ((_, _, text),) = index.texts([0])
    assert text.startswith("Article 1. The authority of district 7 shall keep a register of vessels")


def test_the_columns_of_an_old_dataset_stay() -> None:
    columns = json.loads((OLD_DATA / "columns.json").read_text("utf-8"))
    for name, types in columns.items():
        today = {field.name: str(field.type) for field in schema(RECORDS[name])}
        assert today.items() >= types.items(), name


def test_an_old_stores_file_is_read() -> None:
    found = stores(OLD_DATA)
    assert found.ledger == "postgresql+psycopg://tamis@db.example/tamis"
    assert found.dataset == "s3://bucket/tamis"
    assert found.survivor == ("official", "whole", "latest")
