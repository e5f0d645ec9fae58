"""Teasers whose whole text stands in the site's feed, from the crawl to the dataset."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.declaration.loading import load_source
from flows.commands.reclean import reclean
from flows.ingest.reconcile.feed_texts import feed_texts
from flows.ingest.run import ingest
from flows.workspace.workspace import Workspace
from output.base.records import Outcome
from output.ledger.records import OPT_OUT

FIRST = "The harbour opens in May, and the board says so in a notice that hangs at the gate."
REST = "In summer the quay is full of boats that nobody has counted yet. In June the lower gate closes."
PAGE = """<title>{title}</title><article><h1>{title}</h1><p>{text}</p>{more}</article>"""
ITEM = """<item><title>{title}</title><link>{base}/{path}</link><content:encoded><![CDATA[<p>{text}</p>
<p>The post {title} appeared first on Quay.</p>]]></content:encoded></item>"""
FEED = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{}</channel></rss>'
)
DECLARATION = """
[source]
id = "quay"
name = "Quay"
home = "{base}/"
language = ["en"]
terms = "{base}/terms"

[crawl]
discover = "feed"
start = ["{base}/feed"]
delay = 0.05
loopback = true
contact = "tests@quay.example"
"""


@pytest.fixture
def base() -> Iterator[str]:
    answers: dict[str, tuple[str, str]] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = answers.get(self.path, ("", ""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    more = '<p><a href="/more">Continue reading</a></p>'
    answers["/opening"] = "text/html", PAGE.format(title="Opening", text=FIRST, more=more)
    answers["/lamps"] = "text/html", PAGE.format(title="Lamps", text="A lamp hangs at each boat.", more=more)
    items = ITEM.format(base=base, path="opening", title="Opening", text=f"{FIRST} {REST}")
    items += ITEM.format(base=base, path="lamps", title="Lamps", text="A lamp hangs …")
    answers["/feed"] = "application/rss+xml", FEED.format(items)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield base
    server.shutdown()
    server.server_close()


def test_a_teaser_is_completed_from_the_feed_that_discovery_read(base: str, tmp_path: Path) -> None:
    (tmp_path / "quay.toml").write_text(DECLARATION.format(base=base))
    source, data = load_source(tmp_path / "quay.toml"), tmp_path / "data"
    ingest(source, data)
    workspace = Workspace(data)
    with workspace.dataset.views() as connection:
        documents = dict(connection.execute("select title, (access, text) from latest").fetchall())
        evidence = connection.execute(
            "select unnest(access_evidence).where from latest where title = 'Opening'"
        ).fetchall()
        receipts = connection.execute("select rule, evidence from removals where kind = 'other'").fetchall()
    assert documents["Opening"] == ("full", f"{FIRST} {REST}")
    assert (f"{base}/feed",) in evidence
    assert ("lexicon:feed_origin_en", f"in {base}/feed") in receipts
    assert documents["Lamps"][0] == "teaser"
    assert dict(reclean(source, workspace).counts) == {"unchanged": 2}
    (run,) = workspace.ledger.runs()
    workspace.ledger.settle(run.run_id, f"{base}/feed", Outcome.REFUSED, OPT_OUT)
    assert feed_texts(workspace, "quay", ()) == [], "a feed that opted out since is not mined"
