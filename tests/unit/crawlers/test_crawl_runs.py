"""Runs over time: the second run, the resumed run, the run that storage ends."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawlers.declaration.loading import load_source

if TYPE_CHECKING:
    from tests.unit.crawlers.forked import Forked
    from tests.unit.crawlers.rig import Crawls, Site

# Runs the crawl with a disk that is full after so many bytes have been written to the archive.
FULL_DISK = """
import errno, os, sys
import crawlers.__main__ as command
left, pwrite = [3000], os.pwrite
def full(descriptor, data, at):
    left[0] -= len(data)
    if left[0] < 0:
        raise OSError(errno.ENOSPC, "No space left on device")
    return pwrite(descriptor, data, at)
os.pwrite = full
sys.exit(command.main())
"""


def kill_after(process: Forked, answers: int, how: signal.Signals) -> int:
    assert process.stdout
    for _ in range(answers):
        json.loads(process.stdout.readline())
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode is not None
    return process.returncode


def test_a_page_is_committed_before_the_next_one_has_come(site: Site, crawls: Crawls) -> None:
    site.articles(2)
    site.slow, site.slow_below = 60, "/laws/2"
    process = crawls.start()
    for _ in range(1000):
        if crawls.visits().get("/laws/1") and crawls.visits()["/laws/1"].ref:
            break
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert crawls.visits()["/laws/1"].ref
    site.slow = 0

    crawls.crawl()

    crawls.check()
    assert site.asked["/laws/1"] == 1


def test_a_second_run_fetches_no_body_again_and_still_finds_every_page(site: Site, crawls: Crawls) -> None:
    paths = site.articles(13)
    crawls.crawl()
    crawls.finish(but="/laws/5")
    assert site.statuses[200] == 15
    site.articles(12)
    site.html("/laws/3", "<p>Amended.", etag='"amended"')
    site.html("/laws/4", "<p>The text of /laws/4.", etag='"another tag for the same bytes"')
    del site.pages["/laws/13"]

    crawls.crawl()

    crawls.check()
    assert site.statuses[304] == 11  # 1 listing, read again from the archive, and 10 pages
    assert crawls.outcomes() == dict.fromkeys(paths, "unchanged") | {
        "/laws/3": "pending",
        "/laws/5": "pending",  # fetched by the first run, and never dealt with
        "/laws/13": "gone",  # listed no more, and asked for all the same
        "/laws/": "index",
        "/laws/?page=2": "index",
    }
    visits = crawls.visits()
    assert visits["/laws/4"].status == 200
    assert visits["/laws/4"].record == visits["/laws/5"].record == "revisit"


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_an_interrupted_run_goes_on_and_loses_and_doubles_nothing(
    site: Site, crawls: Crawls, how: signal.Signals, code: int
) -> None:
    paths = site.articles(40, per_page=20)
    site.slow = 0.01
    assert kill_after(crawls.start(), 12, how) == code
    interrupted = crawls.run_id
    left = len(crawls.ledger.waiting(interrupted))
    assert left > 0
    site.slow = 0

    crawls.crawl()

    assert crawls.run_id == interrupted
    crawls.check()
    assert crawls.outcomes() == dict.fromkeys(paths, "pending") | {
        "/laws/": "index",
        "/laws/?page=2": "index",
    }
    if how != signal.SIGKILL:
        assert all(site.asked[path] == 1 for path in paths)


def test_an_index_and_a_redirect_that_a_kill_left_unfollowed_are_followed_without_the_network(
    site: Site, crawls: Crawls
) -> None:
    """As if the process had died between the commit of the record and that of its links."""
    site.articles(3)
    site.pages["/laws/2"].status = 301
    site.pages["/laws/2"].headers["Location"] = "/laws/4"
    site.html("/laws/4", "<p>Here.")
    died = """
import os, signal, sys
import crawlers.__main__ as command
from crawlers.follower import LinkFollower
follow = LinkFollower.follow
def die(self, scheduled, *rest):
    if scheduled.url.endswith(sys.argv[-1]):
        os.kill(os.getpid(), signal.SIGKILL)
    follow(self, scheduled, *rest)
