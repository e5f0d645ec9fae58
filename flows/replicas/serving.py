"""Replica sites on loopback: HTTP/1.1 with keep-alive, validators, gzip, and a log of all requests."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from flows.replicas import blog, lawbase, mirror, news, portal
from flows.replicas.library import number_of
from flows.replicas.site import TODAY, Answer, Expected, Site
from output.base.errors import UsageError

HOST = "127.0.0.1"
BUILDERS: dict[str, Callable[[str, int], Site]] = {
    "blog": blog.build,
    "lawbase": lawbase.build,
    "news": news.build,
    "portal": portal.build,
    "mirror": mirror.build,
}
SOURCES = Path(__file__).parent / "sources"
# Ports that stay the same are taken from here. Linux gives outgoing connections ports from 32768 on, other
# systems from 49152: below, no such connection can take one between two demos.
PORTS = range(28000, 32000)


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One request that a replica answered; `size` is the body's bytes as sent."""

    site: str
    method: str
    path: str
    status: int
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Replica:
    """A served site: its base URL without a final slash, its truth, and the requests that it answered."""

    site: Site
    base: str
    requests: list[Request]

    @property
    def name(self) -> str:
        """The site's name, which is also the id of its source."""
        return self.site.name

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.base.rpartition(":")[2])

    @property
    def outcomes(self) -> Mapping[str, str]:
        """The outcome of each URL that a crawl finds and that gives no document."""
        return self.site.outcomes

    def truth(self) -> list[Expected]:
        """Return the documents that a crawl of this site must give."""
        return list(self.site.documents)

    def source_path(self, folder: Path) -> Path:
        """Write the site's source declaration with this base URL into a folder, and return its path."""
        path = folder / f"{self.name}.toml"
        path.write_text(
            (SOURCES / f"{self.name}.toml").read_text("utf-8").replace("{base}", self.base), "utf-8"
        )
        return path


@contextmanager
def serve(
    names: Sequence[str],
    edition: int = 1,
    *,
    ports: Mapping[str, int] | None = None,
    ports_file: Path | None = None,
) -> Iterator[list[Replica]]:
    """Serve the named sites while the context lasts, each on a port of its own.

    Edition 2 is the same sites a month later. A site gets its port from `ports`, else from `ports_file`, else
    any free one. The file is written where it is missing, so that later processes serve the same URLs. Raises
    UsageError for an unknown name or edition, or a port that is in use.
    """
    _require_known(names, edition)
    fixed_ports = {**(_remembered(ports_file, names) if ports_file else {}), **(ports or {})}
    with ExitStack() as stack:
        replicas = []
        for name in names:
            server = _bind(name, fixed_ports.get(name, 0), edition, ports_file)
            stack.callback(server.server_close)
            base = f"http://{HOST}:{server.server_port}"
            server.site = BUILDERS[name](base, edition)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.stop)
            replicas.append(Replica(server.site, base, server.requests))
        yield replicas


def _require_known(names: Sequence[str], edition: int) -> None:
    if unknown := [name for name in names if name not in BUILDERS]:
        raise UsageError(f"there is no replica {unknown[0]!r}; there are {', '.join(BUILDERS)}")
    if edition not in TODAY:
        raise UsageError(
            f"there is no edition {edition} of the replicas; there are {', '.join(map(str, TODAY))}"
        )


def _remembered(file: Path, names: Sequence[str]) -> dict[str, int]:
    """Return the ports in a file, after adding a free one for each missing name."""
    try:
        ports: dict[str, int] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        known = {str(name): int(port) for name, port in ports.items()}
    except (ValueError, AttributeError) as error:
        raise UsageError(f"{file} does not hold the replicas' ports as JSON: remove it ({error})") from error
    # Each file starts at another port, so that demos in two folders do not take each other's ports.
    start = number_of(file.resolve()) % len(PORTS)
    free = (
        port for port in (*PORTS[start:], *PORTS[:start]) if port not in known.values() and _is_free(port)
    )
    missing = [name for name in names if name not in known]
    if missing:
        known |= dict(zip(missing, free, strict=False))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    return known


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _bind(name: str, port: int, edition: int, ports_file: Path | None) -> _Server:
    try:
        return _Server((HOST, port), edition)
    except (OSError, OverflowError) as error:
        advice = "end what listens there, or give the replica another port"
        if ports_file:
            advice = f"end what listens there, or remove {ports_file} (all pages will then be new ones)"
        raise UsageError(
            f"the replica {name!r} cannot have port {port} of {HOST}: {error}; {advice}"
        ) from error


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them, and no socket is left behind
    request_queue_size = 64
    site: Site

    def __init__(self, address: tuple[str, int], edition: int) -> None:
        super().__init__(address, _Handler)
        self.date = format_datetime(TODAY[edition], usegmt=True)
        self.requests: list[Request] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing where a client goes away during an answer: crawlers may be stopped."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Stop listening and end the connections that clients keep alive."""
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # the client was quicker
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece
    server: _Server

    def do_GET(self) -> None:
        self._respond(with_body=True)

    def do_HEAD(self) -> None:
        self._respond(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
        """Print nothing: the requests are kept in memory."""

    def _respond(self, *, with_body: bool) -> None:
        answer = self.server.site.answer(self.path)
        body, headers = self._encoded(answer)
        status = answer.status
        if status == 200 and answer.modified and self._is_not_modified(answer):
            status, body = 304, b""
        self.send_response_only(status)
        self.send_header("Date", self.server.date)
        self.send_header("Server", "replica")
        if status != 304:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(body)))
        for name, value in (*answer.headers, *headers):
            if status != 304 or name != "Content-Encoding":
                self.send_header(name, value)
        self.end_headers()
        sent = body if with_body else b""
        self.wfile.write(sent)
        self.server.requests.append(
            Request(self.server.site.name, self.command, self.path, status, len(sent))
        )

    def _encoded(self, answer: Answer) -> tuple[bytes, list[tuple[str, str]]]:
        headers = []
        packed = len(answer.body) > 1024 and "gzip" in self.headers.get("Accept-Encoding", "")
        if answer.modified:
            # One tag for both encodings, so it is a weak one (RFC 9110, 8.8.3.3).
            headers += [
                ("ETag", _etag(answer)),
                ("Last-Modified", format_datetime(answer.modified, usegmt=True)),
            ]
        if packed:
            headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        return (gzip.compress(answer.body, mtime=0) if packed else answer.body), headers

    def _is_not_modified(self, answer: Answer) -> bool:
        """Whether the client has this answer (RFC 9110, 13.2.2: If-None-Match goes first)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return tags.strip() == "*" or _etag(answer) in (tag.strip() for tag in tags.split(","))
        since = self.headers.get("If-Modified-Since")
        if since is None or answer.modified is None:
            return False
        try:
            return answer.modified <= parsedate_to_datetime(since)
        except (TypeError, ValueError):  # an invalid date counts as none
            return False


def _etag(answer: Answer) -> str:
    return f'W/"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
