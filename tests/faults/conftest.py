from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.crawlers.forked import Forks


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    made = Forks()
    yield made
    made.close()
