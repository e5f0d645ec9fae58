"""A replica is found whole by each way that it offers alone, and by all with the same pages."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows.replicas import Replica, serve, serving
from flows.replicas.blog import build
from output.base.records import Outcome
from tests.unit.crawlers.rig import Crawls

if TYPE_CHECKING:
    from tests.unit.crawlers.forked import Forks
    from tests.unit.crawlers.rig import Site


def declare(replica: Replica, folder: Path, discover: str, start: str) -> Path:
    """The replica's source, found in another way."""
    path = replica.source_path(folder)
    text = re.sub(r'discover = "\w+"', f'discover = "{discover}"', path.read_text())
    path.write_text(re.sub(r"start = .*", f'start = ["{replica.base}{start}"]', text))
    return path


@pytest.fixture
def found(tmp_path: Path, site: Site, forks: Forks) -> Callable[[Replica, str, str], set[str]]:
    """The pages that a crawl of a replica in one way archives, as paths."""

    def crawl(replica: Replica, discover: str, start: str) -> set[str]:
        folder = tmp_path / f"{replica.name}-{discover}-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        crawls = Crawls(folder, site, forks)
        crawls.declaration = declare(replica, folder, discover, start)
        crawls.source_id = replica.name
        crawls.crawl()
        visits = crawls.ledger.visits(crawls.run_id, Outcome.PENDING)
        urls = {visit.url.removeprefix(replica.base) for visit in visits}
        crawls.close()
        return urls

    return crawl


def truth(replica: Replica) -> set[str]:
    return {document.url.removeprefix(replica.base) for document in replica.truth()}


@pytest.mark.parametrize("name", ["lawbase", "news", "portal", "mirror"])
def test_sitemap_and_listing_find_the_same_pages(
    name: str, found: Callable[[Replica, str, str], set[str]]
) -> None:
    with serve([name]) as (replica,):
        start = re.search(r'start = \["\{base\}(.*)"\]', (serving.SOURCES / f"{name}.toml").read_text())
        assert start
        assert found(replica, "sitemap", "/sitemap.xml") == truth(replica)
        assert found(replica, "listing", start[1]) == truth(replica)


def test_a_blog_is_found_whole_by_sitemap_by_rest_by_listing_and_by_feed_and_archive(
    found: Callable[[Replica, str, str], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(["blog"]) as (blog,):
        assert found(blog, "sitemap", "/wp-sitemap.xml") == truth(blog)
        assert found(blog, "listing", "/category/lanmere/") == truth(blog)
        assert found(blog, "wordpress", "/") == truth(blog)
        archives = [one.path for one in blog.requests if "/page/" in one.path]
    monkeypatch.setitem(
        serving.BUILDERS,
        "blog",
        lambda base, edition: dataclasses.replace(build(base, edition), api=lambda *_: None),
    )
    with serve(["blog"]) as (closed,):
        assert found(closed, "wordpress", "/") == truth(closed)
        assert [one.status for one in closed.requests if one.path == "/feed/"] == [200]
    assert archives
