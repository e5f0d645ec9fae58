"""Every block of every page is run or checked, as a reader would meet it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks, pages
from tests.docs.conftest import Gazette
from tests.docs.reader import Reader, with_site

pytestmark = pytest.mark.xdist_group("docs")
# These two pages make a source of the site and run it. The others begin where they end.
BEGIN_WITH_NOTHING = ("add-a-source.md", "first-dataset.md")
WITH_BLOCKS = [page for page in pages() if any(blocks(page))]


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_says(
    page: Path, folder: Path, gazette: Gazette, monkeypatch: pytest.MonkeyPatch
) -> None:
    if page.name in BEGIN_WITH_NOTHING:
        shutil.rmtree(folder / "data")
        shutil.rmtree(folder / "my-sources")
        (folder / "gazette.toml").unlink()
    reader = Reader(
        folder,
        gazette.base,
        monkeypatch,
        run_elsewhere=frozenset() if page.name in BEGIN_WITH_NOTHING else _first_runs(gazette.base),
        in_release=page.parent.name == "reader",
    )
    for block in blocks(page):
        reader.follow(block)


def _first_runs(base: str) -> frozenset[str]:
    """The probes and runs of the pages that begin with nothing."""
    lines = (
        with_site(line, base)
        for page in WITH_BLOCKS
        if page.name in BEGIN_WITH_NOTHING
        for block in blocks(page)
        for line in block.commands()
    )
    return frozenset(line for line in lines if line.startswith(("tamis probe ", "tamis run ")))
