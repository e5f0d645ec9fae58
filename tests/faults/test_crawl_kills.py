"""kill -9 at random moments of a crawl: nothing is lost, nothing doubled, and the check holds each time."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from output.archive.scan import run_records
from output.base.records import Outcome
from output.integrity.check import check_run
from output.ledger.records import Settled
from tests.faults.rows import row
from tests.unit.crawlers.forked import Forks
from tests.unit.crawlers.rig import Crawls, Site

FULL = os.environ.get("TAMIS_FAULTS") == "full"


def kill_and_resume(folder: Path, forks: Forks, pages: int, chance: random.Random) -> list[str]:
    """One crawl, killed once and resumed; gives what the check says, and what was lost or doubled."""
    site = Site()
    folder.mkdir()
    crawls = Crawls(folder, site, forks)
    try:
        paths = site.articles(pages, per_page=50)
        crawls.declare(concurrency=4)
        process = crawls.start()
        assert process.stdout
        for _ in range(chance.randrange(pages)):
            process.stdout.readline()
        time.sleep(chance.random() / 100)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -9
        found = unaccounted(crawls)
        crawls.crawl()
        crawls.check()
        outcomes = crawls.outcomes()
        found += [f"lost: {path}" for path in paths if outcomes.pop(path, "") != "pending"]
        found += [f"{path}: {end}" for path, end in outcomes.items() if end != "index"]
        pending = [visit.url for visit in crawls.ledger.visits(crawls.run_id, Outcome.PENDING)]
        crawls.ledger.settle_many(crawls.run_id, [Settled(url, Outcome.UNCHANGED) for url in pending])
        counts = SimpleNamespace(documents=frozenset(), rejections=frozenset())
        return found + check_run(crawls.ledger, crawls.data / "archive", crawls.run_id, counts)
    finally:
        crawls.close()
        site.close()


def unaccounted(crawls: Crawls) -> list[str]:
    """Right after the kill: every record that the ledger counts lies whole in the archive."""
    counted = {v.url: v.ref for v in crawls.ledger.visits(crawls.run_id) if v.ref}
    if not counted:
        return []
    end = max(ref.offset + ref.length for ref in counted.values())
    for path in (crawls.data / "archive" / "laws").glob("*.warc.gz"):
        with path.open("r+b") as file:
            file.truncate(end)  # as the next start will: what lies beyond was never counted
    heads = run_records(crawls.data / "archive", "laws", crawls.run_id)
    archived = {head.url: head.ref for head in heads}
    return [f"not in the archive after the kill: {url}" for url in counted if counted[url] != archived[url]]


def kills(folder: Path, forks: Forks, times: int, pages: int) -> None:
    ends = [kill_and_resume(folder / str(n), forks, pages, random.Random(n)) for n in range(times)]
    held = sum(not end for end in ends)
    row(f"kill -9 of a {pages}-page crawl", held, times)
    assert [end for end in ends if end] == []


def test_three_kills_lose_and_double_nothing(tmp_path: Path, forks: Forks) -> None:
    kills(tmp_path, forks, 3, 60)


@pytest.mark.slow
def test_thirty_kills_lose_and_double_nothing(tmp_path: Path, forks: Forks) -> None:
    kills(tmp_path, forks, 30 if FULL else 6, 500)
