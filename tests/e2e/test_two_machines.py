"""Two machines that share a ledger and a dataset, each with an archive of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flows.commands.reclean import publish, reclean
from flows.commands.verify import verify_all
from flows.ingest.run import ingest
from flows.workspace.workspace import Workspace
from output.base.errors import UsageError
from output.ledger.records import RunStatus
from tests.e2e.quay import Site, source, text

LINES = [f"Line {n} of the order tells the pilot what he owes at gate {n} of the dock." for n in range(2, 10)]


@pytest.fixture
def machines(tmp_path: Path) -> tuple[Path, Path]:
    stores = f'ledger = "{tmp_path}/shared.sqlite"\ndataset = "{tmp_path}/shared"\n'
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
        (folder / "stores.toml").write_text(stores)
    return folders


def on(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("output.archive.elsewhere.socket.gethostname", lambda: host)


def test_a_source_stays_on_the_machine_that_holds_its_archive(
    site: Site, tmp_path: Path, machines: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages |= {f"/{name}": text(name, [f"{line} {name}" for line in LINES]) for name in "abcde"}
    quay, other = source(site, tmp_path), source(site, tmp_path, "/a", name="other")
    one, two = machines
    on("alpha", monkeypatch)
    ingest(quay, one)
    site.pages["/a"] = text("a", [*LINES, "Gate 11 is shut."])
    on("beta", monkeypatch)
    for begin in (ingest, publish):
        with pytest.raises(UsageError, match=r"alpha:.*one/archive holds quay/.*-quay-00001.*Run the source"):
            begin(quay, two)
    with pytest.raises(UsageError, match="quay: its archive is not whole in"):
        reclean(quay, Workspace(two))
    workspace = Workspace(two)
    assert [run.status for run in workspace.ledger.runs()] == [RunStatus.PUBLISHED], "a run was begun"
    assert ingest(other, two).report.documents == 1, "another source is nobody's yet"
    found = verify_all(two)
    assert found.lines() == []
    assert [line.partition(":")[0] for line in found.elsewhere] == ["alpha"]

    on("alpha", monkeypatch)
    assert ingest(quay, one).report.documents == 1, "the first machine is not held up by it"

    shutil.copytree(one / "archive" / "quay", two / "archive" / "quay")
    on("beta", monkeypatch)
    assert ingest(quay, two).report.documents == 0
    on("alpha", monkeypatch)
    with pytest.raises(UsageError, match=r"beta:.*two/archive holds"):
        ingest(quay, one)
    workspace.close()


def test_a_data_folder_that_was_moved_holds_its_archive(site: Site, tmp_path: Path) -> None:
    site.pages["/a"] = text("a", LINES)
    quay = source(site, tmp_path)
    ingest(quay, tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    assert ingest(quay, tmp_path / "there").report.documents == 0
    file = min((tmp_path / "there" / "archive" / "quay").glob("*-00001.warc.gz"))
    file.unlink()
    (line,) = verify_all(tmp_path / "there").archive
    assert line == f"{file}: missing"
    assert ingest(quay, tmp_path / "there").report.documents == 0, "a lost file ends no run that needs it not"


def test_two_folders_of_one_machine_are_two_places(
    site: Site, tmp_path: Path, machines: tuple[Path, Path]
) -> None:
    site.pages["/a"] = text("a", LINES)
    quay = source(site, tmp_path)
    ingest(quay, machines[0])
    with pytest.raises(UsageError, match=r"one/archive holds"):
        ingest(quay, machines[1])
