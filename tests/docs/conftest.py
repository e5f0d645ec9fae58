from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.__main__ import main
from tests.docs.blocks import ROOT

SAVED = ("1.html", "2.html", "7.html")


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Gazette:
    """The site of the examples, served: its address, and the folder of its pages, which a test may change."""

    base: str
    pages: Path


@pytest.fixture(scope="session")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gazette]:
    pages = tmp_path_factory.mktemp("gazette") / "site"
    shutil.copytree(ROOT / "examples" / "gazette", pages)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(pages))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield Gazette(f"http://127.0.0.1:{server.server_port}", pages)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def ingested(gazette: Gazette, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the site was declared and run once."""
    folder = tmp_path_factory.mktemp("ingested")
    (folder / "my-sources").mkdir()
    declaration = (ROOT / "examples" / "gazette.toml").read_text("utf-8")
    (folder / "my-sources" / "gazette.toml").write_text(
        declaration.replace("http://127.0.0.1:8000", gazette.base), "utf-8"
    )
    shutil.copy(folder / "my-sources" / "gazette.toml", folder)
    (folder / "saved").mkdir()
    for name in SAVED:
        shutil.copy(gazette.pages / "laws" / name, folder / "saved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAMIS_CONTACT", "docs@example.org")
        words = ["--data", folder / "data", "run", folder / "my-sources" / "gazette.toml"]
        ran = CliRunner().invoke(main, [*map(str, words)])
    assert ran.exit_code == 0, ran.output
    return folder


@pytest.fixture
def folder(ingested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, which a test may change, as the current one; `tamis` is this Tamis."""
    shutil.copytree(ingested, tmp_path / "reader", symlinks=True)
    command = tmp_path / "bin" / "tamis"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m flows.cli "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TAMIS_CONTACT", "docs@example.org")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.chdir(tmp_path / "reader")
    return tmp_path / "reader"
