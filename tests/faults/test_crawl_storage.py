"""A locked ledger, a clock that jumps, an edited source: a clear end, and the next run goes on."""

from __future__ import annotations

import sqlite3

from tests.unit.crawlers.rig import Crawls, Site

IMPATIENT = """
import sys
import output.ledger.sql.database as database
database.LOCK_SECONDS = 0.2
import crawlers.__main__ as command
sys.exit(command.main())
"""

# The disk has room for two more pages of the ledger.
FULL = """
import sqlite3, sys
import crawlers.__main__ as command
connect = sqlite3.dbapi2.connect
def full(*arguments, **named):
    made = connect(*arguments, **named)
    pages, = made.execute("PRAGMA page_count").fetchone()
    made.execute(f"PRAGMA max_page_count={pages + 2}")
    return made
sqlite3.dbapi2.connect = full
sys.exit(command.main())
"""

# The clock that stamps what is fetched stands {days} days off.
JUMPED = """
import sys, datetime
import crawlers.__main__ as command
import crawlers.frontier.frontier as frontier
import crawlers.spider as spider
class Jumped(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(days={days})
spider.datetime = frontier.datetime = Jumped
sys.exit(command.main())
"""


def test_a_locked_ledger_ends_the_crawl_with_code_4_and_the_next_goes_on(site: Site, crawls: Crawls) -> None:
    paths = site.articles(20)
    site.slow = 0.05
    process = crawls.start(code=IMPATIENT)
    assert process.stdout
    process.stdout.readline()
    other = sqlite3.connect(crawls.data / "ledger.sqlite", isolation_level=None, timeout=30)
    other.execute("BEGIN IMMEDIATE")
    _, errors = process.communicate()
    other.execute("ROLLBACK")
    other.close()
    assert process.returncode == 4
    assert "another process keeps it locked" in errors
    assert "Traceback" not in errors

    crawls.crawl()

    crawls.check()
    assert crawls.outcomes() == dict.fromkeys(paths, "pending") | {
        "/laws/": "index",
        "/laws/?page=2": "index",
    }


def test_a_disk_too_full_for_the_ledger_ends_the_crawl_with_code_4_and_the_next_goes_on(
    site: Site, crawls: Crawls
) -> None:
    paths = site.articles(60, per_page=60)
    errors = crawls.crawl(code=FULL, exit_code=4)
    assert "the disk is full: make room, then run the same command again" in errors
    assert "Traceback" not in errors

    crawls.crawl()

    crawls.check()
    assert crawls.outcomes() == dict.fromkeys(paths, "pending") | {"/laws/": "index"}


def test_a_clock_that_jumps_makes_no_page_rest_for_ever(site: Site, crawls: Crawls) -> None:
    paths = site.articles(3)
    for days in (0, 3650, -3650, 20):
        crawls.crawl(code=JUMPED.format(days=days))
        crawls.check()
        assert set(crawls.outcomes()) == {"/laws/", *paths}, days
        crawls.finish()


def test_a_page_that_stays_the_same_rests_until_it_is_due_or_said_to_have_changed(
    site: Site, crawls: Crawls
) -> None:
    paths = site.articles(3)
    for days, asked in (
        (0, paths),
        (100, paths),
        (105, []),
        (111, paths),
        (300, paths),
        (325, []),
        (331, paths),
    ):
        crawls.crawl(code=JUMPED.format(days=days))
        crawls.check()
        assert set(crawls.outcomes()) == {"/laws/", *asked}, days
        crawls.finish()


def test_a_source_that_is_edited_meanwhile_is_crawled_on_by_its_new_words(site: Site, crawls: Crawls) -> None:
    paths = site.articles(20)
    site.slow = 0.02
    process = crawls.start()
    assert process.stdout
    for _ in range(5):
        process.stdout.readline()
    crawls.declare(deny="/laws/1")  # the crawl that runs has read its declaration
    process.communicate()
    assert process.returncode == 0
    crawls.check()
    assert set(paths) <= set(crawls.outcomes())

    crawls.finish()
    crawls.crawl()

    crawls.check()
    wanted = {path for path in paths if not path.startswith("/laws/1")}
    assert set(crawls.outcomes()) == {"/laws/", "/laws/?page=2", *wanted}
