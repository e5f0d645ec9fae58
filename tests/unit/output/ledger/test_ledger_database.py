from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text, update

from output.base.errors import NewerFormat, StorageError, UsageError
from output.ledger.ledger import Ledger
from output.ledger.records import Scheduled
from output.ledger.sql import database
from output.ledger.sql.tables import LEDGER_VERSION, about

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_ledger_of_a_newer_version_is_refused(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(update(about).values(version=LEDGER_VERSION + 1))
    url = ledger.engine.url.render_as_string(hide_password=False)
    with pytest.raises(NewerFormat, match=f"version {LEDGER_VERSION + 1}.*newer Tamis"):
        Ledger(url)


def test_a_ledger_opened_again_holds_what_it_held(tmp_path: Path) -> None:
    first = Ledger(tmp_path / "ledger.sqlite")
    run_id, _ = first.open_run("blog", now=NOW)
    first.schedule(run_id, [Scheduled("https://blog.example/")])
    first.close()
    second = Ledger(str(tmp_path / "ledger.sqlite"))
    assert [one.url for one in second.waiting(run_id)] == ["https://blog.example/"]
    second.close()


def test_a_locked_ledger_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    run_id, _ = ledger.open_run("blog", now=NOW)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match=r"ledger\.sqlite failed \(database is locked\): another process"):
        ledger.schedule(run_id, [Scheduled("https://blog.example/")])
    assert ledger.waiting(run_id) == []  # readers wait for nobody
    other.rollback()
    other.close()
    assert ledger.schedule(run_id, [Scheduled("https://blog.example/")])
    ledger.close()


def test_a_full_disk_leaves_the_ledger_whole(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    program = f"""
import resource, sys
from datetime import UTC, datetime
from output.base.errors import StorageError
from output.ledger.ledger import Ledger
from output.ledger.records import Scheduled

ledger = Ledger({str(path)!r})
run_id, _ = ledger.open_run("blog", now=datetime(2026, 3, 1, tzinfo=UTC))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
try:
    for n in range(100_000):
        ledger.schedule(run_id, [Scheduled(f"https://blog.example/{{n}}", hint="x" * 5000)])
        print(n, flush=True)
except StorageError as error:
    sys.exit(str(error))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert str(path) in ended.stderr
    assert "run" in ended.stderr
    ledger = Ledger(path)
    (run,) = ledger.runs()
    assert len(ledger.waiting(run.run_id)) == len(ended.stdout.split())
    assert ledger.schedule(run.run_id, [Scheduled("https://blog.example/more", hint="x" * 5000)])
    ledger.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"no database at all" * 100, "no ledger"), (b"SQLite format 3\0" + b"\xff" * 5000, "ledger")],
)
def test_a_file_that_is_no_ledger_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=said) as raised:
        Ledger(path)
    assert str(path) in str(raised.value)


def test_a_ledger_in_no_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="its folder exists"):
        Ledger(tmp_path / "nowhere" / "ledger.sqlite")


@pytest.mark.parametrize(
    "url",
    [
        "nonsense://x",
        "oracle://x",
        "://",
        "postgresql+psycopg://u:p@127.0.0.1:port/x",
        "postgresql+psycopg://[::1/x",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_a_url_of_no_known_database_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="ledger's URL"):
        Ledger(url)


def test_an_unreachable_server_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed")
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(StorageError) as raised:
        Ledger("postgresql+psycopg://me:hush@127.0.0.1:1/tamis")
    assert "127.0.0.1" in str(raised.value)
    assert "hush" not in str(raised.value)


def test_threads_and_a_second_engine_write_without_losing_a_row(ledger: Ledger) -> None:
    run_id, _ = ledger.open_run("blog", now=NOW)

    def schedule(part: int) -> None:
        for n in range(40):
            ledger.schedule(
                run_id, [Scheduled(f"https://blog.example/{part}/{n}"), Scheduled("https://blog.example/")]
            )

    threads = [threading.Thread(target=schedule, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.waiting(run_id)) == 161


def test_two_openers_of_an_empty_ledger_agree(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            Ledger(tmp_path / "ledger.sqlite").close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    ledger = Ledger(tmp_path / "ledger.sqlite")
    with ledger.engine.begin() as connection:
        assert connection.execute(text("select count(*) from ledger")).scalar() == 1
    ledger.close()
