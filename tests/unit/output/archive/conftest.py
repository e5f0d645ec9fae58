from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from output.ledger.ledger import Ledger
from tests.unit.output.archive.small_crawl import NOW, Crawl


@pytest.fixture
def crawl(tmp_path: Path) -> Iterator[Crawl]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    run_id, _ = ledger.open_run("blog", now=NOW)
    made = Crawl(ledger, tmp_path / "archive", run_id)
    yield made
    for writer in made.writers:
        writer.close()
    ledger.close()
