"""A Prefect server, `tamis serve` and a slow small site on loopback, and what the tests ask of them.

The server is asked over HTTP: Prefect itself stays out of the process of the tests.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.processes import children, until

SERVE = """
import sys
from pathlib import Path
from flows.commands.serve import serve
serve(Path(sys.argv[1]), (), folder=Path(sys.argv[2]), notify=sys.argv[3])
"""

DECLARATION = """
[source]
id = "{name}"
name = "A slow gazette"
home = "{base}/"

[crawl]
discover = "listing"
start = ["{base}/"]
follow = '/laws/\\d+'
delay = 0.0
loopback = true
contact = "tests@localhost"

[schedule]
cron = "0 0 1 1 *"

[expect]
documents = {{ min = {least} }}
"""


class SlowSite:
    """A listing of `pages` pages; each takes `delay` seconds. `asked` counts the requests by path."""

    def __init__(self, pages: int) -> None:
        self.delay = 0.0
        self.asked: Counter[str] = Counter()
        links = "".join(f'<li><a href="/laws/{n}">Law {n}</a>' for n in range(pages))
        answers = {"/": f"<!doctype html><title>Laws</title><ul>{links}</ul>"}
        answers |= {f"/laws/{n}": _page(n) for n in range(pages)}
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                site.asked[self.path] += 1
                if self.path.startswith("/laws/"):
                    time.sleep(site.delay)
                body = answers.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def pages_asked(self) -> int:
        return sum(n for path, n in self.asked.items() if path.startswith("/laws/"))

    def declare(self, folder: Path, name: str, least: int = 0) -> None:
        (folder / f"{name}.toml").write_text(DECLARATION.format(name=name, base=self.base, least=least))


def _page(number: int) -> str:
    said = f"The rule of number {number} applies to every ferry that crosses the estuary after sunset."
    return (
        f"<!doctype html><html lang=en><title>Law {number}</title><main><h1>Law {number}</h1>"
        + "".join(
            f"<p>Article {n}. {said} It was decided in session {number * 7 + n}.</p>" for n in range(1, 6)
        )
        + "</main>"
    )


@dataclass
class Rig:
    """A running server and what belongs to it; `told` holds the events that the notified command got."""

    folder: Path
    api: str
    server: subprocess.Popen[bytes]
    serving: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def sources(self) -> Path:
        return self.folder / "sources"

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.folder) | {"PREFECT_API_URL": self.api}

    def told(self) -> list[dict[str, str]]:
        file = self.folder / "told.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def ask(self, path: str, body: object = None, method: str = "") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.api + path, data, {"Content-Type": "application/json"}, method=method or None
        )
        said = until(lambda: _answer(request), f"an answer to {path}", 30)
        return json.loads(said) if said.strip() else None

    def deployment(self, name: str) -> str:
        return str(self.ask(f"/deployments/name/tamis-ingest/{name}")["id"])

    def start(self, name: str) -> str:
        return str(self.ask(f"/deployments/{self.deployment(name)}/create_flow_run", {})["id"])

    def state(self, run: str) -> dict[str, str]:
        state: dict[str, str] = self.ask(f"/flow_runs/{run}")["state"]
        return state

    def ended(self, run: str, seconds: float = 60) -> dict[str, str]:
        """The state that a flow run ends in."""
        final = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}
        return until(lambda: (s := self.state(run))["type"] in final and s, f"the end of {run}", seconds)

    def flow_process(self) -> int:
        """The process of the flow run that `tamis serve` has under way and that crawls."""
        assert self.serving is not None
        serving = self.serving.pid

        def crawling() -> int:
            return next((pid for pid in children(serving, "prefect") if children(pid, "crawlers")), 0)

        return until(crawling, "the process of the flow")


def _answer(request: urllib.request.Request) -> bytes | None:
    """The body of an answer, a blank where there is none; None while Prefect's SQLite is locked (503)."""
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            body: bytes = answer.read()
            return body or b" "
    except urllib.error.HTTPError as error:
        if error.code == 503:
            return None
        raise


def environment(folder: Path) -> dict[str, str]:
    """The environment of a server and its clients: a home of its own, and no setting from outside."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "TAMIS_"))}
    return kept | {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_PROFILES_PATH": str(folder / "profiles.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def end(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start_server(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A Prefect server on loopback, without its pages; returns when it answers."""
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen([*command, "--no-ui"], env=environment(folder), stdout=log, stderr=log)
    until(lambda: server.poll() is None and _answers(port), "the Prefect server", 90)
    return server


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def prefect_rig(folder: Path) -> Iterator[Rig]:
    """A server with nothing deployed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "sources").mkdir()
    rig = Rig(folder, f"http://127.0.0.1:{port}/api", start_server(folder, port))
    try:
        yield rig
    finally:
        if rig.serving:
            end(rig.serving)
        end(rig.server, signal.SIGKILL)  # asked to end, it takes half a minute


def start_serving(rig: Rig, *names: str) -> None:
    """`tamis serve` for the sources of the rig; returns when they are deployed and it polls."""
    told = f"{sys.executable} {rig.folder / 'tell.py'}"
    (rig.folder / "tell.py").write_text(
        f"import sys\nopen({str(rig.folder / 'told.jsonl')!r}, 'a').write(sys.stdin.read() + '\\n')\n"
    )
    settings = {"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_LOGGING_LEVEL": "INFO"}
    with (rig.folder / "serve.log").open("ab") as log:
        rig.serving = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(rig.data), str(rig.sources), told],
            env=rig.environment | settings,
            stdout=log,
            stderr=log,
        )

    def deployed() -> bool:
        try:
            return all(rig.deployment(name) for name in names)
        except urllib.error.HTTPError:
            return False

    until(deployed, "the deployments")
