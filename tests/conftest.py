"""What all tests share: crawls that start at once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.unit.crawlers.forked import Forks


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """The process that crawls are forked from."""
    made = Forks()
    yield made
    made.close()


@pytest.fixture(scope="session", autouse=True)
def _crawls_of_runs_are_forked(forks: Forks) -> Iterator[None]:
    """Runs in the process of a test fork their crawlers; `tamis` in its own process starts them itself."""
    with pytest.MonkeyPatch.context() as patched:
        forked = SimpleNamespace(Popen=forks.popen, PIPE=subprocess.PIPE)
        patched.setattr("flows.ingest.crawl.subprocess", forked)
        yield
