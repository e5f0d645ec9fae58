"""The wheel in an environment of its own, with none of the extras: what it does there, and what it says."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import ROOT

pytestmark = pytest.mark.proof

Run = Callable[..., subprocess.CompletedProcess[str]]

PAGE = """<html><head><title>Ferry times</title></head><body>
<nav><a href="/">Home</a> <a href="/map">Map</a> <a href="/contact">Contact</a></nav>
<article><h1>Ferry times</h1>
<p>The ferry leaves the north pier at eight, at noon and at six, on every day of the year.</p>
<p>Tickets are sold on board; children under six and bicycles travel without charge.</p></article>
</body></html>"""
ABSENT = [
    "bs4",
    "deltalake",
    "duckdb",
    "pandas",
    "polars",
    "prefect",
    "pyarrow",
    "pydantic",
    "scrapy",
    "twisted",
]
# What uv says where no package index answers.
UNREACHABLE = ("error sending request", "Failed to fetch", "dns error", "Network is unreachable")


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that finds no package but those of its environment."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=env, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment that holds the wheel and what it depends on, as locked."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = Path(sys.executable).parent / "uv"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = folder.glob("*.whl")
    scripts = folder / "environment" / "bin"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, scripts.parent], check=True)
    locked = f"--constraint={ROOT / 'requirements.lock'}"
    ended = _run(
        uv, "--system-certs", "pip", "install", f"--python={scripts / 'python'}", locked, wheel, cwd=folder
    )
    if ended.returncode and any(words in ended.stderr for words in UNREACHABLE):
        pytest.skip(f"no package index can be reached: {ended.stderr.strip().splitlines()[-1]}")
    assert ended.returncode == 0, ended.stderr
    return scripts


def _warc(page: str) -> bytes:
    body = page.encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        "WARC-Target-URI: https://ferry.example/times\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + answer + b"\r\n\r\n")


def test_extract_and_dedupe_work_without_extras(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    (tmp_path / "page.warc.gz").write_bytes(_warc(PAGE))
    tamis = installed / "tamis"
    extracted = _run(
        tamis, "extract", "page.html", "page.warc.gz", "--output", "documents.jsonl", cwd=tmp_path
    )
    assert extracted.returncode == 0, extracted.stderr
    lines = (tmp_path / "documents.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["Ferry times", "Ferry times"]
    related = _run(tamis, "dedupe", "documents.jsonl", "--output", "relations.jsonl", cwd=tmp_path)
    assert related.returncode == 0, related.stderr
    assert json.loads((tmp_path / "relations.jsonl").read_text("utf-8"))["relation"] == "same"


def test_the_api_works_without_extras(installed: Path, tmp_path: Path) -> None:
    script = f"""
import importlib.util, json, tamis, trafilatura
(one,) = tamis.extract({PAGE!r}, "https://ferry.example/times")
(other,) = tamis.extract({PAGE!r}, "https://ferry.example/mirror")
(relation,) = tamis.relate([one, other])
try:
    tamis.open_release(".")
except tamis.MissingDependency as error:
    said = str(error)
here = [name for name in {ABSENT} if importlib.util.find_spec(name)]
print(json.dumps([one.title, relation.relation, said, here]))
"""
    ended = _run(installed / "python", "-c", script, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    title, relation, said, here = json.loads(ended.stdout)
    assert (title, relation) == ("Ferry times", "same")
    assert said == "tamis.open_release needs Tamis's dataset parts: pip install 'tamis[dataset]'"
    assert here == []


def test_other_commands_name_their_extras(installed: Path, tmp_path: Path) -> None:
    script = """
from click.testing import CliRunner
from flows.cli.__main__ import main
for name, command in main.commands.items():
    if name not in ("extract", "dedupe", "explain"):
        arguments = [name, *("x" for one in command.params if one.param_type_name == "argument")]
        ended = CliRunner().invoke(main, arguments, prog_name="tamis")
        print(name, ended.exit_code, ended.stderr.strip(), sep="|")
"""
    ended = _run(installed / "python", "-c", script, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    answers = [line.split("|") for line in ended.stdout.splitlines()]
    assert len(answers) > 8
    for name, code, said in answers:
        assert code == "2", said
        assert said.startswith(f"tamis: tamis {name} needs Tamis's "), said
        assert said.endswith("]'"), said
    assert "pip install 'tamis[crawl,dataset]'" in {name: said for name, _, said in answers}["run"]


def test_a_saved_page_is_explained_without_extras(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    ended = _run(installed / "tamis", "explain", "page.html", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "Home Map Contact" in ended.stdout
