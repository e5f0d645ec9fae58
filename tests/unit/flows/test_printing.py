"""What people see of what sites wrote: no control character of theirs, no secret of anybody's."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import __main__ as cli
from flows.reports.page import report_page
from flows.reports.report import as_markdown, print_report
from flows.workspace import progress
from output.base.errors import Busy, StorageError
from output.base.escaping import escape, shown
from output.base.records import RunReport
from output.integrity.damage import Damage

HOSTILE = "https://me:pass@a.example/法?token=abc\x1b[2J\u202e\ud800\x9b"
HARMLESS = "https://***@a.example/法?token=***"


def harmless(text: str) -> bool:
    return text.replace("\n", "").isprintable() and "pass@" not in text and "abc" not in text


def report() -> RunReport:
    return RunReport("r", "blog", "failed", "2026-01-01T00:00:00", "2026-01-01T00:00:00", messages=(HOSTILE,))


def test_errors_are_harmless_wherever_they_are_told() -> None:
    for error in (StorageError(HOSTILE), Busy(f"two\nlines: {HOSTILE}")):
        assert harmless(str(error))
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert "two\nlines" in str(error)


@pytest.mark.parametrize("text", ["第一条\u3000总则", "naïve\u00a0text", "a – b", "1️⃣".replace("\ufe0f", "")])
def test_words_and_blanks_of_any_language_stay(text: str) -> None:
    assert escape(text) == text


def test_a_shown_line_has_no_line_break_of_a_site() -> None:
    assert shown("a\nb\r", keep="") == "a\\nb\\r"


def test_a_defect_is_told_without_what_a_terminal_would_obey(monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(_: Path) -> Damage:
        raise KeyError(HOSTILE)

    monkeypatch.setattr("flows.commands.verify.verify_all", defect)
    ended = CliRunner().invoke(cli.main, ["verify"])
    assert ended.exit_code == 1
    assert "KeyError" in ended.output
    assert harmless(ended.output)


def test_damage_is_told_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.commands.verify.verify_all", lambda _: Damage(archive=[HOSTILE]))
    ended = CliRunner().invoke(cli.main, ["verify"])
    assert ended.exit_code == 4
    assert HARMLESS in ended.output
    assert harmless(ended.output)


def test_reports_are_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report())
    said = capsys.readouterr().out
    assert HARMLESS in said.replace("\n", "")
    assert harmless(said)
    assert harmless(as_markdown(report()))
    assert HARMLESS in report_page([report()], title="Runs")


def test_progress_is_a_line_whatever_the_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "PLAIN_LINE_SECONDS", 0.0)
    with progress.step("crawling") as tell:
        tell(1, 2, f"{HOSTILE}\nforged: 2/2")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert harmless("".join(lines))
