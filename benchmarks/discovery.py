"""Discovery: whole by each way alone, a second run that asks for next to nothing, long lists in few requests.

    .venv/bin/python -m benchmarks.discovery

Serves replicas and generated sites on loopback, runs and crawls them, and prints a table.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from crawlers.declaration.loading import load_source
from crawlers.discovery import IndexSummary
from flows.ingest.run import ingest
from flows.replicas import Replica, serve, serving
from flows.replicas.blog import build
from flows.workspace.workspace import Workspace
from tests.unit.crawlers.forked import Forks
from tests.unit.crawlers.rig import Crawls, Page, Site

SITES = ("blog", "lawbase", "news", "portal", "mirror")
_PAGE = "<p>" + "The boats of the lower harbour are counted every spring by two clerks. " * 280
_LIST = "/wp-json/wp/v2/posts?per_page=100&page={}&_fields=link,date_gmt,modified_gmt"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=10_000, help="of the site that is crawled twice")
    parser.add_argument("--posts", type=int, default=5_000, help="of the blog that is listed")
    options = parser.parse_args()
    for name in SITES:
        _ways(name)
    for discover in ("listing", "wordpress"):
        _second_run(discover, options.pages)
    _posts(options.posts)


def _ways(name: str) -> None:
    declared = (serving.SOURCES / f"{name}.toml").read_text()
    first = re.search(r'start = \["\{base\}(.*)"\]', declared)
    assert first
    ways = [("sitemap", "/sitemap.xml"), ("listing", first[1])]
    if name == "blog":
        ways = [("sitemap", "/wp-sitemap.xml"), ("listing", "/category/lanmere/"), ("wordpress", "/")]
    with tempfile.TemporaryDirectory() as folder:
        ports = Path(folder) / "ports.json"
        with serve([name], ports_file=ports) as (replica,):
            truth = {document.url for document in replica.truth()}
            sets = {discover: _documents(replica, Path(folder), discover, start) for discover, start in ways}
        if name == "blog":
            sets["feed and archive"] = _without_api(Path(folder), ports)
    for way, documents in sets.items():
        pages = {url for _, url, _ in documents}
        print(f"{name} by {way}: {len(pages & truth)} of {len(truth)} pages, {len(documents)} documents")
    equal = all(documents == sets[ways[0][0]] for documents in sets.values())
    print(f"{name}: document sets {'equal' if equal else 'NOT equal'}", flush=True)


def _without_api(folder: Path, ports: Path) -> set[tuple[str, str, str]]:
    """Return the blog with its REST API closed: feed and archives are read instead."""
    serving.BUILDERS["blog"] = lambda base, edition: dataclasses.replace(
        build(base, edition), api=lambda *_: None
    )
    with serve(["blog"], ports_file=ports) as (closed,):
        return _documents(closed, folder / "closed", "wordpress", "/")


def _documents(replica: Replica, folder: Path, discover: str, start: str) -> set[tuple[str, str, str]]:
    """Id, URL and version of each document that a run in this way publishes."""
    place = folder / discover
    place.mkdir(parents=True)
    path = replica.source_path(place)
    text = re.sub(r'discover = "\w+"', f'discover = "{discover}"', path.read_text())
    path.write_text(re.sub(r"start = .*", f'start = ["{replica.base}{start}"]', text))
    ingest(load_source(path), place / "data")
    with Workspace(place / "data").dataset.views() as connection:
        return set(connection.execute("select id, url, version from latest").fetchall())


@contextmanager
def _site() -> Iterator[tuple[Site, Crawls]]:
    with tempfile.TemporaryDirectory() as folder:
        site, forks = Site(), Forks()
        crawls = Crawls(Path(folder), site, forks)
        try:
            yield site, crawls
        finally:
            crawls.close()
            forks.close()
            site.close()


def _rest(site: Site, paths: Sequence[str]) -> None:
    """WordPress's lists of posts; like WordPress, without validators."""
    last = (len(paths) + 99) // 100
    for number in range(1, last + 1):
        rows = [
            {
                "link": site.url + path,
                "date_gmt": "2024-01-02T03:04:05",
                "modified_gmt": "2024-01-02T03:04:05",
            }
            for path in paths[100 * number - 100 : 100 * number]
        ]
        totals = {"X-WP-Total": str(len(paths)), "X-WP-TotalPages": str(last)}
        site.pages[_LIST.format(number)] = Page(json.dumps(rows).encode(), headers=totals)


def _second_run(discover: str, pages: int) -> None:
    with _site() as (site, crawls):
        paths = site.articles(pages, per_page=100)
        for path in paths:
            site.html(path, f"<h1>{path}</h1>{_PAGE}", etag=f'"{path}"')
        if discover == "wordpress":
            _rest(site, paths)
            crawls.declare(discover="wordpress", start=[f"{site.url}/"], concurrency=8)
        else:
            crawls.declare(concurrency=8)
        seen = []
        for _ in range(2):
            site.asked.clear()
            site.statuses.clear()
            process = crawls.start()
            _, errors = process.communicate(timeout=1800)
            assert process.returncode == 0, errors
            sent = sum(visit.body_bytes for visit in crawls.ledger.visits(crawls.run_id))
            crawls.finish()
            seen.append((site.asked.total(), site.statuses[304], sent))
        (first, _, whole), (asked, unmodified, again) = seen
        print(
            f"{pages} unchanged pages by {discover}: {first} requests, {whole:,} bytes; "
            f"then {asked} requests, {unmodified} answered 304, {again:,} bytes ({again / whole:.2%})",
            flush=True,
        )


def _posts(count: int) -> None:
    with _site() as (site, crawls):
        _rest(site, [f"/20{n % 20:02}/post-{n}/" for n in range(count)])
        crawls.declare(
            discover="wordpress", start=[f"{site.url}/"], follow="/20", since="2030-01-01", concurrency=8
        )
        process = crawls.start()
        _, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors
        found = [IndexSummary.from_json(visit.detail) for visit in crawls.ledger.visits(crawls.run_id)]
        listed = sum(one.listed for one in found if one)
        print(f"WordPress of {count} posts: {listed} listed in {site.asked.total()} requests", flush=True)


if __name__ == "__main__":
    main()
