"""Pages that stand published when their site closes them: named, let be, and not mined again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.declaration.loading import load_source
from flows.commands.reclean import publish, reclean
from flows.ingest.run import ingest
from flows.workspace.workspace import Workspace
from tests.unit.crawlers.rig import Page, Site

RULES = {
    "/laws/header": "Whoever keeps a lantern on the quay shall trim it before the tide {n} turns.",
    "/laws/meta": "No barge of more than {n} tons lies at the old steps when the market is held.",
    "/laws/robots": "The pilot asks {n} coins of a stranger, and nothing of those who were born here.",
    "/laws/gone": "A dog that barks at the ferry {n} times is led home by its owner or by the clerk.",
    "/laws/open": "Nets are dried behind the church, {n} steps from the well, and never on its wall.",
}


def words(path: str) -> str:
    lines = "".join(f"<p>Article {n}. {RULES[path].format(n=n)}</p>" for n in range(1, 9))
    return f"<h1>Rules</h1>{lines}<p>This is {path}.</p>"


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    for path in RULES:
        made.html(path, words(path))
    made.listing("/laws/", [path for path in made.pages if path.startswith("/laws/")])
    yield made
    made.close()


def close(site: Site) -> None:
    site.pages["/laws/header"].headers["X-Robots-Tag"] = "noai"
    site.html("/laws/meta", f'<meta name="robots" content="noai">{words("/laws/meta")}<p>Amended.</p>')
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /laws/robots\n")
    site.pages["/laws/gone"] = Page(b"gone", 410)


def test_what_ends_is_named_stands_and_is_not_mined_again(site: Site, tmp_path: Path) -> None:
    declaration = tmp_path / "laws.toml"
    declaration.write_text(
        f'[source]\nid = "laws"\nname = "Laws"\nhome = "{site.url}/"\n[crawl]\ndiscover = "listing"\n'
        f'start = ["{site.url}/laws/"]\nfollow = "/laws/[a-z]+$"\ndelay = 0\nloopback = true\n'
        'contact = "tests@example.org"\n'
    )
    source, data = load_source(declaration), tmp_path / "data"
    assert ingest(source, data).report.messages == ()
    workspace = Workspace(data)
    kept = _standing(workspace)
    assert len(kept) == 5

    close(site)
    for answer in (data / "robots").iterdir():
        answer.unlink()  # as after a day
    report = ingest(source, data).report

    said = dict(report.outcomes)
    assert {name: said.get(name) for name in ("gone", "refused: opt_out", "refused: robots")} == {
        "gone": 1,
        "refused: opt_out": 2,
        "refused: robots": 1,
    }
    assert [message.partition(": ")[0] for message in report.messages] == [
        "1 published before, now gone from the site",
        "2 published before, now opted out of text and data mining",
        "1 published before, now closed to crawlers by robots.txt",
    ]
    opted_out = [visit for visit in workspace.ledger.visits(report.run_id) if visit.reason == "opt_out"]
    assert [(visit.ref, visit.body_bytes) for visit in opted_out] == [(None, 0)] * 2
    assert all("noai" in visit.detail for visit in opted_out)
    assert _standing(workspace) == kept

    again = reclean(source, workspace)
    assert (again.pages, again.opted_out, again.counts["lost"]) == (3, 2, 0)
    cleaned = {visit.url for visit in workspace.ledger.visits(publish(source, data).report.run_id)}
    assert {url.removeprefix(site.url) for url in cleaned} == {"/laws/gone", "/laws/open", "/laws/robots"}
    assert ingest(source, data).report.messages == (), "each is named once"
    workspace.close()


def _standing(workspace: Workspace) -> list[tuple[str, str]]:
    rows = workspace.dataset.latest().read_all().to_pylist()
    return sorted((row["url"], row["version"]) for row in rows)
