"""What users and sites get wrong, what machines do: a clear error or a counted outcome, and nothing lost."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import deltalake
import pytest

from flows.replicas import Replica
from flows.workspace.workspace import Workspace
from output.base.records import SCHEMA_VERSION, Outcome
from output.integrity.check import check_run
from tests.e2e.conftest import Command, command
from tests.processes import children, descendants, lives, until


def test_an_unknown_key_names_the_file_and_the_nearest_right_one(
    blog: Replica, tamis: Command, tmp_path: Path
) -> None:
    path = blog.source_path(tmp_path)
    path.write_text(path.read_text().replace("delay =", "dealy ="))
    ended = tamis("run", path)
    assert ended.returncode == 2
    assert f"{path}: crawl.dealy: unknown key; did you mean 'delay'?" in ended.stderr
    assert not (tmp_path / "data" / "archive").exists()


@pytest.mark.parametrize("contact", ["", "foo", "example.org/bot", "@example.org", "https://"])
def test_a_crawl_without_a_contact_does_not_begin(
    blog: Replica, tamis: Command, tmp_path: Path, contact: str
) -> None:
    path = blog.source_path(tmp_path)
    path.write_text(path.read_text().replace('contact = "demo@localhost"', ""))
    ended = tamis("run", path, TAMIS_CONTACT=contact)
    assert ended.returncode == 2
    assert "set TAMIS_CONTACT to a mail address or a URL" in ended.stderr
    assert contact in ended.stderr
    assert blog.requests == []
    assert Workspace(tmp_path / "data").ledger.runs() == []


def test_an_unreachable_site_is_a_counted_failure(tamis: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/page"
        ended = tamis("run", "--json", url)
    assert ended.returncode == 1, ended.stderr
    report = json.loads(ended.stdout)
    assert report["scheduled"] == 1
    assert [n for name, n in report["outcomes"] if name.startswith(("failed", "refused"))] == [1]


def test_a_killed_run_goes_on_and_doubles_nothing(blog: Replica, tamis: Command, tmp_path: Path) -> None:
    path = blog.source_path(tmp_path)
    path.write_text(path.read_text().replace("delay = 0.0", "delay = 0.05"))
    run = subprocess.Popen(
        command(tmp_path, "run", path), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _wait_for_pages(tmp_path, 5)
    crawlers = children(run.pid, "crawlers")
    assert crawlers
    run.kill()
    run.wait()
    until(lambda: not any(map(lives, crawlers)), "the end of the crawler")
    _finishes_whole(blog, tamis, tmp_path, path)


@pytest.mark.parametrize(("how", "whom"), [(signal.SIGINT, os.killpg), (signal.SIGTERM, os.kill)])
def test_ctrl_c_and_sigterm_keep_what_was_fetched_and_the_same_command_goes_on(
    blog: Replica, tamis: Command, tmp_path: Path, how: signal.Signals, whom: Callable[[int, int], None]
) -> None:
    path = blog.source_path(tmp_path)
    path.write_text(path.read_text().replace("delay = 0.0", "delay = 0.05"))
    run = subprocess.Popen(
        command(tmp_path, "run", path),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    _wait_for_pages(tmp_path, 5)
    processes = descendants(run.pid)
    whom(run.pid, how)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert not any(map(lives, processes))
    assert b"the same command goes on" in said
    _finishes_whole(blog, tamis, tmp_path, path)


def _wait_for_pages(tmp_path: Path, pages: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (tmp_path / "data" / "ledger.sqlite").exists():
            ledger = Workspace(tmp_path / "data").ledger
            for run in ledger.runs():
                if sum(visit.ref is not None for visit in ledger.visits(run.run_id)) >= pages:
                    return
        time.sleep(0.05)
    raise AssertionError("the crawl did not get going")


def _finishes_whole(blog: Replica, tamis: Command, tmp_path: Path, path: Path) -> None:
    ended = tamis("run", path)
    assert ended.returncode == 0, ended.stderr
    assert "resuming blog" in ended.stderr
    workspace = Workspace(tmp_path / "data")
    (run,) = workspace.ledger.runs()
    published = {visit.url for visit in workspace.ledger.visits(run.run_id, Outcome.PUBLISHED)}
    assert published == {document.url for document in blog.truth()}
    counts = workspace.dataset.page_counts(run.run_id)
    assert check_run(workspace.ledger, workspace.archive, run.run_id, counts) == []
    with workspace.dataset.views() as connection:
        query = "select count(*), count(distinct id), count(distinct input_id) from documents"
        rows, ids, pages = connection.execute(query).fetchall()[0]
    assert (rows, pages) == (ids, len(published))


def test_a_full_disk_stops_the_run_and_loses_nothing(blog: Replica, tamis: Command, tmp_path: Path) -> None:
    path = blog.source_path(tmp_path)
    ended = subprocess.run(
        command(tmp_path, "run", path),
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (96 * 1024, 96 * 1024)),
        check=False,
    )
    assert ended.returncode == 4, ended.stderr
    assert "tamis: " in ended.stderr
    assert "Traceback" not in ended.stderr
    _finishes_whole(blog, tamis, tmp_path, path)


def test_a_dataset_of_a_newer_version_is_left_alone(blog: Replica, tamis: Command, tmp_path: Path) -> None:
    path = blog.source_path(tmp_path)
    assert tamis("run", path).returncode == 0
    table = deltalake.DeltaTable(tmp_path / "data" / "dataset" / "runs")
    newer = {"tamis.schema_version": str(SCHEMA_VERSION + 1)}
    table.alter.set_table_properties(newer, raise_if_not_exists=False)
    ended = tamis("run", path)
    assert ended.returncode == 4
    assert "newer" in ended.stderr


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not JSON"),
        ('{"id": 1}', "has neither html nor html_base64"),
        ('{"id": 1, "html_base64": "?"}', "not base64"),
        ("[]", "not a JSON object"),
        ('{"id": 1, "html": 5}', "html is not a string"),
        ('{"id": 1, "html": "<p>x", "url": "http://[::1"}', "url is not a URL"),
        ('{"id": 1, "html": "<p>x", "id": 2}', "the key 'id' is there twice"),
        (f'{{"id": 1, "html": "<p>x", "other": {"[" * 3000}{"]" * 3000}}}', "not JSON"),
    ],
)
def test_a_broken_line_is_named_and_the_others_are_extracted(
    tamis: Command, tmp_path: Path, line: str, why: str
) -> None:
    page = json.dumps(
        {"id": "good", "html": "<h1>Rules</h1>" + "<p>The rules of the ferry are these.</p>" * 20}
    )
    pages = tmp_path / "pages.jsonl"
    pages.write_text(f"{line}\n{page}\n")
    ended = tamis("extract", pages, "--output", tmp_path / "out.jsonl")
    assert ended.returncode == 1
    assert f"{pages}:1: " in ended.stderr
    assert why in ended.stderr
    assert [row["input_id"] for row in _rows(tmp_path / "out.jsonl")] == ["good"]


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_link_out_of_a_folder_is_named_and_not_followed(tamis: Command, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (tmp_path / "secret.html").write_text("<h1>Secret</h1>" + "<p>This is for nobody to read.</p>" * 20)
    (folder / "page.html").symlink_to(tmp_path / "secret.html")
    ended = tamis("extract", folder, "--output", tmp_path / "out.jsonl")
    assert ended.returncode == 1
    assert f"{folder / 'page.html'}: a link that leads out of the folder, and is not followed" in ended.stderr
    assert _rows(tmp_path / "out.jsonl") == []


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('ledger = "postgresql+psycopg://me:5ecret@127.0.0.1:port/x"', "its host or port cannot be read"),
        ('ledger = "sqlite://"', "names no file"),
        ('dataset = "http://me:5ecret@store.example/x"', "stores.toml: dataset must be a path or a URL"),
        ('dataset = "s3://[::1/5ecret"', "stores.toml: dataset is a URL whose host cannot be read"),
        ("ledger = [1]", "stores.toml: ledger must be a path or a URL in quotes"),
    ],
)
def test_stores_that_cannot_be_used_are_named(
    tamis: Command, tmp_path: Path, setting: str, said: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "stores.toml").write_text(setting)
    for words in (("report",), ("verify",), ("release",), ("explain", "http://pier.example/")):
        ended = tamis(*words)
        assert ended.returncode == 2, ended.stderr
        assert said in ended.stderr
        assert "5ecret" not in ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_manifest_of_other_values_is_damage(blog: Replica, tamis: Command, tmp_path: Path) -> None:
    assert tamis("run", blog.source_path(tmp_path), "--limit", "3", "--accept", "few").returncode == 0
    manifest = (tmp_path / "data" / "releases" / "latest").resolve() / "manifest.json"
    for content in ("[]", '{"files": 7}', "7"):
        manifest.write_text(content)
        ended = tamis("verify")
        assert ended.returncode == 4
        assert f"{manifest}: damaged" in ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr


def test_pages_that_are_none_end_under_their_reason(tamis: Command, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "empty.html").write_bytes(b"")
    (folder / "picture.html").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    (folder / "shell.html").write_bytes(b"<html><script src=app.js></script><div id=root></div>")
    text = "<p>渡口规则自公布之日起施行。乘客应当依次上船。</p>" * 30
    lying = f"<meta charset=utf-8><title>渡口规则</title><h1>渡口规则</h1>{text}".encode("gb18030")
    (folder / "lying.html").write_bytes(lying)
    ended = tamis(
        "extract", folder, "--output", tmp_path / "out.jsonl", "--removals", tmp_path / "removals.jsonl"
    )
    assert ended.returncode == 0, ended.stderr
    (document,) = _rows(tmp_path / "out.jsonl")
    assert "乘客应当依次上船" in document["text"]
    for reason in ("1 empty", "1 needs_javascript", "1 not_html"):
        assert reason in ended.stderr


def test_two_runs_of_one_source_at_once_name_the_holder(
    blog: Replica, tmp_path: Path, tamis: Command
) -> None:
    path = blog.source_path(tmp_path)
    path.write_text(path.read_text().replace("delay = 0.0", "delay = 0.2"))
    first = subprocess.Popen(
        command(tmp_path, "run", path), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for_pages(tmp_path, 1)
        ended = tamis("run", path)
        assert ended.returncode == 2
        assert str(first.pid) in ended.stderr
    finally:
        first.terminate()
        first.wait()


def test_an_id_that_is_not_declared_offers_the_nearest(tamis: Command, blog: Replica, tmp_path: Path) -> None:
    blog.source_path(tmp_path)
    ended = tamis("run", "--sources", tmp_path, "blgo")
    assert ended.returncode == 2
    assert "did you mean 'blog'" in ended.stderr


def test_commands_load_what_they_use(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Rules\n\nThe ferry leaves at eight.\n")
    script = (
        "import sys; from flows.cli.__main__ import main\n"
        "try: main(sys.argv[1:], prog_name='tamis')\n"
        "except SystemExit: pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    arguments = ["extract", str(tmp_path / "page.txt"), "--output", str(tmp_path / "out.jsonl")]
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    loaded = Counter(ended.stdout.split())
    assert not loaded.keys() & {"prefect", "scrapy", "deltalake", "twisted", "pyarrow", "duckdb"}
    dedupe = ["dedupe", str(tmp_path / "out.jsonl"), "--output", str(tmp_path / "relations.jsonl")]
    ended = subprocess.run(
        [sys.executable, "-c", script, *dedupe], capture_output=True, text=True, check=True
    )
    assert not set(ended.stdout.split()) & {"prefect", "scrapy", "deltalake", "twisted"}
