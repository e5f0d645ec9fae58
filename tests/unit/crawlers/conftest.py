from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.crawlers.forked import Forks
from tests.unit.crawlers.rig import Crawls, Site


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def crawls(tmp_path: Path, site: Site, forks: Forks) -> Iterator[Crawls]:
    made = Crawls(tmp_path, site, forks)
    yield made
    made.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a declaration and give its path."""

    def written(text: str) -> Path:
        path = tmp_path / "source.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written