LinkFollower.follow = die
sys.exit(command.main(sys.argv[1:-1]))
"""
    crawls.crawl("/laws/", code=died, exit_code=-9)
    crawls.crawl("/laws/2", code=died, exit_code=-9)

    crawls.crawl()

    crawls.check()
    assert site.asked["/laws/"] == site.asked["/laws/2"] == 1
    assert crawls.outcomes() == {
        "/laws/": "index",
        "/laws/1": "pending",
        "/laws/2": "rejected: moved",
        "/laws/3": "pending",
        "/laws/4": "pending",
    }


def test_a_full_disk_ends_the_crawl_with_code_4_and_the_next_one_goes_on(site: Site, crawls: Crawls) -> None:
    paths = site.articles(8)

    errors = crawls.crawl(code=FULL_DISK, exit_code=4)

    assert "No space left on device" in errors
    assert "Traceback" not in errors
    assert crawls.ledger.waiting(crawls.run_id)
    crawls.crawl()
    crawls.check()
    assert crawls.outcomes() == dict.fromkeys(paths, "pending") | {"/laws/": "index"}


def test_two_crawls_of_a_source_do_not_write_at_once(site: Site, crawls: Crawls) -> None:
    impatient = "import crawlers.__main__ as command\ncommand._LOCK_TIMEOUT_SECONDS = 0.2"
    site.articles(30)
    site.slow = 0.3
    first = crawls.start()
    assert first.stdout
    first.stdout.readline()
    try:
        errors = crawls.crawl(code=impatient, exit_code=2)
        assert str(first.pid) in errors
    finally:
        first.kill()
        first.communicate()


def test_a_limit_narrows_the_run_and_progress_is_a_line_of_json_a_url(site: Site, crawls: Crawls) -> None:
    site.articles(12, per_page=5)

    output, _ = crawls.start("--limit", "7").communicate(timeout=60)

    outcomes = crawls.outcomes()
    assert sorted(outcomes) == ["/laws/", "/laws/1", "/laws/2", "/laws/3", "/laws/4", "/laws/5", "/laws/6",
                                "/laws/7", "/laws/?page=2"]  # fmt: skip
    assert outcomes["/laws/?page=2"] == "index: limit"
    lines = [json.loads(line) for line in output.splitlines()]
    assert [line["done"] for line in lines] == list(range(1, 10))
    assert lines[-1]["scheduled"] == 9
    assert {line["url"] for line in lines} == {f"{site.url}{path}" for path in outcomes}


def test_a_contact_and_a_run_are_needed(site: Site, crawls: Crawls) -> None:
    crawls.declare(contact="")
    assert "TAMIS_CONTACT" in crawls.crawl(exit_code=2)
    assert not site.asked


def test_a_crawl_ends_with_the_parent_that_declared_it(site: Site, crawls: Crawls) -> None:
    site.articles(100, per_page=100)
    site.slow = 0.02
    source = load_source(crawls.declaration)
    crawls.declaration = Path("-")
    process = crawls.start()
    assert process.stdin
    process.stdin.write(f"{source.model_dump_json(exclude_defaults=True)}\n")
    process.stdin.flush()
    assert process.stdout
    process.stdout.readline()
    process.stdin.close()
    process.stdin = None
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert crawls.ledger.waiting(crawls.run_id)


TALKATIVE = """
import crawlers.frontier.forecast
crawlers.frontier.forecast.MIN_TOLD_SECONDS = 0.1
"""


def test_a_crawl_delay_that_makes_the_run_long_is_told_at_its_start(site: Site, crawls: Crawls) -> None:
    site.articles(9)
    site.html("/robots.txt", "")
    site.pages["/robots.txt"].body = b"User-agent: *\nCrawl-delay: 0.05"
    process = crawls.start(code=TALKATIVE)
    written, errors = process.communicate()
    assert process.returncode == 0, errors
    told = [json.loads(line) for line in written.splitlines()]
    (message,) = [line["message"] for line in told if "message" in line]
    assert message.startswith("127.0.0.1: robots.txt asks for 0.05 seconds between requests (Crawl-delay)")
    assert "the 9 URLs that wait there" in message
    assert "url" in told[0]
    assert "Crawl-delay" in (crawls.data / "logs" / f"{crawls.run_id}.log").read_text()
