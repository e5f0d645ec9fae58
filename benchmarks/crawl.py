"""CPU a page of a crawl with archive and ledger, against bare Scrapy on the same pages.

    .venv/bin/python -m benchmarks.crawl --pages 600 --rounds 3

A server process on loopback serves pages of our own making, of the sizes that pages have. Both crawls ask
the same URLs with the same concurrency, in turns; each is run with few and with many pages, so that what
starting costs drops out. Prints a line a round, and last the ratio of the medians.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from output.ledger.ledger import Ledger

FEW = 50
CONCURRENCY = 8

BARE = """
import sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        for url in open(sys.argv[1], encoding="ascii").read().split():
            yield scrapy.Request(url, dont_filter=True)
    def parse(self, response):
        pass

process = AsyncCrawlerProcess(
    {"LOG_LEVEL": "INFO", "LOG_FILE": sys.argv[2], "CONCURRENT_REQUESTS_PER_DOMAIN": int(sys.argv[3]),
     "DOWNLOAD_DELAY": 0, "ROBOTSTXT_OBEY": True, "TELNETCONSOLE_ENABLED": False}
)
process.crawl(Bare)
process.start()
"""

DECLARATION = """\
[source]
id = "bench"
name = "Pages of a benchmark"
home = "{home}/"
[crawl]
discover = "urls"
start_file = "{urls}"
delay = 0
concurrency = {concurrency}
loopback = true
contact = "benchmarks@localhost"
"""


class Pages(BaseHTTPRequestHandler):
    """Serves a page a number: made of words in a frame of markup, 8 KB to 1.5 MB, half below 120 KB."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    bodies: tuple[bytes, ...]

    def do_GET(self) -> None:
        """Answer with a page; what is no number is not there."""
        name = self.path.strip("/")
        body = self.bodies[int(name) % len(self.bodies)] if name.isdecimal() else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name for it
        """Keep quiet."""


def main() -> None:
    """Serve, crawl in turns, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.crawl", "--serve"], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as server:
        assert server.stdout
        home = f"http://127.0.0.1:{int(server.stdout.readline())}"
        rounds = [measure(home, options.pages) for _ in range(options.rounds)]
        server.kill()
    bare, tamis = (median(column) for column in zip(*rounds, strict=True))
    print(f"crawl with archive and ledger / bare Scrapy: {tamis / bare:.2f} × the CPU a page (at most 2.0)")


def measure(home: str, pages: int) -> tuple[float, float]:
    """One round: milliseconds of CPU a page, bare and with Tamis."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        costs = []
        for crawl in (_bare, _tamis):
            few, many = (crawl(home, folder, count) for count in (FEW, FEW + pages))
            costs.append((many - few) / pages * 1000)
    bare, tamis = costs
    print(f"bare Scrapy {bare:.2f} ms a page, Tamis {tamis:.2f} ms a page: {tamis / bare:.2f}", flush=True)
    return bare, tamis


def serve() -> None:
    """Serve pages until standard input closes, and say on which port."""
    Pages.bodies = tuple(_page(random.Random(number)) for number in range(64))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


def _bare(home: str, folder: Path, count: int) -> float:
    urls = _urls(home, folder, count)
    return _cpu([sys.executable, "-c", BARE, str(urls), str(folder / "bare.log"), str(CONCURRENCY)])


def _tamis(home: str, folder: Path, count: int) -> float:
    urls, data, declaration = _urls(home, folder, count), folder / f"data-{count}", folder / "bench.toml"
    declaration.write_text(DECLARATION.format(home=home, urls=urls, concurrency=CONCURRENCY))
    data.mkdir()
    run_id, _ = Ledger(data / "ledger.sqlite").open_run("bench", now=datetime.now(UTC))
    arguments = ["--source", str(declaration), "--data", str(data), "--run", run_id]
    cpu = _cpu([sys.executable, "-m", "crawlers", *arguments])
    counts = Ledger(data / "ledger.sqlite").counts(run_id)
    assert counts == {("pending", ""): count}, counts
    return cpu


def _urls(home: str, folder: Path, count: int) -> Path:
    path = folder / "urls.txt"
    path.write_text("".join(f"{home}/{number}\n" for number in range(count)), encoding="ascii")
    return path


def _cpu(command: list[str]) -> float:
    """Run a command; gives its seconds of CPU, in user and system."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return usage.ru_utime + usage.ru_stime


def _page(chance: random.Random) -> bytes:
    size = int(min(1_500_000, max(8_000, chance.lognormvariate(11.7, 0.9))))
    words = ["".join(chance.choices("aeioubcdfglmnprst", k=chance.randint(2, 11))) for _ in range(1500)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    parts = ["<!doctype html><html lang=en><head><title>A page</title></head><body>"]
    length = 0
    while length < size:
        text = " ".join(chance.choices(words, weights, k=60))
        kind = chance.random()
        parts.append(
            f'<div class="block b{chance.randint(1, 40)}"><p>{text}.</p></div>\n'
            if kind < 0.6
            else f'<li class="menu-item item-{chance.randint(1, 9999)}"><a href="/{chance.randint(1, 9999)}">'
            f"{text[:30]}</a></li>\n"
        )
        length += len(parts[-1])
    return "".join([*parts, "</body></html>"]).encode()


if __name__ == "__main__":
    main()
