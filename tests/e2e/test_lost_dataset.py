"""A dataset that is gone: every command says so and changes nothing, and `tamis rebuild` makes it again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawlers.declaration.loading import Source
from flows.commands import rebuild as rebuild_module
from flows.commands.forget import forget
from flows.commands.rebuild import rebuild
from flows.commands.verify import verify_all
from flows.ingest.run import commit_changes, ingest
from flows.workspace.workspace import Workspace
from output.base.errors import HeldBack, StorageError, UsageError
from output.formats.arrow import RECORDS
from output.integrity.check import check_run
from output.release.release import Release
from tests.e2e.conftest import Command
from tests.e2e.quay import Site, asked, source, text

LINES = [f"Line {n} of the order tells the pilot what he owes at gate {n} of the dock." for n in range(2, 10)]
FEES = [f"The fee at berth {n} is {n * 7} pounds, and on a holiday {n * 9}." for n in range(2, 12)]
OPT_OUT = '<meta name="tdm-reservation" content="1">'


def rows(data: Path) -> dict[str, list[Any]]:
    return {name: sorted(map(str, asked(data, f"from {name}"))) for name in RECORDS}


def published(site: Site, tmp_path: Path) -> tuple[Source, Path, Release]:
    """A source of four pages after four runs: one is amended, one moves, one goes, one run is held back."""
    site.pages |= {
        "/order": text("Dock order", LINES),
        "/copy": text("Dock order", LINES),
        "/fees": text("Fees", FEES),
        "/old": text("Berths", [line.replace("fee", "toll") for line in FEES]),
        "/new": "",
    }
    quay, data = source(site, tmp_path), tmp_path / "data"
    ingest(quay, data)
    site.pages["/order"] = text("Dock order", [*LINES, "Gate 11 is shut."])
    site.pages["/new"], site.pages["/old"] = site.pages["/old"], ">/new"
    ingest(quay, data)
    strict = quay.model_copy(update={"expect": quay.expect.model_copy(update={"coverage": {"issuer": 1.0}})})
    site.pages["/fees"] = text("Fees", [*FEES, "The fee at berth 13 is waived."])
    with pytest.raises(HeldBack):
        ingest(strict, data)
    site.pages["/copy"] = ""
    return quay, data, ingest(quay, data).release


def test_every_command_names_the_lost_runs_and_nothing_is_cut(
    site: Site, tmp_path: Path, tamis: Command
) -> None:
    quay, data, release = published(site, tmp_path)
    runs = [run.run_id for run in Workspace(data).ledger.runs() if run.status == "published"]
    shutil.rmtree(data / "dataset")
    before = sorted((data / "releases").rglob("*"))
    for words in (
        ("run", quay.origin),
        ("release",),
        ("clean", quay.origin),
        ("clean", quay.origin, "--publish"),
        ("forget", f"{site.base}/fees"),
    ):
        ended = tamis(*words)
        assert ended.returncode == 4, (words, ended.stderr)
        assert "the ledger names 3 runs with 7 documents as published" in ended.stderr, ended.stderr
        assert str(data / "dataset") in ended.stderr
        assert all(run_id in ended.stderr for run_id in runs)
    verified = tamis("verify")
    assert verified.returncode == 4
    assert all(f"dataset/runs: run {run_id} is missing" in verified.stdout for run_id in runs)
    assert "tamis rebuild" in verified.stdout
    assert sorted((data / "releases").rglob("*")) == before
    assert (data / "releases" / "latest").resolve() == release.path.resolve()
    assert len(Workspace(data).ledger.runs()) == 4, "a run was begun"
    assert Workspace(data).ledger.tombstones() == []


def test_a_rebuilt_dataset_has_the_rows_and_the_release_of_before(
    site: Site, tmp_path: Path, tamis: Command
) -> None:
    quay, data, release = published(site, tmp_path)
    before = rows(data)
    shutil.rmtree(data / "dataset")
    rebuilt = tamis("rebuild", quay.origin)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert f"{data}/dataset: 3 runs with 5 documents" in rebuilt.stdout
    assert rows(data) == before
    cut = tamis("release")
    assert f"{release.path} exists already" in cut.stdout, cut.stdout
    assert verify_all(data).lines() == []
    workspace = Workspace(data)
    for run in workspace.ledger.runs():
        counted = workspace.dataset.page_counts(run.run_id)
        assert check_run(workspace.ledger, workspace.archive, run.run_id, counted) == []
    workspace.close()
    assert not (data / ".rebuild").exists()
    again = json.loads(tamis("run", quay.origin, "--json").stdout)
    assert again["documents"] == 0


def test_a_rebuild_that_is_killed_goes_on(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quay, data, _ = published(site, tmp_path)
    before, outcomes = rows(data), _outcomes(data)
    shutil.rmtree(data / "dataset")
    calls = list[str]()

    def killed(*arguments: Any) -> Any:
        calls.append(arguments[2].run_id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return commit_changes(*arguments)

    monkeypatch.setattr(rebuild_module, "commit_changes", killed)
    with pytest.raises(KeyboardInterrupt):
        rebuild(data, [quay.origin], folder=None)
    assert _outcomes(data) == outcomes, "the ledger is as it was"
    with pytest.raises(StorageError, match="2 runs with 3 documents as published"):
        ingest(quay, data)
    assert rebuild(data, [quay.origin], folder=None) == 0
    assert calls == [calls[0], calls[1], calls[1], calls[3]], "the run that is there was cleaned again"
    assert rows(data) == before
    assert _outcomes(data) == outcomes


def test_what_cannot_be_had_is_told_and_fetched_again(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.pages |= {f"/{name}": text(name, [f"{line} {name}" for line in LINES]) for name in "abcd"}
    quay, data = source(site, tmp_path), tmp_path / "data"
    ingest(quay, data)
    site.pages["/b"] = OPT_OUT + str(site.pages["/b"])
    ingest(quay, data)
    forget(data, f"{site.base}/a")
    workspace = Workspace(data)
    known = workspace.ledger.known("quay", f"{site.base}/c")
    assert known is not None
    assert known.ref is not None
    file = workspace.archive / known.ref.file
    content = bytearray(file.read_bytes())
    content[known.ref.offset + known.ref.length // 2] ^= 255
    file.write_bytes(content)
    workspace.close()
    shutil.rmtree(data / "dataset")
    capsys.readouterr()
    assert rebuild(data, [quay.origin], folder=None) == 1
    said = capsys.readouterr().out
    for why, page in (("withdrawn", "a"), ("opted out", "b"), ("missing or damaged", "c")):
        (line,) = [line for line in said.splitlines() if why in line]
        assert line.endswith(f": {site.base}/{page}"), line
    kept = "select url from latest order by url"
    assert asked(data, kept) == [(f"{site.base}/d",)]
    assert ("failed", "archive_lost") in set(_outcomes(data).values())
    assert ingest(quay, data).report.documents == 1
    assert asked(data, kept) == [(f"{site.base}/c",), (f"{site.base}/d",)]


def _break(table: str) -> Callable[[Path], None]:
    return lambda dataset: next((dataset / table).glob("*.parquet")).unlink()


@pytest.mark.parametrize(
    "harm", [_break("documents"), _break("runs"), lambda dataset: shutil.rmtree(dataset / "documents")]
)
def test_to_a_damaged_dataset_nothing_is_added(
    site: Site, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    site.pages["/order"] = text("Dock order", LINES)
    quay, data = source(site, tmp_path), tmp_path / "data"
    ingest(quay, data)
    harm(data / "dataset")
    with pytest.raises(StorageError, match=r"move .*dataset away, and the same command makes all of it"):
        rebuild(data, [quay.origin], folder=None)
    (data / "dataset").rename(data / "away")
    assert rebuild(data, [quay.origin], folder=None) == 0
    assert asked(data, "select title from latest") == [("Dock order",)]


def test_a_source_without_a_declaration_is_named(site: Site, tmp_path: Path) -> None:
    site.pages["/order"] = text("Dock order", LINES)
    data = tmp_path / "data"
    ingest(source(site, tmp_path), data)
    with pytest.raises(UsageError, match="no declaration of quay is found"):
        rebuild(data, [], folder=None)
    assert rebuild(data, [], folder=tmp_path) == 0


def _outcomes(data: Path) -> dict[tuple[str, str], tuple[str, str]]:
    workspace = Workspace(data)
    found = {
        (visit.run_id, visit.url): (visit.outcome.value, visit.reason)
        for run in workspace.ledger.runs()
        for visit in workspace.ledger.visits(run.run_id)
    }
    workspace.close()
    return found
