"""A rebuild that is killed at random moments: the same command ends with the rows of before, none doubled."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests import ROOT
from tests.e2e.conftest import command, site
from tests.e2e.quay import Site
from tests.e2e.test_lost_dataset import published, rows
from tests.faults.rows import row

__all__ = ["site"]

FULL = os.environ.get("TAMIS_FAULTS") == "full"


@pytest.mark.slow
def test_kills_of_a_rebuild(site: Site, tmp_path: Path) -> None:
    quay, data, _ = published(site, tmp_path)
    before = rows(data)
    words = command(tmp_path, "rebuild", quay.origin)
    shutil.rmtree(data / "dataset")
    start = time.monotonic()
    subprocess.run(words, check=True, cwd=ROOT, capture_output=True)
    seconds = time.monotonic() - start
    luck, trials, whole = random.Random(1), 30 if FULL else 8, 0
    for _ in range(trials):
        shutil.rmtree(data / "dataset")
        with subprocess.Popen(
            words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(luck.uniform(0.3, 1) * seconds)
            process.kill()
        subprocess.run(words, check=True, cwd=ROOT, capture_output=True)
        whole += rows(data) == before
    row("rebuild killed at random moments, then ended: rows as before", whole, trials)
    assert whole == trials
