"""Webhook and command on failed and held runs."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flows.schedule.notify import notify
from output.base.errors import TamisError

EVENT = {"source": "gazette", "state": "HeldBack", "message": "12 documents; fewer than 20 $(touch no) 条"}


class Hook:
    def __init__(self, status: int) -> None:
        self.got: list[tuple[str, object]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((self.headers["Content-Type"], json.loads(body)))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/told"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()


@pytest.fixture(params=[204])
def hook(request: pytest.FixtureRequest) -> Iterator[Hook]:
    hook = Hook(request.param)
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


def test_a_webhook_gets_the_event_as_json(hook: Hook) -> None:
    notify(hook.url, EVENT)
    assert hook.got == [("application/json", EVENT)]


@pytest.mark.parametrize("hook", [500], indirect=True)
def test_a_webhook_that_refuses_is_an_error(hook: Hook) -> None:
    with pytest.raises(TamisError, match="did not take the notification"):
        notify(hook.url, EVENT)


def test_a_webhook_that_is_away_is_an_error() -> None:
    with pytest.raises(TamisError, match="did not take the notification"):
        notify("http://127.0.0.1:9/told", EVENT)


def test_a_command_gets_the_event_on_its_input_and_no_shell(tmp_path: Path) -> None:
    file = tmp_path / "told with a space.json"
    script = tmp_path / "tell.py"
    script.write_text("import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())")
    notify(f"{sys.executable} {script} '{file}'", EVENT)
    assert json.loads(file.read_text()) == EVENT


@pytest.mark.parametrize("command", ["/no/such/command", "'unclosed", " ", f"{sys.executable} -c 'exit(3)'"])
def test_a_command_that_fails_is_an_error(command: str) -> None:
    with pytest.raises(TamisError, match="TAMIS_NOTIFY"):
        notify(command, EVENT)
