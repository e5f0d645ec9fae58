"""A lease that passes to somebody else ends what its holder was doing."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.ingest import lease
from flows.ingest.run import utc_now
from output.base.errors import Busy
from output.ledger.ledger import Ledger


def test_a_run_whose_lease_was_taken_over_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.4)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    ledger = Ledger(tmp_path / "ledger.sqlite")

    def run() -> None:
        with lease.holding(ledger, "blog", utc_now):
            # As after a sleep of this machine, longer than a lease lasts.
            ledger.lease("blog", "elsewhere:1", now=datetime.now(UTC) + timedelta(hours=1))
            for _ in range(3000):
                time.sleep(0.01)

    try:
        with pytest.raises(Busy, match=r"no longer leased to .* but to elsewhere:1"):
            run()
    finally:
        signal.signal(signal.SIGINT, before)
    with pytest.raises(Busy, match="is being run by elsewhere:1"):
        ledger.lease("blog", "third:1", now=datetime.now(UTC) + timedelta(hours=1))
    ledger.close()
