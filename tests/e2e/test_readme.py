"""The README's commands and samples, as a newcomer would meet them."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.__main__ import main
from flows.replicas import serve
from output.base.records import Document, Removal
from tests import ROOT
from tests.e2e.conftest import Command

README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COMMANDS = [
    line.split("#")[0].strip()
    for text in (README, CONTRIBUTING)
    for fence in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    for line in fence.splitlines()
]


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith(".venv/bin/tamis")])
def test_every_command_and_option_exists(line: str) -> None:
    words = shlex.split(line)[1:]
    options = [word for word in words if word.startswith("--")]
    name = next(word for word in words if word in main.commands)
    helped = CliRunner().invoke(main, [name, "--help"]).output + CliRunner().invoke(main, ["--help"]).output
    assert all(option in helped for option in options)


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("make ")])
def test_every_target_exists(line: str) -> None:
    assert f"\n{line.split()[1]}:" in (ROOT / "Makefile").read_text()


def test_the_command_line_is_all_in_the_readme() -> None:
    assert [
        name for name in main.commands if f"tamis {name}" not in README.replace("make demo", "tamis demo")
    ] == []


def test_the_samples_are_whole() -> None:
    document, removal = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", README, re.DOTALL))
    assert list(document) == [field.name for field in dataclasses.fields(Document)]
    assert list(removal) == [field.name for field in dataclasses.fields(Removal)]


@pytest.mark.proof
def test_the_demo_says_where_to_look_and_what_it_prints_works(tamis: Command, tmp_path: Path) -> None:
    shown = tamis("demo")
    assert shown.returncode == 0, shown.stderr
    last = shown.stdout.strip().splitlines()[-1].strip()
    looked = subprocess.run(shlex.split(last), capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "zh-Hans" in looked.stdout
    again = tamis("demo")
    assert again.returncode == 0, again.stderr
    assert "nothing has changed since the last run" in again.stdout
    assert "0 documents published" in again.stdout
    assert tamis("--data", tmp_path / "data" / "demo", "verify").returncode == 0
    reported = tamis("--data", tmp_path / "data" / "demo", "report", "--json")
    assert {report["status"] for report in json.loads(reported.stdout)} == {"published"}
    (query,) = [line for line in COMMANDS if line.startswith(".venv/bin/python -c")]
    arguments = [sys.executable, *shlex.split(query)[1:]]
    read = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "zh-Hans" in read.stdout


def test_every_command_of_the_readme_runs(tamis: Command, tmp_path: Path) -> None:
    """As printed, but for the names of what a reader has: a source, saved pages, a page."""
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "rules.html").write_text("<h1>Ferry rules</h1>" + "<p>The ferry leaves at eight.</p>" * 20)
    with serve(["blog"]) as (blog,):
        declaration = blog.source_path(tmp_path)
        declaration.rename(tmp_path / "gazette.toml")
        declaration = tmp_path / "gazette.toml"
        declaration.write_text(declaration.read_text().replace('id = "blog"', 'id = "gazette"'))
        (tmp_path / "drafted").mkdir()
        words = {
            "https://gazette.example/": f"{blog.base}/",
            "my-source.toml": str(tmp_path / "drafted" / "my-source.toml"),
            "saved/": str(saved),
            "https://gazette.example/laws/7": blog.truth()[0].url,
            "/srv/tamis": str(tmp_path / "srv"),
            "my-sources/": str(tmp_path),
            "documents.jsonl": str(tmp_path / "documents.jsonl"),
            "relations.jsonl": str(tmp_path / "relations.jsonl"),
            "receipts.jsonl": str(tmp_path / "receipts.jsonl"),
            "runs.html": str(tmp_path / "runs.html"),
        }
        for line in COMMANDS:
            if not line.startswith(".venv/bin/tamis") or " serve" in line or line not in README:
                continue
            given = [words.get(word, word) for word in shlex.split(line)[1:]]
            if {"gazette", "clean"} & set(given) or given == ["sources"]:
                given += ["--sources", str(tmp_path)]
            ended = tamis(*given)
            assert ended.returncode == 0, f"{line}: {ended.stderr}"
    assert (tmp_path / "runs.html").read_text().startswith("<!doctype html>")
