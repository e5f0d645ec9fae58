"""What `tamis serve` says before it serves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.__main__ import main
from flows.commands.serve import serve, set_environment
from output.base.errors import UsageError

TOUCHED = (
    "DO_NOT_TRACK",
    "PREFECT_API_URL",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT",
    "PREFECT_SERVER_ANALYTICS_ENABLED",
    "TAMIS_NOTIFY",
)

GAZETTE = """
[source]
id = "gazette"
name = "Gazette"
home = "https://gazette.example/"

[crawl]
discover = "urls"
start = ["https://gazette.example/laws/1"]
"""


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in TOUCHED:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("TAMIS_CONTACT", "ops@gazette.example")
    (tmp_path / "gazette.toml").write_text(f'{GAZETTE}[schedule]\ncron = "0 4 * * *"\n')
    return tmp_path


def test_without_a_server_it_says_how_to_start_one(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(UsageError, match=r"(?s)127\.0\.0\.1:9/api.*prefect server start"):
        serve(sources, (), folder=sources, notify=None)


def test_without_a_contact_it_does_not_begin(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAMIS_CONTACT")
    with pytest.raises(UsageError, match="TAMIS_CONTACT"):
        serve(sources, (), folder=sources, notify=None)


def test_a_named_source_without_a_schedule_is_an_error(sources: Path) -> None:
    (sources / "gazette.toml").write_text(GAZETTE)
    with pytest.raises(UsageError, match=r"gazette\.toml: has no \[schedule\]"):
        serve(sources, ("gazette",), folder=sources, notify=None)


def test_a_folder_without_a_schedule_is_an_error(sources: Path) -> None:
    (sources / "gazette.toml").write_text(GAZETTE)
    with pytest.raises(UsageError, match="no declared source has a"):
        serve(sources, (), folder=sources, notify=None)


@pytest.mark.usefixtures("sources")
def test_prefect_is_told_to_call_nobody_and_what_is_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "45")
    set_environment()
    assert os.environ["DO_NOT_TRACK"] == "1"
    assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert os.environ["PREFECT_RESULTS_PERSIST_BY_DEFAULT"] == "false"
    assert os.environ["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "45"


@pytest.mark.parametrize("option", ["--notify", "--tell"])
def test_whom_to_notify_has_an_option_with_a_hidden_former_name(
    option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notified: list[str | None] = []
    monkeypatch.setattr(
        "flows.commands.serve.serve", lambda *_, **options: notified.append(options["notify"])
    )
    monkeypatch.setenv("TAMIS_NOTIFY", "https://hook.example/")
    runner = CliRunner()
    assert runner.invoke(main, ["serve", option, "log-run"]).exit_code == 0
    assert runner.invoke(main, ["serve"]).exit_code == 0
    assert notified == ["log-run", "https://hook.example/"]
    assert "--tell" not in runner.invoke(main, ["serve", "--help"]).output
