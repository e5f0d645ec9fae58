"""A page withdrawn on request, on the replica blog: out of everything that comes after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from cleaning.relations.relate import relate
from cleaning.relations.types import Candidate
from crawlers.declaration.loading import load_source
from flows.commands.forget import forget
from flows.commands.release import release
from flows.explain.find import find
from flows.ingest.release import cut
from flows.ingest.run import ingest, utc_now
from flows.replicas import serve
from flows.workspace.workspace import Workspace
from output.archive.archive import read_record
from output.archive.foreign_warc import read_warc
from output.archive.scan import verify_archive
from output.archive.warc import Record
from output.base.errors import Forgotten, UsageError
from output.base.records import Outcome
from output.ledger.tombstones import FORGOTTEN_FILE, forgotten_hashes, url_hash
from output.relations.index import RelationIndex
from output.release.choice import Choice


def test_a_forgotten_page_is_in_nothing_that_comes_after(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serve(["blog"]) as (blog,):
        source = load_source(blog.source_path(tmp_path))
        first = ingest(source, data)
        workspace = Workspace(data)
        gone = next(document.url for document in blog.truth() if not document.same_as)
        visit = next(v for v in workspace.ledger.visits(first.report.run_id) if v.url == gone)
        assert visit.ref is not None
        before = cut(workspace)
        held = forget(data, gone, by="editor", reason="asked by its author")
        assert held.documents == 1
        assert held.line() == f"{gone}: 1 document withdrawn; next: tamis release"
        assert before.path in held.releases

        with pytest.raises(Forgotten, match="was withdrawn"):
            read_record(workspace.archive, visit.ref)
        files = sorted(workspace.archive.glob("*/*.warc.gz"))
        read = [one for file in files for one in read_warc(file)]
        assert gone not in {one.url for one in read if isinstance(one, Record)}
        assert f"{gone} was withdrawn" in read
        with workspace.dataset.views() as connection:
            counts = [
                connection.execute(
                    f"select count(*) from stored_{table} where {where} = ?", [gone]
                ).fetchall()
                for table, where in (
                    ("documents", "url"),
                    ("removals", "input_id"),
                    ("rejections", "input_id"),
                )
            ]
        assert counts == [[(0,)]] * 3
        with workspace.ledger.engine.begin() as connection:
            asked = text("select count(*) from relation_documents where id = :id")
            assert connection.execute(asked, {"id": gone}).scalar() == 0

        second = cut(workspace)
        assert second.manifest["changes"]["forgotten"] == 1
        changes = (second.path / "CHANGES.md").read_text("utf-8")
        assert "| forgotten | 1 |" in changes
        assert "names each" not in changes
        with pytest.raises(UsageError, match="was withdrawn"):
            find(data, gone)
        assert gone not in changes
        assert gone not in (second.path / "documents.csv").read_text("utf-8-sig")

        blog.requests.clear()
        again = ingest(source, data)
        assert gone.removeprefix(blog.base) not in {request.path for request in blog.requests}
        outcomes = {v.url: (v.outcome, v.reason) for v in workspace.ledger.visits(again.report.run_id)}
        assert outcomes[gone] == (Outcome.REFUSED, "forgotten")
        assert again.report.documents == 0

        twice = forget(data, gone)
        assert (twice.documents, twice.known, twice.again) == (0, True, True)
        assert twice.line().startswith(f"{gone}: was withdrawn already")
        mistyped = forget(data, f"{gone}typo")
        assert (mistyped.known, mistyped.again) == (False, False)
        assert mistyped.line().startswith(
            f"{gone}typo: no page of this URL is here; it is withdrawn all the same"
        )
        assert url_hash(f"{gone}typo") in forgotten_hashes(workspace.archive)
        assert verify_archive(workspace.archive, workspace.ledger) == []
        assert workspace.dataset.verify() == []
        forgotten = workspace.archive / FORGOTTEN_FILE
        forgotten.write_text("")
        assert verify_archive(workspace.archive, workspace.ledger) == [
            f"{forgotten}: damaged: it does not name what the ledger says was withdrawn"
        ]
        workspace.close()


def test_what_was_forgotten_stays_so_where_the_ledger_is_lost(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serve(["blog"]) as (blog,):
        source = load_source(blog.source_path(tmp_path))
        ingest(source, data)
        gone, other = [document.url for document in blog.truth() if not document.same_as][:2]
        assert forget(data, gone).documents == 1
        for file in data.glob("ledger.sqlite*"):
            file.unlink()
        blog.requests.clear()
        again = ingest(source, data)
        assert gone.removeprefix(blog.base) not in {request.path for request in blog.requests}
        assert ("refused: forgotten", 1) in again.report.outcomes
        assert again.report.documents > 0
        with pytest.raises(UsageError, match="was withdrawn"):
            find(data, gone)
        forget(data, other)
        workspace = Workspace(data)
        assert {url_hash(gone), url_hash(other)} <= forgotten_hashes(workspace.archive)
        (line,) = verify_archive(workspace.archive, workspace.ledger)
        assert line.endswith("not in the ledger"), "the file of the lost ledger's run; the list is sound"
        with workspace.dataset.views() as connection:
            found = connection.execute("select count(*) from documents where url in (?, ?)", [gone, other])
            assert found.fetchall() == [(0,)]
        workspace.close()


def test_what_is_no_url_and_where_nothing_is_stored_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no http or https URL"):
        forget(tmp_path, "law-1")
    with pytest.raises(UsageError, match="no Tamis data here"):
        forget(tmp_path / "none", "https://blog.example/")
    with pytest.raises(UsageError, match="no Tamis data here"):
        release(tmp_path / "none", Choice())
    workspace = Workspace(tmp_path / "data")
    workspace.ledger.open_run("gazette", now=utc_now())
    workspace.close()
    with pytest.raises(UsageError, match="no run of 'gazete'; did you mean 'gazette'"):
        release(tmp_path / "data", Choice(sources=("gazete",)))


def test_a_document_that_leaves_the_index_leaves_its_relations(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    words = "The harbour office keeps a register of berths and publishes it each spring. " * 8
    index = RelationIndex(workspace.ledger.engine)
    found = relate([Candidate("a", "1", words), Candidate("b", "1", words)], index, run_id="r1")
    assert len(found) == 1
    relate((), index, withdrawn=["a"])
    assert relate([Candidate("c", "1", words)], index, run_id="r2")[0].b in ("b", "c")
    assert "a" not in json.dumps([str(one.a) + str(one.b) for one in relate((), index, run_id="r2")])
    workspace.close()
