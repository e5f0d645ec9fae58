"""What `tamis` exports, what importing it loads, and the examples in its docstrings."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tamis
from output.dataset.dataset import Dataset
from output.release.release import cut_release
from tests import ROOT
from tests.unit.output.gazette_records import document, removal, report


def test_all_names_what_is_there() -> None:
    own = {name for name in vars(tamis) if not name.startswith("_")}
    assert own == set(tamis.__all__)
    assert list(tamis.__all__) == sorted(tamis.__all__)


def test_the_version_is_that_of_the_command() -> None:
    words = [sys.executable, "-m", "tamis", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout == f"python -m tamis, version {tamis.__version__}\n"


@pytest.mark.parametrize("name", tamis.__all__)
def test_each_name_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(getattr(tamis, name))


@pytest.mark.parametrize("function", [tamis.extract, tamis.relate, tamis.open_release])
def test_the_example_of_each_function_runs(
    function: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset(tmp_path / "data" / "dataset")
    dataset.publish(report(), [document("Ferry times", language="en")], [removal("Ferry times")], [], [])
    cut_release(tmp_path / "data" / "releases", dataset)
    monkeypatch.chdir(tmp_path)
    (example,) = doctest.DocTestFinder().find(function, function.__name__, globs={})
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


def test_importing_tamis_loads_no_large_library() -> None:
    script = "import sys, tamis; print(*{name.partition('.')[0] for name in sys.modules})"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    large = {
        "deltalake",
        "duckdb",
        "numpy",
        "prefect",
        "pyarrow",
        "scrapy",
        "sqlalchemy",
        "trafilatura",
        "twisted",
    }
    assert not large & set(ended.stdout.split())


@pytest.mark.parametrize("package", ["cleaning", "crawlers", "flows", "output", "tamis", "web"])
def test_each_package_ships_its_types(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
