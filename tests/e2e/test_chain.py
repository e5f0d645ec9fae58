"""The chain, from the first fetch to the release, on the replica sites."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from crawlers.declaration.loading import load_source
from flows.ingest.run import Result, ingest
from flows.replicas import Replica, serve
from flows.workspace.workspace import Workspace
from output.ledger.records import Visit
from output.release.release import verify_release

SITES = ("blog", "lawbase", "news", "portal", "mirror")


@dataclass(frozen=True)
class Ingested:
    """All five replicas in one data folder, each run once, while they are still served."""

    replicas: dict[str, Replica]
    results: dict[str, Result]
    data: Path
    sources: Path


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    folder = tmp_path_factory.mktemp("chain")
    with serve(SITES) as replicas:
        results = {r.name: ingest(load_source(r.source_path(folder)), folder / "data") for r in replicas}
        return Ingested({r.name: r for r in replicas}, results, folder / "data", folder)


def _outcomes(data: Path, run_id: str) -> dict[str, str]:
    return {visit.url: _said(visit) for visit in Workspace(data).ledger.visits(run_id)}


def _said(visit: Visit) -> str:
    return f"{visit.outcome}: {visit.reason}" if visit.reason else str(visit.outcome)


def _latest(data: Path) -> list[tuple[str, str, str, str]]:
    with Workspace(data).dataset.views() as connection:
        return connection.execute("select id, url, title, text from latest").fetchall()


@pytest.mark.parametrize("site", SITES)
def test_every_url_has_its_outcome(ingested: Ingested, site: str) -> None:
    replica, result = ingested.replicas[site], ingested.results[site]
    outcomes = _outcomes(ingested.data, result.report.run_id)
    assert {url for url, said in outcomes.items() if said == "published"} == {d.url for d in replica.truth()}
    for url, expected in replica.outcomes.items():
        # The blog's REST list names every post, so its archives need not be asked.
        assert outcomes.get(url, "index") == expected, url
    assert sum(n for _, n in result.report.outcomes) == result.report.scheduled == len(outcomes)


def test_a_release_is_whole(ingested: Ingested) -> None:
    release = ingested.results[SITES[-1]].release
    assert verify_release(release.path) == []
    assert json.loads((release.path / "manifest.json").read_text())["id"] == release.id
    fields = "title", "raw_sha256", "archive_file", "rules_version", "model_version", "fetched_at"
    columns = ", ".join(f"count({field})" for field in fields)
    with duckdb.connect() as connection:
        query = f"select count(*), {columns} from '{release.path}/documents/*.parquet'"
        rows, *filled = connection.execute(query).fetchall()[0]
    assert all(n == rows > 0 for n in filled), dict(zip(fields, filled, strict=True))


@pytest.mark.parametrize("site", SITES)
def test_the_text_is_whole_and_clean(ingested: Ingested, site: str) -> None:
    texts: dict[str, str] = defaultdict(str)
    for _, url, title, text in _latest(ingested.data):
        texts[url] += f"{title}\n{text}\n"
    lost, leaked, wanted, furniture = [], [], 0, 0
    for expected in ingested.replicas[site].truth():
        lines = {_folded(line) for line in texts[expected.url].splitlines()}
        body = _folded(texts[expected.url])
        wanted += len(expected.paragraphs)
        furniture += len(expected.furniture)
        lost += [p for p in expected.paragraphs if _folded(p) not in body]
        leaked += [f for f in expected.furniture if _folded(f) in lines]
    assert len(lost) <= 0.01 * wanted, lost
    assert len(leaked) <= 0.01 * furniture, leaked


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_what_is_the_same_is_named_and_an_amendment_is_a_version(ingested: Ingested) -> None:
    ids: dict[str, set[str]] = defaultdict(set)
    for identity, url, _, _ in _latest(ingested.data):
        ids[url].add(identity)
    with Workspace(ingested.data).dataset.views() as connection:
        rows = connection.execute("select a, b, relation from relations").fetchall()
    found = {(frozenset((a, b)), relation) for a, b, relation in rows}
    truth = {document.key: document for replica in ingested.replicas.values() for document in replica.truth()}

    def related(one: str, other: str, relation: str) -> bool:
        pairs = [frozenset((a, b)) for a in ids[truth[one].url] for b in ids[truth[other].url]]
        return any((pair, relation) in found for pair in pairs)

    for key, document in truth.items():
        if document.version_of:
            assert related(key, document.version_of, "version"), key
            assert not related(key, document.version_of, "same"), key
        if document.same_as and document.access is truth[document.same_as].access:
            assert related(key, document.same_as, "same"), key


def test_of_copies_the_official_one_survives(ingested: Ingested) -> None:
    """The portal is the official source, and is ingested after the blog that copied it."""
    with Workspace(ingested.data).dataset.views() as connection:
        source_of = dict(connection.execute("select id, source_id from latest").fetchall())
        newest = connection.execute(
            "select a, b from relations where relation = 'same' and run_id = ?",
            [ingested.results["portal"].report.run_id],
        ).fetchall()
    pairs = {(source_of[a], source_of[b]) for a, b in newest}
    assert ("portal", "blog") in pairs
    assert ("blog", "portal") not in pairs


def test_a_file_hangs_below_the_page_that_links_to_it(ingested: Ingested) -> None:
    urls = {identity: url for identity, url, _, _ in _latest(ingested.data)}
    with Workspace(ingested.data).dataset.views() as connection:
        rows = connection.execute("select a, b from relations where relation = 'attachment_of'").fetchall()
    pairs = {(urls[a], urls[b]) for a, b in rows}
    files = {d.url for d in ingested.replicas["portal"].truth() if d.url.endswith(".pdf")}
    assert len(files) == 4
    assert pairs == {(file.replace(".pdf", ".htm"), file) for file in files}


def test_the_languages_of_a_law_are_laid_side_by_side(ingested: Ingested) -> None:
    with Workspace(ingested.data).dataset.views() as connection:
        twins = connection.execute(
            "select original.id, twin.id from latest twin "
            "join latest original on original.id = twin.translation_of "
            "where twin.source_id = 'lawbase'"
        ).fetchall()
        related = connection.execute(
            "select a, b from relations where relation = 'translation_of'"
        ).fetchall()
        articles = connection.execute(
            "select count(*), count(*) filter (status = 'aligned') from pairs where level = 'article'"
        ).fetchone()
    release = ingested.results[SITES[-1]].release
    assert twins
    assert set(twins) <= set(related)
    assert articles is not None
    assert articles[0] == articles[1] > len(twins)
    assert release.manifest["counts"]["tables"]["pairs"] > 0
    with duckdb.connect() as connection:
        query = f"select text_a, text_b from '{release.path}/pairs.parquet' where level = 'article' limit 1"
        ((original, translation),) = connection.execute(query).fetchall()
    assert re.search("[\u4e00-\u9fff]", original)
    assert re.search("[A-Za-z]", translation)


def test_a_second_run_fetches_nothing_that_has_not_changed(tmp_path: Path) -> None:
    with serve(["blog"]) as (blog,):
        source = load_source(blog.source_path(tmp_path))
        first = ingest(source, tmp_path / "data")
        blog.requests.clear()
        second = ingest(source, tmp_path / "data")
    assert second.report.documents == 0
    assert second.release.id == first.release.id
    assert not second.release.new
    pages = {document.url.removeprefix(blog.base) for document in blog.truth()}
    again = [request.path for request in blog.requests if request.status == 200 and request.path in pages]
    assert again == []
    assert any(request.status == 304 for request in blog.requests)


def test_a_month_later_only_what_changed_is_published(tmp_path: Path) -> None:
    with serve(["blog"]) as (blog,):
        first = ingest(load_source(blog.source_path(tmp_path)), tmp_path / "data")
        before, port = {d.url: d for d in blog.truth()}, blog.port
    with serve(["blog"], edition=2, ports={"blog": port}) as (blog,):
        second = ingest(load_source(blog.source_path(tmp_path)), tmp_path / "data")
        after = {d.url: d for d in blog.truth()}
    outcomes = _outcomes(tmp_path / "data", second.report.run_id)
    new = after.keys() - before.keys()
    changed = {u for u in after.keys() & before.keys() if after[u].paragraphs != before[u].paragraphs}
    assert new
    assert changed
    assert {url for url, said in outcomes.items() if said == "published"} == new | changed
    for url, expected in blog.outcomes.items():
        # A body that was rejected once is not rejected again.
        assert outcomes.get(url, "index") in (expected, "unchanged"), url
    assert second.release.id != first.release.id
    kept = {url for _, url, _, _ in _latest(tmp_path / "data")}
    assert before.keys() - after.keys() <= kept, "what has gone is recorded, never unpublished silently"
