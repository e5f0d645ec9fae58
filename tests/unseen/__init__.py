"""Three small sites that resemble none of the replicas: what a newcomer's source may look like.

Every word is invented. Each says of its pages which lines are text, so that a test can tell that a source
which was drafted for it brings them all, and nothing of the furniture.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unseen:
    """A site: answers by path and query, the lines of each page's text, and words that stand in none."""

    answers: Mapping[str, Answer]
    texts: Mapping[str, tuple[str, ...]]
    furniture: tuple[str, ...]


@dataclass(slots=True)
class Served:
    """A site on loopback: its address, and the paths that were asked of it."""

    base: str
    site: Unseen
    asked: list[str] = field(default_factory=list)


@contextmanager
def served(build: Any, port: int = 0) -> Iterator[Served]:
    """Serve the site that `build(base)` gives while the context lasts."""
    with ThreadingHTTPServer(("127.0.0.1", port), _Handler) as server:
        base = f"http://127.0.0.1:{server.server_port}"
        server.served = Served(base, build(base))  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.served  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        served: Served = self.server.served  # type: ignore[attr-defined]
        served.asked.append(self.path)
        answer = served.site.answers.get(self.path)
        body = answer.body if answer else b"<title>404</title>"
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", answer.content_type if answer else "text/html")
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers if answer else ():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
