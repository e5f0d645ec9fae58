"""Saved pages as a source: no request, and the same archive, ledger and outcomes as of a crawl."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawlers.discovery import IndexSummary
from tests.unit.crawlers.rig import Crawls, Page

if TYPE_CHECKING:
    from tests.unit.crawlers.forked import Forks
    from tests.unit.crawlers.rig import Site


@pytest.fixture
def replays(tmp_path: Path, site: Site, forks: Forks) -> Crawls:
    folder = tmp_path / "replays"
    folder.mkdir()
    return Crawls(folder, site, forks)


def test_a_warc_is_crawled_again_without_the_network(site: Site, crawls: Crawls, replays: Crawls) -> None:
    paths = site.articles(4)
    site.html("/laws/3", "<p>Gone.", status=410)
    site.pages["/laws/4"] = Page(b"", 301, {"Location": "/laws/5"})
    site.html("/laws/5", '<meta name="robots" content="noai"><p>Not for machines.')
    crawls.crawl()
    (warc,) = (crawls.data / "archive" / "laws").glob("*.warc.gz")
    site.asked.clear()
    replays.declare(discover="warc", saved=[str(warc)], start=None)

    replays.crawl()

    replays.check()
    assert not site.asked
    index = warc.as_uri()
    assert replays.outcomes() == {
        index: "index",
        "/laws/1": "pending",
        "/laws/2": "pending",
        "/laws/3": "gone",
        "/laws/4": "rejected: moved",
        "/laws/5": "refused: not_saved",  # it opted out: the first crawl kept no body of it
    }
    index_summary = IndexSummary.from_json(replays.visits()[index].detail)
    assert index_summary is not None
    assert (index_summary.way, index_summary.listed, index_summary.skipped) == (
        "saved",
        len(paths),
        {"pattern": 1},
    )
    first, again = crawls.visits()["/laws/1"], replays.visits()["/laws/1"]
    assert (again.sha256, again.status) == (first.sha256, 200)
    assert again.fetched_at == first.fetched_at.replace(microsecond=again.fetched_at.microsecond)  # type: ignore[union-attr]
    replays.finish()

    replays.crawl()

    assert replays.outcomes()["/laws/1"] == "unchanged"


def test_a_damaged_warc_gives_what_is_whole_and_says_so(site: Site, crawls: Crawls, replays: Crawls) -> None:
    site.articles(6)
    crawls.crawl()
    (warc,) = (crawls.data / "archive" / "laws").glob("*.warc.gz")
    body = warc.read_bytes()
    at = len(body) // 2
    warc.write_bytes(body[:at] + bytes(200) + body[at + 200 :])
    replays.declare(discover="warc", saved=[str(warc)], start=None)

    replays.crawl()

    replays.check()
    outcomes = replays.outcomes()
    assert outcomes.pop(warc.as_uri()) == "failed: damaged"
    assert outcomes
    assert set(outcomes.values()) == {"pending"}


def test_a_folder_is_a_site_below_its_home(site: Site, replays: Crawls, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    for name in ("laws/1.html", "laws/通知.htm", "laws/style.css", "about.html", "laws/a.pdf"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"%PDF-1.7" if name.endswith("pdf") else f"<p>{name}".encode())
    replays.declare(discover="folder", saved=["../mirror"], start=None, follow="/laws/")

    replays.crawl()

    replays.check()
    assert not site.asked
    assert replays.outcomes() == {
        folder.as_uri(): "index",
        "/laws/1.html": "pending",
        "/laws/%E9%80%9A%E7%9F%A5.htm": "pending",
        "/laws/a.pdf": "pending",
    }


def test_a_folder_ends_where_it_ends(replays: Crawls, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    (folder / "laws").mkdir(parents=True)
    (folder / "laws" / "1.html").write_text("<p>A law.")
    (folder / "laws" / "2.html").symlink_to("1.html")
    (tmp_path / "secret.html").write_text("<p>A secret.")
    (folder / "laws" / "3.html").symlink_to(tmp_path / "secret.html")
    with (folder / "laws" / "4.html").open("wb") as sparse:
        sparse.truncate(1 << 40)
    replays.declare(discover="folder", saved=["../mirror"], start=None, follow="/laws/")

    replays.crawl()

    replays.check()
    index = folder.as_uri()
    assert replays.outcomes() == {
        index: "failed: damaged",
        "/laws/1.html": "pending",
        "/laws/2.html": "pending",
    }
    detail = replays.visits()[index].detail
    assert f"{folder}/laws/3.html: a link that leads out of the folder" in detail
    assert f"{folder}/laws/4.html: over 64 MiB" in detail


def test_files_that_are_not_there_are_named(replays: Crawls) -> None:
    replays.declare(discover="warc", saved=["nowhere.warc.gz"], start=None)
    assert "nowhere.warc.gz: no such file or folder" in replays.crawl(exit_code=2)
