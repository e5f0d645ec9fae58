from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib

import pytest
from click.testing import CliRunner

from flows.cli.__main__ import main
from output.base.extras import MODULES
from tests import ROOT


def blocked(*extras: str) -> str:
    """The beginning of a script in which nothing that these extras bring can be imported."""
    return f"import sys; sys.modules.update(dict.fromkeys({[m for e in extras for m in MODULES[e]]}))\n"


def test_the_modules_of_each_extra_are_those_that_it_installs() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    of_module = importlib.metadata.packages_distributions()
    for extra, modules in MODULES.items():
        declared = {re.match(r"[\w-]+", line)[0].lower() for line in extras[extra]}  # type: ignore[index]
        installed = {name.lower() for module in modules for name in of_module[module]}
        assert installed <= declared, extra
    assert extras["all"] == [f"tamis[{','.join(MODULES)}]"]


@pytest.mark.parametrize(
    ("arguments", "extras"),
    [
        ("demo", "crawl,dataset"),
        ("run gazette", "crawl,dataset"),
        ("sources", "crawl"),
        ("sources check", "crawl"),
        ("probe https://gazette.example/", "crawl"),
        ("report", "crawl,dataset"),
        ("serve", "crawl,schedule,dataset"),
        ("clean", "crawl,dataset"),
        ("release", "crawl,dataset"),
        ("forget https://gazette.example/", "crawl,dataset"),
        ("verify", "dataset"),
    ],
)
def test_a_command_without_its_extras_says_what_to_install(
    arguments: str, extras: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for extra in extras.split(","):
        monkeypatch.setitem(sys.modules, MODULES[extra][0], None)
    ended = CliRunner().invoke(main, arguments.split(), prog_name="tamis")
    assert ended.exit_code == 2
    command = " ".join(arguments.split()[:1])
    parts = extras.replace(",", ", ")
    assert (
        ended.stderr == f"tamis: tamis {command} needs Tamis's {parts} parts: pip install 'tamis[{extras}]'\n"
    )
    assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


def test_a_run_in_prefect_needs_the_schedule(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.setitem(sys.modules, "prefect", None)
    ended = CliRunner().invoke(main, ["--data", str(tmp_path), "run", "gov-cn"])
    assert ended.exit_code == 2
    assert "pip install 'tamis[schedule]'" in ended.stderr


@pytest.mark.parametrize(
    ("absent", "modules"),
    [
        (
            ["schedule", "dataset"],
            [
                "crawlers.__main__",
                "crawlers.probe.__main__",
                "flows.commands.accept",
                "flows.commands.sources_check",
                "flows.probe.probe",
                "flows.workspace.sources",
            ],
        ),
        (["crawl", "schedule"], ["flows.commands.verify", "output.release.release", "tamis"]),
    ],
)
def test_a_command_loads_nothing_beside_its_extras(absent: list[str], modules: list[str]) -> None:
    script = blocked(*absent) + "".join(f"import {module}\n" for module in modules)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
