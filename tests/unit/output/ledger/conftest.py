from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from output.ledger.ledger import Ledger
from tests.databases import BOTH, empty


@pytest.fixture(params=BOTH)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger in either database."""
    with empty(request.param, tmp_path) as url:
        made = Ledger(url)
        yield made
        made.close()
