"""What stands published after a site has changed between runs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from flows.commands.forget import forget
from flows.commands.reclean import publish, reclean
from flows.commands.release import release
from flows.ingest.run import ingest
from flows.replicas.pdf import printed
from flows.workspace.workspace import Workspace
from output.dataset.dataset import Dataset
from output.ledger.ledger import Ledger
from output.ledger.records import Settled
from output.release.choice import Choice
from tests.e2e.quay import Site, asked, source, text

LINES = [f"Line {n} of the order tells the pilot what he owes at gate {n} of the dock." for n in range(2, 10)]
STUB = '<meta http-equiv=refresh content="0; url={}"><p>This order has moved, and is no longer read here.'
ANNEX = [f"Crane {n} lifts {n * 3} tons, and on a holiday {n * 2} tons." for n in range(2, 10)]


def released(path: Path, query: str) -> list[tuple[str, ...]]:
    """The rows of a query over a release's tables."""
    import glob

    import duckdb

    with duckdb.connect() as connection:
        for name in ("documents", "relations"):
            files = f"{glob.escape(str(path))}/{name}{'/*' if name == 'documents' else ''}.parquet"
            connection.execute(f"create view {name} as from '{files}'")
        return connection.execute(query).fetchall()


def test_a_file_hangs_below_its_page_whichever_of_them_changes(site: Site, tmp_path: Path) -> None:
    terms = "<p><a href=/terms.pdf>The terms of this site</a></p>"
    for n in range(4):
        link = "<p><a href=/annex.pdf>Annex</a></p>" if n == 0 else ""
        site.pages[f"/order-{n}"] = text(f"Order {n}", [f"{line} {n * 11}" for line in LINES], link + terms)
    listed = "".join(f"<url><loc>{site.base}{path}</loc></url>" for path in site.pages)
    site.pages["/annex.pdf"], site.pages["/terms.pdf"] = printed([ANNEX], "Annex"), printed([LINES], "Terms")
    site.pages["/sitemap.xml"] = f"<urlset>{listed}</urlset>"
    quay, data = source(site, tmp_path, "/sitemap.xml", discover="sitemap"), tmp_path / "data"
    hangs = (
        "select p.url, f.url from relations r join documents p on p.id = r.a join documents f on f.id = r.b "
        "where relation = 'attachment_of'"
    )
    below = [(f"{site.base}/order-0", f"{site.base}/annex.pdf")]
    assert released(ingest(quay, data).release.path, hangs) == below
    site.pages["/annex.pdf"] = printed([[*ANNEX, "Crane 11 is out of use."]], "Annex")
    assert released(ingest(quay, data).release.path, hangs) == below
    # The terms are the site's own, though this run sees one page alone that links to them.
    site.pages["/terms.pdf"] = printed([[*LINES, "There is no gate 11."]], "Terms")
    site.pages["/order-0"] = str(site.pages["/order-0"]).replace("pilot", "master")
    assert released(ingest(quay, data).release.path, hangs) == below


@pytest.mark.parametrize("moved", [">{}", STUB])
def test_a_page_that_moved_is_read_at_its_new_address_alone(site: Site, tmp_path: Path, moved: str) -> None:
    data = tmp_path / "data"
    site.pages["/old"] = text("Dock order", LINES)
    site.pages["/new"] = moved.format("/old")
    quay, stands = source(site, tmp_path), "select url, text from documents"
    ((url, first),) = released(ingest(quay, data).release.path, stands)
    assert url == f"{site.base}/old"
    old, site.pages["/old"], site.pages["/new"] = site.pages["/old"], moved.format("/new"), site.pages["/old"]
    result = ingest(quay, data)
    assert released(result.release.path, stands) == [(f"{site.base}/new", first)]
    assert result.report.messages == ()
    # Amended at its new address, the text that stood at the old one is not the one that survives.
    site.pages["/new"] = text("Dock order", [*LINES, "Gate 11 is shut."])
    ((url, amended),) = released(ingest(quay, data).release.path, stands)
    assert (url, amended) == (f"{site.base}/new", f"{first}\nGate 11 is shut.")
    cleaned = reclean(quay, Workspace(data))
    assert cleaned.counts == {"unchanged": 1}
    assert publish(quay, data).report.documents == 0
    # It comes back, as it was.
    site.pages["/old"], site.pages["/new"] = old, moved.format("/old")
    assert released(ingest(quay, data).release.path, stands) == [(f"{site.base}/old", first)]


