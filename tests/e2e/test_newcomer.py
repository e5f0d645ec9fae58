"""A sixth source, as the guide shows it, on a site that no replica resembles: tables, fonts, breaks."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.workspace.workspace import Workspace
from tests import ROOT
from tests.e2e.conftest import Command

MONTHS = ["January", "February", "March", "April", "May", "June"]
SUBJECTS = ["the footbridge", "the allotments", "the bus shelter", "the pond", "the hall roof", "the lamps"]


def _frame(inside: str) -> bytes:
    workspace = ("home", "clerk", "map")
    menu = "".join(f'<tr><td><a href="/{place}.htm">{place.title()}</a></td></tr>' for place in workspace)
    return (
        "<html><head><title>Nether Wallow Parish Council</title></head><body bgcolor=#ffffff>"
        f"<table width=100%><tr><td width=150><table>{menu}</table></td><td>{inside}</td></tr>"
        "<tr><td colspan=2><font size=1>This page is best viewed at 800 by 600.</font></td></tr></table>"
        "</body></html>"
    ).encode()


def _minutes(number: int) -> str:
    month, subject = MONTHS[number], SUBJECTS[number]
    return "<br><br>".join(
        [
            f"<font size=4><b>Minutes of the meeting in {month} 2021</b></font>",
            f"The council met on the third Tuesday of {month} in the reading room; seven members were there.",
            f"1. On {subject}: the clerk had three prices, and the lowest was taken by five votes to two.",
            f"2. The {month} accounts were read aloud, found to be right, and signed by the chair.",
            f"3. A resident asked when {subject} would be done; the chair answered: before the fair.",
        ]
    )


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        pages = {f"/minutes/2021-{n + 1:02}.htm": _minutes(n) for n in range(len(MONTHS))}
        links = "".join(f'<a href="{path}">{path[-11:-4]}</a><br>' for path in pages)
        texts = {"/minutes.htm": links, **pages}
        body = _frame(texts[self.path]) if self.path in texts else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def parish() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_source_after_the_sample_in_the_guide(parish: str, tamis: Command, tmp_path: Path) -> None:
    guide = (ROOT / "docs/how-to/researcher/add-a-source.md").read_text("utf-8")
    sample = re.findall(r"```toml.*?\n(.*?)```", guide, re.DOTALL)[0]
    changes = {
        "https://gazette.example/laws/": f"{parish}/minutes.htm",
        "https://gazette.example": parish,
        r"/laws/\d+\.html$": r"/minutes/\d{4}-\d\d",
        'id = "gazette"': 'id = "parish"',
        "delay = 2.0": "delay = 0.0\nloopback = true",
        "min = 5": "min = 6",
        ", date_published = 0.9": "",
        ".subscribe": "font[size='1']",
    }
    for old, new in changes.items():
        assert old in sample, old
        sample = sample.replace(old, new)
    declaration = tmp_path / "parish.toml"
    declaration.write_text(sample)
    assert len([line for line in sample.splitlines() if line.strip()]) <= 25
    looked = tamis("run", declaration, "--limit", "3", "--dry-run")
    assert looked.returncode == 3, "three pages of the six expected are held back"
    assert not (tmp_path / "data").exists()
    ended = tamis("run", "--sources", tmp_path, "parish", "--json")
    assert ended.returncode == 0, ended.stderr
    assert dict(json.loads(ended.stdout)["outcomes"]) == {"published": 6, "index": 1}
    with Workspace(tmp_path / "data").dataset.views() as connection:
        texts = [text for (text,) in connection.execute("select text from latest order by url").fetchall()]
    for text, subject in zip(texts, SUBJECTS, strict=True):
        assert f"1. On {subject}" in text
        assert "best viewed" not in text
