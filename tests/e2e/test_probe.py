"""`tamis probe` over the wire: what it says, what it writes, and how it ends where a site does not let it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawlers.declaration.loading import load_source
from flows.cli.__main__ import main
from flows.commands.sources_check import contradictions
from flows.replicas import Replica, serve
from tests.unit.crawlers.rig import Page, Site

MAX_REQUESTS = 40


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAMIS_CONTACT", "tests@example.org")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _probe(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["probe", *map(str, arguments)])


def test_it_shows_the_ways_and_drafts_a_declaration(blog: Replica, in_folder: Path) -> None:
    probed = _probe(f"{blog.base}/", "--output", "notes.toml")
    assert probed.exit_code == 0, probed.output
    for words in ("30 posts, 2015-11-24 to 2023-06-26", "3 categories", "10 entries", "full; en; 2023-06-26"):
        assert words in probed.output
    assert len(blog.requests) <= MAX_REQUESTS
    assert [path.name for path in in_folder.iterdir()] == ["notes.toml"], (
        "a probe keeps nothing but its draft"
    )
    source = load_source("notes.toml")
    assert (source.crawl.discover, source.about.name) == ("wordpress", "Estuary Law Notes")
    assert list(contradictions(source)) == []
    again = _probe(f"{blog.base}/", "--output", "notes.toml")
    assert again.exit_code == 2
    assert "notes.toml: exists" in again.output


@pytest.mark.usefixtures("in_folder")
def test_pages_that_opt_out_are_not_read(site: Site) -> None:
    links = "".join(f'<a href="/laws/{n}.html">The statute on lanterns, part {n}</a>' for n in range(1, 6))
    site.pages["/"] = Page(f"<html>{links}".encode())
    for n in range(1, 6):
        site.pages[f"/laws/{n}.html"] = Page(
            b'<html><meta name="robots" content="noai"><p>Lanterns are lit at dusk.'
        )
    probed = _probe(f"{site.url}/", "--output", "lanterns.toml")
    assert probed.exit_code == 0, probed.output
    assert "opts out of text and data mining" in " ".join(probed.output.split())
    assert "lit at dusk" not in probed.output
    assert load_source("lanterns.toml").about.use == "metadata"


@pytest.mark.usefixtures("in_folder")
def test_in_json_it_says_the_same() -> None:
    with serve(["portal"]) as (portal,):
        probed = _probe(f"{portal.base}/", "--json")
    assert probed.exit_code == 0, probed.output
    said = json.loads(probed.stdout.splitlines()[-1])
    assert "listing" in [way["name"] for way in said["ways"]]
    assert [sample["access"] for sample in said["samples"]] == ["full"] * 3
    assert said["problems"] == []
    assert Path(said["draft"]).read_text() == said["toml"]


@pytest.mark.parametrize(
    ("robots", "page", "words"),
    [
        ("User-agent: *\nDisallow: /\n", Page(b"x"), "robots.txt forbids this page to Tamis"),
        ("", Page(b"<html><h1>x\x1b[31m", 500), "the first page could not be fetched (http_500)"),
    ],
)
def test_what_does_not_let_it_is_named(
    site: Site, in_folder: Path, robots: str, page: Page, words: str
) -> None:
    site.pages["/"] = page
    if robots:
        site.pages["/robots.txt"] = Page(robots.encode())
    probed = _probe(f"{site.url}/")
    assert probed.exit_code == 1, probed.output
    assert words in " ".join(probed.output.split())
    assert "\x1b" not in probed.output
    assert list(in_folder.iterdir()) == []
    if robots:
        assert set(site.asked) == {"/robots.txt"}


@pytest.mark.usefixtures("in_folder")
def test_a_dead_host_and_a_wrong_address_are_named() -> None:
    dead = _probe("http://127.0.0.1:9/")
    assert dead.exit_code == 1
    said = " ".join(dead.output.split())
    assert "\nhttp://127.0.0.1:9/\n" in f"\n{dead.stdout}", "no space where a title would be"
    cause, _, rest = said.partition("; nothing was asked, as ")
    assert "refused" in cause.lower()
    assert "robots.txt" not in cause
    assert rest.startswith("all is forbidden without robots.txt (RFC 9309)")
    wrong = _probe("ftp://site.example/")
    assert wrong.exit_code == 2
    assert "is not an http or https URL" in wrong.output


def test_without_a_contact_it_does_not_begin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TAMIS_CONTACT", raising=False)
    monkeypatch.chdir(tmp_path)
    probed = _probe("http://127.0.0.1:9/")
    assert probed.exit_code == 2
    assert "set TAMIS_CONTACT" in probed.output
