"""A small site whose pages a test changes between runs, and its declaration."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawlers.declaration.loading import Source, load_source
from flows.workspace.workspace import Workspace

DECLARATION = """
[source]
id = "{name}"
name = "Quay"
home = "{base}/"
language = ["en", "zh-Hans"]
terms = "{base}/terms"

[crawl]
discover = "{discover}"
start = [{start}]
delay = 0.05
loopback = true
contact = "tests@quay.example"
"""


@dataclass
class Site:
    """Pages by path: HTML, a feed, the bytes of a PDF, or the path that a page has moved to, after a ">"."""

    base: str
    pages: dict[str, str | bytes] = field(default_factory=dict)


@contextmanager
def served() -> Iterator[Site]:
    """The site on loopback, while the block lasts."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = site.pages.get(self.path, "")
            moved = isinstance(found, str) and found.startswith(">")
            body = found if isinstance(found, bytes) else found.encode()
            self.send_response(301 if moved else 200 if body else 404)
            if moved:
                self.send_header("Location", body.decode()[1:])
            kinds = {b"%PDF": "application/pdf", b"<rss": "application/rss+xml"}
            self.send_header("Content-Type", kinds.get(body[:4], "text/html; charset=utf-8"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


def source(site: Site, folder: Path, *paths: str, name: str = "quay", discover: str = "urls") -> Source:
    """The declaration of a source that begins at these paths, or at all pages of the site."""
    start = ", ".join(f'"{site.base}{path}"' for path in paths or site.pages)
    file = folder / f"{name}.toml"
    file.write_text(DECLARATION.format(name=name, base=site.base, discover=discover, start=start))
    return load_source(file)


def asked(data: Path, query: str) -> list[Any]:
    """The rows of a query over the dataset's views."""
    with Workspace(data).dataset.views() as connection:
        return connection.execute(query).fetchall()


def text(title: str, lines: list[str], more: str = "") -> str:
    """A page with one article."""
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html lang=en><title>{title}</title><article><h1>{title}</h1>{body}</article>{more}"
