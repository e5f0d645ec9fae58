"""A publish that is killed, read meanwhile, or on a disk that fills: the old state whole, or the new."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable

from output.base.errors import StorageError
from output.dataset.dataset import Dataset
from output.formats.arrow import RECORDS
from output.release.release import cut_release, verify_release
from tests import ROOT
from tests.processes import can_mount
from tests.unit.output.gazette_records import LATER, RUN, document, pair, rejection, relation, removal, report

FULL = os.environ.get("TAMIS_FAULTS") == "full"
NAMES = [f"law-{number:03}" for number in range(200)]
OLD, NEW = ("Clause one. " * 20, RUN), ("Clause one, amended. " * 20, LATER)

PUBLISH = """
import sys
from tests.faults.test_publish_kills import NEW, publish
from output.dataset.dataset import Dataset
dataset = Dataset(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
publish(dataset, *NEW)
print("done", flush=True)
"""

CUT = """
import sys
from pathlib import Path
from output.dataset.dataset import Dataset
from output.release.release import cut_release
cut_release(Path(sys.argv[1]), Dataset(sys.argv[2]))
"""


def publish(dataset: Dataset, text: str, run_id: str) -> bool:
    return dataset.publish(
        report(run_id),
        [document(name, text, run_id) for name in NAMES],
        [removal(name, run_id) for name in NAMES],
        [rejection("file", run_id)],
        [relation(NAMES[0], NAMES[1], run_id)],
        [pair(NAMES[0], NAMES[1], run_id)],
    )


def state(dataset: Dataset) -> tuple[set[str], set[str], int]:
    """Texts, runs of the documents, rows of all committed tables: what a reader would mix up."""
    with dataset.views() as connection:
        texts = {text for (text,) in connection.execute("select text from latest").fetchall()}
        runs = {run for (run,) in connection.execute("select run_id from latest").fetchall()}
        (rows,) = connection.execute(
            "select (select count(*) from documents) + (select count(*) from removals) "
            "+ (select count(*) from rejections) + (select count(*) from relations) "
            "+ (select count(*) from pairs)"
        ).fetchall()[0]
    return texts, runs, rows


PER_RUN = 2 * len(NAMES) + 3
WHOLE = [({OLD[0]}, {RUN}, PER_RUN), ({NEW[0]}, {LATER}, 2 * PER_RUN)]


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A dataset of one run, to be copied for each trial."""
    publish(Dataset(tmp_path / "before"), *OLD)
    return tmp_path / "before"


def kill_at_random(before: Path, trials: int, seed: int) -> str:
    luck, whole, committed, seconds = random.Random(seed), 0, 0, _seconds(before)
    for trial in range(trials):
        root = before.parent / f"trial-{trial}"
        shutil.copytree(before, root)
        process = subprocess.Popen(
            [sys.executable, "-c", PUBLISH, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.stdin.write("\n")
            process.stdin.flush()
            time.sleep(luck.uniform(0, 1.2 * seconds))
            process.send_signal(signal.SIGKILL)
        dataset = Dataset(root)
        seen = state(dataset)
        assert seen in WHOLE, f"trial {trial} reads a mixed state: {seen[1]}, {seen[2]} rows"
        committed += seen == WHOLE[1]
        assert publish(dataset, *NEW) is (seen == WHOLE[0])
        assert state(dataset) == WHOLE[1]
        tables = {
            name: len(DeltaTable(root / name).to_pyarrow_table())
            for name in RECORDS
            if (root / name).exists()
        }
        assert sum(tables.values()) == 2 * PER_RUN + 2, f"trial {trial}: rows are lost or doubled: {tables}"
        assert dataset.verify() == []
        shutil.rmtree(root)
        whole += 1
    return f"publish killed at random moments: {whole}/{trials} whole ({committed} had committed)"


def _seconds(before: Path) -> float:
    """How long a publish takes in a process of its own, today and on this machine."""
    root = before.parent / "timed"
    shutil.copytree(before, root)
    code = PUBLISH.replace("sys.stdin.readline()", "import time; start = time.monotonic()").replace(
        '"done"', "time.monotonic() - start"
    )
    shown = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, check=True, cwd=ROOT)
    return float(shown.stdout.split()[1])


def test_five_kills_of_a_publish(before: Path) -> None:
    kill_at_random(before, 5, seed=1)


@pytest.mark.slow
def test_kills_of_a_publish(before: Path) -> None:
    _row(kill_at_random(before, 100 if FULL else 30, seed=2))


def test_readers_during_publishes_see_one_state(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    runs = [f"202601{day:02}T030405-a" for day in range(2, 10)]
    dataset.publish(report(runs[0]), [document(name, runs[0], runs[0]) for name in NAMES])
    done = threading.Event()

    def write() -> None:
        for run_id in runs[1:]:
            dataset.publish(report(run_id), [document(name, run_id, run_id) for name in NAMES])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    mixed, reads = [], 0
    while not done.is_set() or reads < 3:
        rows = Dataset(tmp_path / "dataset").latest().read_all()
        found = set(rows["text"].to_pylist())
        reads += 1
        if len(found) != 1 or len(rows) != len(NAMES):
            mixed.append((found, len(rows)))
    writer.join()
    assert mixed == []


def _on_a_small_disk(
    folder: Path, pages: int, code: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run code after a tmpfs of so many 4 KiB pages was mounted over `folder`, which is copied into it."""
    script = (
        f'cp -r "$1" "$1.copy" && mount -t tmpfs -o size={pages * 4}k none "$1" '
        '&& cp -r "$1.copy/." "$1" || exit 99; '
        'shift; "$@"; code=$?; cp -r "$0/." "$0.copy"; exit $code'
    )
    command = ["unshare", "-rm", "sh", "-c", script, str(folder), str(folder), sys.executable, "-c", code]
    ended = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode != 99, ended.stderr
    return ended


def _row(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _used(folder: Path) -> int:
    """4 KiB pages that a folder's files take on a tmpfs; its folders and symlinks take none."""
    return sum(-(-path.stat().st_size // 4096) for path in folder.rglob("*") if path.is_file())


def fill_the_disk(before: Path, every: int) -> str:
    """Publish with room for a page more each time: the disk is full at each write in turn, till it is not."""
    code = PUBLISH.replace("sys.stdin.readline()", "").replace(
        "publish(dataset, *NEW)",
        "try:\n    publish(dataset, *NEW)\n"
        "except Exception as error:\n    sys.exit(f'{type(error).__name__}: {error}')",
    )
    whole, trials, room = 0, 0, 0
    while True:
        root = before.parent / "full"
        shutil.copytree(before, root)
        ended = _on_a_small_disk(root, _used(root) + 1 + room, code, str(root))
        found = Dataset(before.parent / "full.copy")
        seen = state(found)
        assert seen in WHOLE, f"{room} pages free: a mixed state"
        if ended.returncode:
            assert "StorageError: cannot publish" in ended.stderr, ended.stderr
            assert "free space" in ended.stderr
        assert publish(found, *NEW) is (seen == WHOLE[0])
        assert state(found) == WHOLE[1]
        assert found.verify() == []
        shutil.rmtree(root)
        shutil.rmtree(before.parent / "full.copy")
        whole, trials, room = whole + 1, trials + 1, room + every
        if ended.returncode == 0:
            return f"publish on a disk that fills at each write in turn: {whole}/{trials} whole"


needs_mount = pytest.mark.skipif(
    not can_mount(), reason="cannot mount a small tmpfs in a namespace of its own"
)


@needs_mount
def test_a_disk_that_fills_here_and_there_while_publishing(before: Path) -> None:
    fill_the_disk(before, every=8)


@needs_mount
@pytest.mark.slow
def test_a_disk_that_fills_at_each_write_while_publishing(before: Path) -> None:
    _row(fill_the_disk(before, every=1 if FULL else 2))


@needs_mount
@pytest.mark.slow
def test_a_disk_that_fills_at_each_write_while_a_release_is_cut(before: Path) -> None:
    releases = before.parent / "releases"
    first = cut_release(releases, Dataset(before))
    publish(Dataset(before), *NEW)
    trials, room = 0, 0
    while True:
        small = before.parent / "small"
        shutil.copytree(releases, small, symlinks=True)
        ended = _on_a_small_disk(small, _used(small) + 1 + room, CUT, str(small), str(before))
        copy = before.parent / "small.copy"
        latest = (copy / "latest").readlink()
        assert verify_release(copy / latest) == []
        assert (str(latest) == first.id) is (ended.returncode != 0)
        assert [path.name for path in copy.iterdir() if path.name.startswith(".p")] == []
        if ended.returncode:
            assert "StorageError: cannot write a release" in ended.stderr, ended.stderr
        shutil.rmtree(small)
        shutil.rmtree(copy)
        trials, room = trials + 1, room + (1 if FULL else 3)
        if ended.returncode == 0:
            break
    _row(f"release on a disk that fills at each write in turn: {trials}/{trials} whole")


@pytest.mark.parametrize("moment", [1, 3])
def test_a_cut_that_is_killed_leaves_the_release_before(before: Path, moment: int) -> None:
    releases = before.parent / "releases"
    first = cut_release(releases, Dataset(before))
    publish(Dataset(before), *NEW)
    code = CUT.replace(
        "cut_release(Path",
        f"""
import os, signal, output.release.release
write, calls = output.release.release.write_table, []
def killed(*arguments):
    write(*arguments)
    calls.append(1)
    if len(calls) == {moment}:
        os.kill(os.getpid(), signal.SIGKILL)
output.release.release.write_table = killed
cut_release(Path""",
    )
    ended = subprocess.run([sys.executable, "-c", code, str(releases), str(before)], check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL
    assert (releases / "latest").readlink() == Path(first.id)
    assert verify_release(first.path) == []
    assert cut_release(releases, Dataset(before)).new


def test_two_publishers_at_once_both_end_whole(tmp_path: Path) -> None:
    root = tmp_path / "dataset"
    code = PUBLISH.replace("publish(dataset, *NEW)", "publish(dataset, 'Clause. ' * 20, sys.argv[2])")
    runs = [RUN, LATER]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(root), run_id],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        for run_id in runs
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    outputs = [process.communicate(b"\n", timeout=60)[0] for process in processes]
    assert outputs == [b"done\n"] * 2
    assert [report.run_id for report in Dataset(root).runs()] == sorted(runs)
    assert Dataset(root).verify() == []


def test_a_damaged_commit_is_told_and_not_published_over(before: Path) -> None:
    (commit, *_) = sorted((before / "documents" / "_delta_log").glob("*.json"))
    commit.write_bytes(b"not a commit")
    with pytest.raises(StorageError):
        publish(Dataset(before), *NEW)
