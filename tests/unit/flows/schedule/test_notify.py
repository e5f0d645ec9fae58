"""Webhook and command on failed and held runs."""

from __future__ import annotations

import json
import sys
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flows.schedule import notify as module
from flows.schedule.notify import notify
from output.base.errors import TamisError

EVENT = {"source": "gazette", "state": "HeldBack", "message": "12 documents; fewer than 20 $(touch no) 条"}


SECRET = "T0K/EN"


class Hook:
    def __init__(self, status: int) -> None:
        self.status = status
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
        self.url = f"http://127.0.0.1:{self.server.server_port}/{SECRET}"
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


def told(target: str) -> str:
    """The error of a notification that fails, with all that its traceback shows."""
    with pytest.raises(TamisError, match="TAMIS_NOTIFY: the ") as caught:
        notify(target, EVENT)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert "T0K" not in shown
    return str(caught.value)


@pytest.mark.parametrize("hook", [500, 302], indirect=True)
def test_a_webhook_that_refuses_is_an_error(hook: Hook) -> None:
    host, status = hook.url.split("/")[2], 500 if hook.status == 500 else 302
    said = f"the webhook at {host} did not take the notification: it answered {status}"
    assert told(hook.url) == f"TAMIS_NOTIFY: {said}"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (f"http://127.0.0.1:9/{SECRET}", "127.0.0.1:9"),
        (f"http://127.0.0.1:9?key={SECRET}", "127.0.0.1:9"),
        (f"http://me:{SECRET[:3]}@127.0.0.1:9#{SECRET}", "127.0.0.1:9"),
        (f"http://127.0.0.1:9/a b/{SECRET}", "127.0.0.1:9"),
        (f"http://127.0.0.1:9/\n{SECRET}", "127.0.0.1:9"),
        (f"http://[::1/{SECRET}", "[::1"),
        (f"https:///{SECRET}", "no host"),
        (f"http://nowhere.invalid/{SECRET}", "nowhere.invalid"),
    ],
)
def test_of_a_webhook_that_is_away_the_host_alone_is_named(url: str, host: str) -> None:
    assert f"the webhook at {host} did not take the notification: " in told(url)


def test_a_command_gets_the_event_on_its_input_and_no_shell(tmp_path: Path) -> None:
    file = tmp_path / "told with a space.json"
    script = tmp_path / "tell.py"
    script.write_text("import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())")
    notify(f"{sys.executable} {script} '{file}'", EVENT)
    assert json.loads(file.read_text()) == EVENT


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (f"/no/such/command {SECRET}", "'/no/such/command': it could not be run: No such file"),
        (f"/no/such/command '{SECRET}", "'/no/such/command': it could not be run: it is empty, or a quote"),
        (" ", "'': it could not be run: it is empty, or a quote in it is not closed"),
        (f"{sys.executable} -c 'exit(3)' {SECRET}", f"{sys.executable!r}: it ended with exit code 3: "),
        (f"{sys.executable} -c 'import sys; exit(sys.argv[1])' {SECRET}", "exit code 1: ***"),
        (f"{sys.executable} --{SECRET}", "***"),
        (f"htps://hooks.example/{SECRET}", "'htps://hooks.example': it could not be run: No such file"),
    ],
)
def test_of_a_command_that_fails_the_program_alone_is_named(command: str, said: str) -> None:
    assert said in told(command)


def test_a_command_that_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.5)
    assert "it took more than 0.5 seconds" in told(
        f"{sys.executable} -c 'import time; time.sleep(60)' {SECRET}"
    )