def test_a_page_that_is_gone_does_not_survive_its_copy_that_stays(site: Site, tmp_path: Path) -> None:
    data, stands = tmp_path / "data", "select url from documents"
    site.pages |= {"/old": text("Dock order", LINES), "/new": ">/old", "/fees": text("Fees", ANNEX)}
    quay = source(site, tmp_path, "/old", "/new", "/fees")
    ingest(quay, data)
    site.pages["/new"] = site.pages.pop("/old")
    del site.pages["/fees"]
    assert len(ingest(quay, data).report.messages) == 1
    site.pages["/new"] = text("Dock order", [*LINES, "Gate 11 is shut."])
    left = [(f"{site.base}/fees",), (f"{site.base}/new",)]
    assert sorted(released(ingest(quay, data).release.path, stands)) == left
    assert reclean(quay, Workspace(data)).counts == {"unchanged": 2}
    # It comes back, as it was: two pages give the text again.
    site.pages["/old"] = text("Dock order", LINES)
    assert ingest(quay, data).report.new == 1


def test_a_page_that_goes_while_its_text_comes_at_another_address_is_succeeded_at_once(
    site: Site, tmp_path: Path
) -> None:
    data, stands = tmp_path / "data", "select url from documents"
    site.pages |= {"/old": text("Dock order", LINES), "/fees": text("Fees", ANNEX)}
    quay = source(site, tmp_path, "/old", "/new", "/fees")
    ingest(quay, data)
    site.pages["/new"] = site.pages.pop("/old")
    result = ingest(quay, data)
    assert sorted(released(result.release.path, stands)) == [(f"{site.base}/fees",), (f"{site.base}/new",)]
    assert result.report.messages == ()


def test_a_page_that_leads_elsewhere_keeps_what_was_published_of_it(site: Site, tmp_path: Path) -> None:
    data = tmp_path / "data"
    site.pages.update({f"/{n}": text(f"Order {n}", [f"{line} {n * 11}" for line in LINES]) for n in (1, 2)})
    quay = source(site, tmp_path)
    ingest(quay, data)
    site.pages |= {"/1": ">/login", "/2": ">/login", "/login": text("Welcome", ANNEX)}
    result = ingest(quay, data)
    stand = {url for (url,) in released(result.release.path, "select url from documents")}
    assert stand == {f"{site.base}/{name}" for name in ("1", "2", "login")}
    assert "2 published before, now moved to a page without their text" in result.report.messages[0]


def test_a_page_that_names_another_address_as_its_own_gives_one_document(site: Site, tmp_path: Path) -> None:
    data, permalink = tmp_path / "data", "<link rel=canonical href=/orders/dock>"
    site.pages["/dock"] = text("Dock order", LINES)
    quay = source(site, tmp_path)
    ingest(quay, data)
    for more in ([], ["Gate 11 is shut."]):
        site.pages["/dock"] = permalink + text("Dock order", [*LINES, *more])
        path = ingest(quay, data).release.path
        ((canonical, words),) = released(path, "select canonical_url, text from documents")
        assert (canonical, words.split("\n")[1:]) == (f"{site.base}/orders/dock", [*LINES, *more])


