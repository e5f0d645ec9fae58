"""A run whose ledger and dataset lie outside the data folder, as several machines share them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawlers.declaration.loading import Source
from flows.replicas import Replica
from tests.e2e.conftest import Command
from tests.s3 import serve_s3


@pytest.mark.proof
def test_a_run_into_stores_elsewhere(blog: Replica, source: Source, tamis: Command, tmp_path: Path) -> None:
    pytest.importorskip("moto")
    data = tmp_path / "data"
    data.mkdir()
    ledger = tmp_path / "shared.sqlite"
    (data / "stores.toml").write_text(f'ledger = "{ledger}"\ndataset = "s3://bucket/tamis"\n')
    with serve_s3() as (_, environment):
        ran = tamis("run", source.origin, "--json", **environment)
        assert ran.returncode == 0, ran.stderr
        documents = json.loads(ran.stdout)["documents"]
        assert documents >= len(blog.truth())
        again = tamis("run", source.origin, "--json", **environment)
        assert json.loads(again.stdout)["documents"] == 0
        for command in ("report", "verify", "release"):
            done = tamis(command, **environment)
            assert done.returncode == 0, done.stderr
    assert ledger.exists()
    assert not (data / "ledger.sqlite").exists()
    assert not (data / "dataset").exists()
    manifest = json.loads((data / "releases" / "latest" / "manifest.json").read_text())
    assert manifest["counts"]["documents"] > 0
