"""A crawl or a probe whose parent is gone ends, whatever a site holds back from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from crawlers.declaration.loading import load_source
from tests.processes import until
from tests.unit.crawlers.forked import Forked, Forks
from tests.unit.crawlers.rig import Crawls, Site

HURRIED = """
import sys
import crawlers.parent
crawlers.parent.STOP_SECONDS = 0.5
import {module}.__main__ as command
sys.exit(command.main())
"""
STUCK_SECONDS = 600.0
ENDED_BY_ITSELF = 1


def test_a_crawl_whose_parent_is_gone_ends_and_the_next_goes_on(
    site: Site, crawls: Crawls, forks: Forks
) -> None:
    paths = site.articles(3)
    site.slow, site.slow_below = STUCK_SECONDS, "/laws/2"
    run_id, _ = crawls.ledger.open_run("laws", now=datetime.now(UTC))
    process = forks.start(
        ["--source", "-", "--data", str(crawls.data), "--run", run_id], HURRIED.format(module="crawlers")
    )
    assert process.stdin
    process.stdin.write(load_source(crawls.declaration).model_dump_json(exclude_defaults=True) + "\n")
    process.stdin.flush()
    ends_with_its_pipe(process, lambda: bool(site.asked["/laws/2"]))

    site.slow = 0
    crawls.crawl()

    crawls.check()
    assert crawls.outcomes() == dict.fromkeys(paths, "pending") | {"/laws/": "index"}


def test_a_probe_whose_parent_is_gone_ends(site: Site, forks: Forks, tmp_path: Path) -> None:
    site.html("/", "<p>Welcome.")
    site.slow, site.slow_below = STUCK_SECONDS, "/"
    arguments = [f"{site.url}/", str(tmp_path)]
    process = forks.start(arguments, "import os; os.environ['TAMIS_CONTACT'] = 'tests@example.org'\n"
                          + HURRIED.format(module="crawlers.probe"))  # fmt: skip
    ends_with_its_pipe(process, lambda: bool(site.asked))


def ends_with_its_pipe(process: Forked, is_stuck: Callable[[], bool]) -> None:
    until(is_stuck, "the request that is never answered")
    assert process.poll() is None
    process.communicate(timeout=60)
    assert process.returncode == ENDED_BY_ITSELF