def test_documents_that_others_succeed_are_settled_after_a_kill(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    site.pages["/old"] = text("Dock order", LINES)
    quay = source(site, tmp_path)
    ingest(quay, data)
    site.pages["/old"], site.pages["/new"] = ">/new", site.pages["/old"]
    settle = Ledger.settle_many

    def killed(ledger: Ledger, run_id: str, settled: list[Settled], succeeded: Collection[str] = ()) -> None:
        if succeeded:
            raise KeyboardInterrupt
        settle(ledger, run_id, settled)

    monkeypatch.setattr(Ledger, "settle_many", killed)
    with pytest.raises(KeyboardInterrupt):
        ingest(quay, data)
    monkeypatch.undo()
    ingest(quay, data)
    assert [*Workspace(data).ledger.document_pages("quay").values()] == [f"{site.base}/new"]


def test_what_a_forgotten_text_was_the_survivor_of_has_another_at_once(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    data, stand = tmp_path / "data", "select url from documents"
    site.pages.update({f"/{name}": text("Dock order", LINES) for name in "abc"})
    ((survivor,),) = released(ingest(source(site, tmp_path), data).release.path, stand)
    with monkeypatch.context() as broken:
        broken.setattr(Dataset, "forget", killed)
        with pytest.raises(KeyboardInterrupt):
            forget(data, survivor)
    assert forget(data, survivor).documents == 1, "broken off, the same command goes on"
    assert len(released(release(data, Choice()).path, stand)) == 1
    assert asked(data, f"select count(*) from stored_documents where url = '{survivor}'") == [(0,)]


def test_a_page_that_moved_is_forgotten_at_both_addresses(site: Site, tmp_path: Path) -> None:
    data = tmp_path / "data"
    site.pages |= {"/other": text("Fees", ANNEX), "/old": text("Dock order", LINES)}
    quay = source(site, tmp_path)
    ingest(quay, data)
    site.pages["/old"], site.pages["/new"] = ">/new", site.pages["/old"]
    ingest(quay, data)
    gone = forget(data, f"{site.base}/new")
    assert gone.urls == (f"{site.base}/new", f"{site.base}/old")
    left = released(release(data, Choice()).path, "select url from documents")
    assert left == [(f"{site.base}/other",)]


def test_a_text_that_its_feed_gave_stands_when_the_feed_names_it_no_more(site: Site, tmp_path: Path) -> None:
    def feed(path: str, *lines: str) -> str:
        words = "".join(f"<p>{line}</p>" for line in lines)
        item = f"<item><link>{site.base}{path}</link><description><![CDATA[{words}]]></description></item>"
        return f'<rss version="2.0"><channel>{item}</channel></rss>'

    more, data = "<p><a href=/more>Continue reading</a></p>", tmp_path / "data"
    site.pages["/opening"] = text("Opening", LINES[:1], more)
    site.pages["/lamps"] = text("Lamps", ANNEX)
    site.pages["/feed"] = feed("/opening", *LINES)
    quay = source(site, tmp_path, "/feed", discover="feed")
    ingest(quay, data)
    opening = f"select access, text from latest where url = '{site.base}/opening'"
    whole = [("full", "\n".join(LINES))]
    assert asked(data, opening) == whole
    site.pages["/feed"] = feed("/lamps", *ANNEX)
    site.pages["/opening"] = f"<nav>A new menu</nav>{text('Opening', LINES[:1], more)}"
    ingest(quay, data)
    assert asked(data, opening) == whole
    assert reclean(quay, Workspace(data)).counts == {"unchanged": 2}


def test_what_was_forgotten_does_not_come_back_at_another_address(site: Site, tmp_path: Path) -> None:
    data = tmp_path / "data"
    site.pages |= {"/fees": text("Fees", ANNEX), "/order": text("Dock order", LINES)}
    ingest(source(site, tmp_path), data)
    forget(data, f"{site.base}/order")
    site.pages["/order/print"] = f"<link rel=canonical href=/order>{text('Dock order', LINES)}"
    quay = source(site, tmp_path)
    report = ingest(quay, data).report
    assert dict(report.outcomes) == {"refused: forgotten": 2, "unchanged": 1}
    assert reclean(quay, Workspace(data)).counts == {"unchanged": 1}
    assert publish(quay, data).report.documents == 0


def test_a_text_that_is_no_longer_whole_is_named(site: Site, tmp_path: Path) -> None:
    data = tmp_path / "data"
    site.pages |= {"/fees": text("Fees", ANNEX), "/order": text("Dock order", LINES)}
    quay = source(site, tmp_path)
    assert ingest(quay, data).report.messages == ()
    wall = "<div class=paywall><p>Subscribe to read the full article.</p></div>"
    site.pages["/order"] = text("Dock order", LINES[:2], wall)
    (said,) = ingest(quay, data).report.messages
    assert said.startswith(f"1 published whole before, now paywalled: {site.base}/order; ")
    site.pages["/order"] = text("Dock order", LINES[:3], wall)
    assert ingest(quay, data).report.messages == ()


def test_a_file_that_its_page_names_by_an_address_that_leads_to_it_hangs_below_the_page(
    site: Site, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    site.pages["/order"] = text("Dock order", LINES, "<p><a href=/get/annex.pdf>Annex</a></p>")
    site.pages["/sitemap.xml"] = f"<urlset><url><loc>{site.base}/order</loc></url></urlset>"
    site.pages |= {"/get/annex.pdf": ">/files/annex.pdf", "/files/annex.pdf": printed([ANNEX], "Annex")}
    quay = source(site, tmp_path, "/sitemap.xml", discover="sitemap")
    hangs = "select f.url from relations r join documents f on f.id = r.b where relation = 'attachment_of'"
    assert released(ingest(quay, data).release.path, hangs) == [(f"{site.base}/files/annex.pdf",)]


def test_a_page_that_lost_its_text_is_named_and_what_was_published_stands(site: Site, tmp_path: Path) -> None:
    data = tmp_path / "data"
    site.pages |= {"/fees": text("Fees", ANNEX), "/order": text("Dock order", LINES)}
    quay = source(site, tmp_path)
    ingest(quay, data)
    site.pages["/fees"] = "<html><body></body></html>"
    result = ingest(quay, data)
    (said,) = result.report.messages
    assert said.startswith("1 published before, now rejected (")
    assert f"{site.base}/fees" in said
    assert len(released(result.release.path, "select url from documents")) == 2
    assert ingest(quay, data).report.messages == (), "it is named once"
