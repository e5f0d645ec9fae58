from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawlers.declaration.loading import Source, load_source
from flows.cli.__main__ import main
from flows.replicas import Replica, serve
from tests.e2e.quay import Site, served
from tests.odd_folder import tmp_path

__all__ = ["tmp_path"]

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
    """Run the command `tamis` in the test's own process, on a data folder of the test's own."""

    def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        words = command(tmp_path, *arguments)
        environment = {"TAMIS_CONTACT": "tests@localhost", "COLUMNS": "200"} | variables
        ended = CliRunner().invoke(main, words[3:], prog_name="tamis", env=environment)
        return subprocess.CompletedProcess(words, ended.exit_code, ended.stdout, ended.stderr)

    return run


def command(tmp_path: Path, *arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "flows.cli", "--data", str(tmp_path / "data"), *map(str, arguments)]
