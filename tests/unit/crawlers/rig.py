"""A small site on loopback that answers as it is told, and crawls of it in a process of their own."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from output.archive.scan import run_records
from output.base.records import Outcome
from output.ledger.ledger import Ledger
from output.ledger.records import RunStatus, Settled, Visit
from tests.unit.crawlers.forked import Forked, Forks


@dataclass
class Page:
    """What a path answers. `raw`, where given, is sent as it is in place of everything else."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    raw: bytes | None = None


class Site:
    """The site: pages by path with query, and how often each was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: Counter[str] = Counter()
        self.times: dict[str, float] = {}
        self.statuses: Counter[int] = Counter()
        self.agents: set[str] = set()
        self.slow = 0.0
        self.slow_below = "/laws/"
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: two would wait for each other (Nagle's algorithm)

            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who is killed hangs up
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.stopping = threading.Event()
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def close(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def html(self, path: str, body: str, **page: object) -> None:
        text = f"<!doctype html><title>{path}</title>{body}".encode()
        self.pages[path] = Page(text, headers={"Content-Type": "text/html; charset=utf-8"}, **page)  # type: ignore[arg-type]

    def listing(self, path: str, links: list[str], following: str = "") -> None:
        anchors = "".join(f'<li><a href="{link}">{link}</a>' for link in links)
        older = f'<a rel="next" href="{following}">Older posts</a>' if following else ""
        body = f"<ul>{anchors}</ul>{older}"
        self.html(path, body, etag=f'"{zlib.crc32(body.encode())}"')

    def articles(self, count: int, *, per_page: int = 10) -> list[str]:
        """Listing pages from /laws/ on, and the articles that they name."""
        paths = [f"/laws/{number}" for number in range(1, count + 1)]
        for path in paths:
            self.html(path, f"<p>The text of {path}.", etag=f'"{path}"')
        pages = [paths[at : at + per_page] for at in range(0, count, per_page)]
        for number, links in enumerate(pages, 1):
            following = f"/laws/?page={number + 1}" if number < len(pages) else ""
            self.listing("/laws/" if number == 1 else f"/laws/?page={number}", links, following)
        return paths

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked[handler.path] += 1
        self.times[handler.path] = time.monotonic()
        self.agents.add(handler.headers.get("User-Agent", ""))
        if self.slow and handler.path.startswith(self.slow_below):
            self.stopping.wait(self.slow)
        page = self.pages.get(handler.path, Page(b"no such page", 404))
        if page.raw is not None:
            handler.close_connection = True
            handler.wfile.write(page.raw)
            return
        not_modified = page.etag and handler.headers.get("If-None-Match") == page.etag
        status, body = (304, b"") if not_modified else (page.status, page.body)
        self.statuses[status] += 1
        handler.send_response(status)
        for name, value in {**page.headers, **({"ETag": page.etag} if page.etag else {})}.items():
            handler.send_header(name, value)
        if status != 304:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


class Crawls:
    """Runs of one source in one data folder."""

    def __init__(self, folder: Path, site: Site, forks: Forks) -> None:
        self.forks = forks
        self.data = folder / "data"
        self.site = site
        self.declaration = folder / "laws.toml"
        self.declare()
        self.data.mkdir()
        self.ledger = Ledger(self.data / "ledger.sqlite")
        self.source_id = "laws"
        self.run_id = ""

    def declare(self, crawl: str = "", **changes: object) -> None:
        keys: dict[str, object] = {
            "discover": "listing",
            "start": [f"{self.site.url}/laws/"],
            "follow": r"/laws/\d+$",
            "delay": 0,
            "loopback": True,
            "contact": "tests@example.org",
            **changes,
        }
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items() if value is not None)
        about = f'[source]\nid = "laws"\nname = "Laws"\nhome = "{self.site.url}/"\n'
        self.declaration.write_text(f"{about}\n[crawl]\n{lines}\n{crawl}", encoding="utf-8")

    def start(self, *options: str, code: str = "") -> Forked:
        """Start a crawl of the unfinished run, or of a new one."""
        self.run_id, _ = self.ledger.open_run(self.source_id, now=datetime.now(UTC))
        arguments = ["--source", str(self.declaration), "--data", str(self.data), "--run", self.run_id]
        return self.forks.start([*arguments, *options], code)

    def crawl(self, *options: str, code: str = "", exit_code: int = 0) -> str:
        """Crawl to the end; gives what was written to standard error."""
        process = self.start(*options, code=code)
        _, errors = process.communicate(timeout=60)
        log = self.data / "logs" / f"{self.run_id}.log"
        assert process.returncode == exit_code, f"{errors}\n{log.read_text() if log.exists() else ''}"
        return errors

    def finish(self, *, but: str = "") -> None:
        """End the run as its pipeline would, every page published but one."""
        urls = [visit.url for visit in self.ledger.visits(self.run_id, Outcome.PENDING)]
        pending = [url for url in urls if url != f"{self.site.url}{but}"]
        self.ledger.settle_many(self.run_id, [Settled(url, Outcome.PUBLISHED) for url in pending])
        self.ledger.set_status(self.run_id, RunStatus.PUBLISHED, datetime.now(UTC))

    def visits(self) -> dict[str, Visit]:
        """The visits of the run, by path."""
        return {visit.url.removeprefix(self.site.url): visit for visit in self.ledger.visits(self.run_id)}

    def outcomes(self) -> dict[str, str]:
        """Outcome and reason by path, as in "failed: http_500"."""
        return {
            path: f"{visit.outcome}: {visit.reason}" if visit.reason else str(visit.outcome)
            for path, visit in self.visits().items()
        }

    def check(self) -> None:
        """No record lost, none doubled: the archive's own count is the ledger's."""
        archived = Counter(head.url for head in run_records(self.data / "archive", "laws", self.run_id))
        recorded = Counter(visit.url for visit in self.ledger.visits(self.run_id) if visit.ref)
        assert archived == recorded
        assert self.ledger.waiting(self.run_id) == []

    def close(self) -> None:
        self.ledger.close()
