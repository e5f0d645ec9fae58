"""A re-clean that is published is a run of its own."""

from __future__ import annotations

from pathlib import Path

from crawlers.declaration.loading import load_source
from crawlers.declaration.schema import Clean
from flows.commands.reclean import publish, reclean
from flows.ingest.run import ingest
from flows.workspace.workspace import Workspace
from tests.e2e.prefect_rig import SlowSite


def test_publishing_asks_no_page_and_leaves_nothing_to_change(tmp_path: Path) -> None:
    site = SlowSite(3)
    site.declare(tmp_path, "gazette")
    source, data = load_source(tmp_path / "gazette.toml"), tmp_path / "data"
    first = ingest(source, data).report
    site.close()
    stricter = source.model_copy(update={"clean": Clean(remove=("p:nth-of-type(2)",))})
    report = publish(stricter, data).report
    assert report.run_id > first.run_id
    assert (report.documents, report.changed, report.fetched) == (3, 3, 0)
    assert dict(reclean(stricter, Workspace(data)).counts) == {"unchanged": 3}
    again = publish(stricter, data).report
    assert (again.documents, again.outcomes) == (0, (("unchanged: same_text", 3),))


def test_saved_pages_that_are_published_anew_were_still_asked_of_nobody(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    lines = "".join(
        f"<p>Boat {n} lies at the quay until the clerk has seen its papers.</p>" for n in range(9)
    )
    (tmp_path / "saved" / "boats.html").write_text(f"<title>Boats</title><article>{lines}</article>")
    declaration = tmp_path / "quay.toml"
    declaration.write_text(
        '[source]\nid = "quay"\nname = "Quay"\nhome = "https://quay.example/"\n'
        '[crawl]\ndiscover = "folder"\nsaved = ["saved"]\n'
    )
    source, data = load_source(declaration), tmp_path / "data"
    ingest(source, data)
    stricter = source.model_copy(update={"clean": Clean(remove=("p:nth-of-type(2)",))})
    assert publish(stricter, data).report.changed == 1
    with Workspace(data).dataset.views() as connection:
        assert connection.execute("select distinct robots from documents").fetchall() == [("",)]
