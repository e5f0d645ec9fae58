"""The chain on real pages: a labelled set, served on loopback, crawled with `tamis run` into a release.

    .venv/bin/python -m benchmarks.chain ../shared/data/wcxb-dev.parquet --pages 300

Prints what each stage counted, and ends with 1 where the release, the ledger and the replica's own
request log do not agree.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from output.dataset.dataset import Dataset
from output.ledger.ledger import Ledger

DECLARATION = """\
[source]
id = "labelled"
name = "Labelled pages, served on loopback"
home = "{home}"
[crawl]
discover = "urls"
start_file = "urls.txt"
delay = 0.0
concurrency = 8
loopback = true
contact = "benchmarks@localhost"
"""


class Pages(BaseHTTPRequestHandler):
    """Serves each page's bytes as they were saved; everything else is 404."""

    protocol_version = "HTTP/1.1"
    bodies: dict[str, bytes]
    asked: Counter[str]

    def do_GET(self) -> None:
        """Answer with the saved page."""
        self.asked[self.path] += 1
        body = self.bodies.get(self.path, b"")
        self.send_response(200 if self.path in self.bodies else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name for it
        """Keep quiet."""


def main() -> int:
    """Serve, crawl, count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=300)
    options = parser.parse_args()
    rows = pq.read_table(options.data, columns=["html"]).slice(0, options.pages).to_pylist()
    Pages.bodies = {f"/{number:04}.html": row["html"] for number, row in enumerate(rows)}
    Pages.asked = Counter()
    with tempfile.TemporaryDirectory() as folder:
        return _run(Path(folder))


def _run(folder: Path) -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        home = f"http://127.0.0.1:{server.server_port}"
        (folder / "urls.txt").write_text("".join(f"{home}{path}\n" for path in Pages.bodies))
        (folder / "labelled.toml").write_text(DECLARATION.format(home=f"{home}/"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [sys.executable, "-m", "flows.cli", "--data", str(folder / "data"), "run", "--json"]
        started = time.monotonic()
        ended = subprocess.run([*command, str(folder / "labelled.toml")], stdout=subprocess.PIPE, check=False)
        seconds = time.monotonic() - started
        server.shutdown()
    if ended.returncode not in (0, 1):
        return ended.returncode
    report = json.loads(ended.stdout)
    dataset = Dataset(folder / "data" / "dataset").page_counts(report["run_id"])
    ledger = Counter(
        str(v.outcome) for v in Ledger(folder / "data" / "ledger.sqlite").visits(report["run_id"])
    )
    manifest = json.loads((Path(report["release"]) / "manifest.json").read_text())
    served = sum(1 for path in Pages.asked if path in Pages.bodies)
    print(f"{seconds:.1f} s; pages served {served}, ledger {dict(ledger)}")
    print(f"dataset: {len(dataset.documents)} pages with documents, {len(dataset.rejections)} rejected")
    print(f"report: {dict(report['outcomes'])}, verdicts {dict(report['access'])}")
    print(f"release: {json.dumps(manifest.get('counts', manifest), ensure_ascii=False)[:800]}")
    agree = served == len(Pages.bodies) == sum(ledger.values()) and ledger["published"] == len(
        dataset.documents
    )
    print("the counts agree" if agree else "THE COUNTS DIFFER")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
