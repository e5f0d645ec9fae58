"""A golden page: frozen from the archive, held to what was accepted, written anew by the command alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawlers.declaration.loading import load_source
from flows.cli.__main__ import main
from flows.commands.golden import Golden, golden_pages
from flows.replicas import Replica, serve
from output.base.errors import UsageError
from tests.sources import test_golden_pages


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accept")


@pytest.fixture(scope="module")
def lawbase(folder: Path) -> Iterator[Replica]:
    with serve(["lawbase"]) as (replica,):
        replica.source_path(folder)
        ran = CliRunner().invoke(
            main,
            [
                "--data",
                str(folder / "data"),
                "run",
                str(folder / "lawbase.toml"),
                "--limit",
                "5",
                "--accept",
                "few",
            ],
        )
        assert ran.exit_code == 0, ran.output
        yield replica


def _accept(folder: Path, url: str) -> Result:
    words = ["--data", str(folder / "data"), "sources", "accept", "--sources", str(folder), "lawbase", url]
    return CliRunner().invoke(main, words)


def _golden(folder: Path) -> Golden:
    (golden,) = golden_pages(load_source(folder / "lawbase.toml"))
    return golden


def test_a_page_is_frozen_tested_and_accepted_anew(folder: Path, lawbase: Replica) -> None:
    url = next(one.url for one in lawbase.truth() if f"{one.url}\n" in _archived(folder))
    accepted = _accept(folder, url)
    assert accepted.exit_code == 0, accepted.output
    golden = _golden(folder)
    assert golden.url == url
    test_golden_pages.test_a_page_gives_what_was_accepted(golden)

    file = golden.folder / "expected.json"
    good = file.read_bytes()
    said = json.loads(good)
    said["documents"][0]["title"] = "Another"
    file.write_text(json.dumps(said))
    with pytest.raises(AssertionError, match=r"tamis sources accept --sources \S+ lawbase \S+http"):
        test_golden_pages.test_a_page_gives_what_was_accepted(golden)
    assert _accept(folder, url).exit_code == 0
    assert file.read_bytes() == good

    file.unlink()
    with pytest.raises(pytest.fail.Exception, match="was missing and is written"):
        test_golden_pages.test_a_page_gives_what_was_accepted(golden)
    assert file.read_bytes() == good
    test_golden_pages.test_a_page_gives_what_was_accepted(golden)


@pytest.mark.parametrize("content", ["[]", "7", '{"url": 7}', "[" * 3000, "{", '"url"'])
def test_a_page_whose_facts_are_none_is_named(folder: Path, lawbase: Replica, content: str) -> None:
    golden = Golden(load_source(lawbase.source_path(folder)), folder / "facts")
    golden.folder.mkdir(exist_ok=True)
    (golden.folder / "page.json").write_text(content)
    with pytest.raises(UsageError, match=r"facts/page\.json: .* accept"):
        golden.current()
    with pytest.raises(UsageError, match=r"facts/page\.json: .* accept"):
        _ = golden.url


def test_a_page_that_was_never_crawled_is_named(folder: Path, lawbase: Replica) -> None:
    missing = _accept(folder, f"{lawbase.base}/never")
    assert missing.exit_code == 2
    assert "/never of lawbase is in the archive" in missing.output
    assert _accept(folder, "file:///etc/passwd").exit_code == 2


def _archived(folder: Path) -> str:
    from flows.workspace.workspace import Workspace

    return "".join(f"{known.url}\n" for known in Workspace(folder / "data").ledger.known_urls("lawbase"))
