"""Every block of every page is run or checked, as a reader would meet it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks, pages
from tests.docs.conftest import Gazette
from tests.docs.reader import Reader

pytestmark = pytest.mark.xdist_group("docs")
BEGIN_WITH_NOTHING = ("README.md", "add-a-source.md", "first-dataset.md")
WITH_BLOCKS = [page for page in pages() if any(blocks(page))]


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_says(
    page: Path, folder: Path, gazette: Gazette, monkeypatch: pytest.MonkeyPatch
) -> None:
    if page.name in BEGIN_WITH_NOTHING:
        shutil.rmtree(folder / "data")
        shutil.rmtree(folder / "my-sources")
    reader = Reader(folder, gazette.base, monkeypatch, in_release=page.parent.name == "reader")
    for block in blocks(page):
        reader.follow(block)
