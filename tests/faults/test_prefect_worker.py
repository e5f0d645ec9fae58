"""The shipped prefect.yaml, deployed to a work pool, and a worker that takes its share.

Half a minute of Prefect's own starting: `make faults` runs it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from output.dataset.dataset import Dataset
from tests import ROOT
from tests.e2e.prefect_rig import Rig, SlowSite, end, prefect_rig

PAGES = 3

pytestmark = pytest.mark.slow


def test_the_shipped_deployments_run_on_a_worker(tmp_path: Path) -> None:
    site = SlowSite(PAGES)
    try:
        with prefect_rig(tmp_path) as rig:
            site.declare(rig.sources, "gazette")
            _prefect(rig, "work-pool", "create", "tamis", "--type", "process")
            _prefect(rig, "deploy", "--all", "--prefect-file", str(_with_one_more(rig)))
            pool = rig.ask("/work_pools/tamis")
            assert pool["type"] == "process"
            with _worker(rig):
                assert rig.ended(rig.start("gazette"), seconds=120)["name"] == "Completed"
    finally:
        site.close()
    assert site.pages_asked() == PAGES
    (report,) = Dataset(rig.data / "dataset").runs()
    assert (report.source_id, report.new) == ("gazette", PAGES)


def _with_one_more(rig: Rig) -> Path:
    """The shipped file with one more entry, as its comment says, and none of the others' schedules."""
    shipped = re.sub(r"\n    schedules: .*", "", (ROOT / "prefect.yaml").read_text("utf-8"))
    entry = shipped[shipped.index("  - name: ") :].partition("\n  - name: ")[0].rstrip()
    mine = entry.replace("source: cac-gov-cn", f'source: "{rig.sources / "gazette.toml"}"')
    file = rig.folder / "prefect.yaml"
    file.write_text(f"{shipped.rstrip()}\n{mine.replace('cac-gov-cn', 'gazette')}\n", "utf-8")
    return file


def _prefect(rig: Rig, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        env=rig.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _worker(rig: Rig) -> Iterator[None]:
    settings = {"TAMIS_DATA": str(rig.data), "PREFECT_WORKER_QUERY_SECONDS": "1"}
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "tamis"]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    with (rig.folder / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            command, env=rig.environment | settings | {"PATH": path}, cwd=ROOT, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            end(worker)
