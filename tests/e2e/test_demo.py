"""`tamis demo`, as a newcomer would meet it."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Command


@pytest.mark.proof
def test_the_demo_says_where_to_look_and_what_it_prints_works(tamis: Command, tmp_path: Path) -> None:
    shown = tamis("demo")
    assert shown.returncode == 0, shown.stderr
    last = shown.stdout.strip().splitlines()[-1].strip()
    looked = subprocess.run(shlex.split(last), capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "zh-Hans" in looked.stdout
    again = tamis("demo")
    assert again.returncode == 0, again.stderr
    assert "nothing has changed since the last run" in again.stdout
    assert "0 documents published" in again.stdout
    assert tamis("--data", tmp_path / "data" / "demo", "verify").returncode == 0
    reported = tamis("--data", tmp_path / "data" / "demo", "report", "--json")
    assert {report["status"] for report in json.loads(reported.stdout)} == {"published"}
