"""A database that goes away is waited for, and what it cut is done again; one that stays away is named."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from cleaning.relations.relate import relate
from cleaning.relations.types import Candidate
from output.base.errors import StorageError
from output.ledger.ledger import Ledger
from output.ledger.records import Scheduled
from output.ledger.sql import database, history
from output.ledger.sql.database import Database
from output.relations.index import RelationIndex
from tests.databases import empty

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CUT = "server closed the connection unexpectedly"
REFUSED = "connection failed: connection to server at 127.0.0.1, port 1 failed: "


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(database, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    with empty("postgresql", tmp_path) as url:
        yield url


class Away:
    """A unit of work on a database that is away for so many calls."""

    def __init__(self, calls: int, message: str = CUT, *, is_cut: bool = True) -> None:
        self.left, self.message, self.is_cut, self.calls = calls, message, is_cut, 0

    def __call__(self, _: Connection) -> str:
        self.calls += 1
        self.left -= 1
        if self.left >= 0:
            raise OperationalError(
                "select 1", {}, Exception(self.message), connection_invalidated=self.is_cut
            )
        return "done"


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(
    "unit",
    [
        Away(2),
        Away(2, REFUSED + "Connection refused", is_cut=False),
        Away(2, REFUSED + "FATAL:  the database system is starting up", is_cut=False),
        Away(2, "failed to resolve host 'db': Name or service not known", is_cut=False),
    ],
    ids=lambda unit: unit.message,
)
def test_a_database_that_comes_back_is_waited_for(
    tmp_path: Path, unit: Away, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert Database(tmp_path / "ledger.sqlite").write(unit) == "done"
    assert unit.calls == 3
    assert [unit.message in told and "trying again" in told for told in caplog.messages] == [True, True]


@pytest.mark.usefixtures("patience")
def test_a_database_that_stays_away_is_named_and_not_waited_for_twice(tmp_path: Path) -> None:
    opened = Database(tmp_path / "ledger.sqlite")
    gone, again, back = Away(10_000), Away(10_000), Away(1)
    with pytest.raises(StorageError, match=r"closed the connection.*see that its server runs"):
        opened.read(gone)
    assert gone.calls > 1
    with pytest.raises(StorageError):
        opened.read(again)
    assert again.calls == 1
    assert opened.read(Away(0)) == opened.read(back) == "done"


@pytest.mark.parametrize(
    "message",
    ['FATAL:  role "nobody" does not exist', 'FATAL:  password authentication failed for user "me"'],
)
def test_a_server_that_refuses_the_user_is_not_waited_for(tmp_path: Path, message: str) -> None:
    unit = Away(10_000, REFUSED + message, is_cut=False)
    with pytest.raises(StorageError, match="FATAL"):
        Database(tmp_path / "ledger.sqlite").write(unit)
    assert unit.calls == 1


def cut(connection: Connection) -> None:
    """End a connection's session on the server, as a restart does."""
    session = connection.execute(text("select pg_backend_pid()")).scalar()
    admin = create_engine(connection.engine.url)
    with admin.begin() as other:
        other.execute(text("select pg_terminate_backend(:session, 10000)"), {"session": session})
    admin.dispose()


def test_a_transaction_that_was_cut_is_done_once_more_and_nothing_twice(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(postgres)
    begin, cuts = history.open_run, iter([True, False])

    def begin_and_cut(connection: Connection, *rest: object) -> tuple[str, bool]:
        begun = begin(connection, *rest)  # type: ignore[arg-type]
        if next(cuts):
            cut(connection)
        return begun

    monkeypatch.setattr(history, "open_run", begin_and_cut)
    run_id, resumed = ledger.open_run("blog", now=NOW)
    assert not resumed
    assert [run.run_id for run in ledger.runs()] == [run_id]
    assert ledger.schedule(run_id, [Scheduled("https://blog.example/")])
    ledger.close()


def test_the_relations_of_a_run_are_found_whole_after_a_cut(
    postgres: str,
    monkeypatch: pytest.MonkeyPatch,
    law: Callable[..., str],
    candidate: Callable[..., Candidate],
) -> None:
    ledger = Ledger(postgres)
    documents = [candidate(name, law(4)) for name in ("a", "b")]
    settle, cuts = RelationIndex.settle, iter([True, False, False])

    def cut_and_settle(index: RelationIndex, run_id: str) -> None:
        if next(cuts):
            cut(index._rows.connection)
        settle(index, run_id)

    monkeypatch.setattr(RelationIndex, "settle", cut_and_settle)

    def relations(run_id: str) -> list[tuple[str, str]]:
        found = ledger.attempt(lambda: relate(documents, RelationIndex(ledger.engine), run_id=run_id))
        return [(one.a, one.b) for one in found]

    assert relations("r1") == relations("r1") == [("a", "b")]
    ledger.close()
