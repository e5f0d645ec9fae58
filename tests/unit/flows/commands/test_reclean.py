"""The archive cleaned again, held against what is published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.declaration.loading import Source, load_source
from crawlers.declaration.schema import Clean
from flows.commands.reclean import reclean, show_reclean
from flows.ingest.run import ingest
from flows.workspace.workspace import Workspace
from output.base.errors import UsageError
from tests.e2e.prefect_rig import SlowSite


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    site = SlowSite(3)
    folder = tmp_path_factory.mktemp("sources")
    site.declare(folder, "gazette")
    yield load_source(folder / "gazette.toml")
    site.close()


@pytest.fixture(scope="module")
def data(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    ingest(source, data)
    return data


def test_the_same_rules_change_nothing_and_give_the_same_bytes(source: Source, data: Path) -> None:
    before = _files(data)
    first, second = (reclean(source, Workspace(data)) for _ in range(2))
    assert dict(first.counts) == {"unchanged": 3}
    assert (first.pages, first.rejected, first.crashed) == (3, 0, 0)
    assert first.digest == second.digest
    assert _files(data) == before, "looking writes nothing"


def test_a_new_rule_shows_what_it_would_change(source: Source, data: Path) -> None:
    stricter = source.model_copy(update={"clean": Clean(remove=("p:nth-of-type(2)",))})
    result = reclean(stricter, Workspace(data))
    assert dict(result.counts) == {"changed": 3}
    assert [url.rpartition("/")[2] for _, url in result.documents["changed"]] == ["0", "1", "2"]
    assert "\n-Article 2. The rule of number 0" in result.sample
    assert "\n-Article 1." not in result.sample


def test_a_rule_that_removes_all_shows_what_would_be_lost(source: Source, data: Path) -> None:
    result = reclean(source.model_copy(update={"clean": Clean(remove=("main",))}), Workspace(data))
    assert dict(result.counts) == {"lost": 3}
    assert result.rejected == 3


def test_the_command_prints_a_source_a_row(
    source: Source, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(source.origin).parent
    show_reclean(data, (), folder=folder, as_json=False)
    assert "gazette" in capsys.readouterr().out
    show_reclean(data, ("gazette",), folder=folder, as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert row["counts"] == {"unchanged": 3, "metadata": 0, "changed": 0, "new": 0, "lost": 0}


def test_a_source_without_a_declaration_is_an_error(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gazette was run, but no declaration of it is found"):
        show_reclean(data, (), folder=tmp_path, as_json=False)
    with pytest.raises(UsageError, match="no source 'gazette'"):
        show_reclean(data, ("gazette",), folder=tmp_path, as_json=False)


def test_a_source_that_never_ran_is_an_error(data: Path) -> None:
    with pytest.raises(UsageError, match="no run of gov-cn"):
        show_reclean(data, ("gov-cn",), folder=None, as_json=False)


def test_a_folder_without_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no Tamis data here"):
        show_reclean(tmp_path, (), folder=None, as_json=False)


def _files(data: Path) -> dict[str, int]:
    kept = (path for path in data.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal")))
    return {str(path): path.stat().st_size for path in kept}
