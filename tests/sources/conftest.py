"""Which golden pages are tested: those below this folder, or of the folders that TAMIS_SOURCES names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crawlers.declaration.loading import list_sources
from flows.commands.golden import golden_pages
from flows.workspace.sources import SHIPPED

HERE = Path(__file__).parent


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "golden" in metafunc.fixturenames:
        named = [Path(folder) for folder in os.environ.get("TAMIS_SOURCES", "").split(os.pathsep) if folder]
        sources = [source for folder in (named or [SHIPPED, HERE]) for source in list_sources([folder])]
        pages = [golden for source in sources for golden in golden_pages(source)]
        metafunc.parametrize("golden", pages, ids=[f"{one.source.id}-{one.folder.name}" for one in pages])
