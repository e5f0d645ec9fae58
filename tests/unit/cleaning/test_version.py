from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cleaning.version import cleaning_version

ROOT = Path(__file__).parents[3]
COVERED = ("cleaning/rules/guards.py", "cleaning/rules/lexicon.toml", "cleaning/model/weights/blocks.npz",
           "cleaning/text/simplified.txt", "web/urls.py", "output/base/records.py")  # fmt: skip
NOT_COVERED = ("cleaning/model/weights/CARD.md", "output/base/storage.py")


def version_of(place: Path) -> str:
    """The version that a fresh process reads where the packages lie in `place`, a folder or a zip file."""
    program = "from cleaning.version import cleaning_version; print(cleaning_version())"
    environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", program]
    run = subprocess.run(
        command, env=environment, cwd=place.parent, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in ("cleaning", "web", "output"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / "copy" / package, ignore=ignored)
    return tmp_path / "copy"


def test_it_is_another_for_each_covered_file_that_changes(copy: Path) -> None:
    found = [cleaning_version()]
    for name in COVERED:
        with (copy / name).open("ab") as file:
            file.write(b"\n")
        found.append(version_of(copy))
    assert len(set(found)) == len(found)


def test_it_is_the_same_with_other_line_ends_and_when_what_it_does_not_cover_changes(copy: Path) -> None:
    lexicon = copy / "cleaning/rules/lexicon.toml"
    lexicon.write_bytes(lexicon.read_bytes().replace(b"\n", b"\r\n"))
    for name in NOT_COVERED:
        (copy / name).write_text("")
    assert version_of(copy) == cleaning_version()


def test_it_is_the_same_from_a_zip_file(copy: Path) -> None:
    archive = copy.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as file:
        for path in copy.rglob("*"):
            file.write(path, path.relative_to(copy))
    assert version_of(archive) == cleaning_version()


def test_it_cannot_be_taken_for_a_version_of_the_scheme_before() -> None:
    assert re.fullmatch(r"2-[0-9a-f]{12}", cleaning_version())
