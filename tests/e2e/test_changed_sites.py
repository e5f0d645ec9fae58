"""What stands published after a site has changed between runs."""

from __future__ import annotations

from pathlib import Path

from flows.ingest import ingest
from flows.replicas.pdf import printed
from tests.e2e.quay import Site, source, text

LINES = [f"Line {n} of the order tells the pilot what he owes at gate {n} of the dock." for n in range(2, 10)]
ANNEX = [f"Crane {n} lifts {n * 3} tons, and on a holiday {n * 2} tons." for n in range(2, 10)]


def released(path: Path, query: str) -> list[tuple[str, ...]]:
    """The rows of a query over a release's tables."""
    import duckdb

    with duckdb.connect() as connection:
        for name in ("documents", "relations"):
            files = f"{path}/{name}{'/*' if name == 'documents' else ''}.parquet"
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
