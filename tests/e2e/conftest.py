from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawlers.declaration.loading import Source, load_source
from flows.replicas import Replica, serve
from tests.e2e.quay import Site, served

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def blog() -> Iterator[Replica]:
    with serve(["blog"]) as (replica,):
        yield replica


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


@pytest.fixture
def source(blog: Replica, tmp_path: Path) -> Source:
    return load_source(blog.source_path(tmp_path))


@pytest.fixture
def tamis(tmp_path: Path) -> Command:
    """Run the command `tamis` in a process of its own, on a data folder of the test's own."""

    def run(
        *arguments: str | Path, timeout: float = 120, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(tmp_path, *arguments),
            capture_output=True,
            text=True,
            timeout=timeout,
            env=os.environ | {"TAMIS_CONTACT": "tests@localhost", "COLUMNS": "200"} | variables,
            check=False,
        )

    return run


def command(tmp_path: Path, *arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "flows.cli", "--data", str(tmp_path / "data"), *map(str, arguments)]
