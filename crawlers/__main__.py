"""Crawl one source in this process: `python -m crawlers --source FILE --data DIR --run RUN_ID`.

FILE may be a URL, or - for the declaration as one line of JSON on standard input: then the crawl stops when
that pipe closes. Progress goes to standard output as JSON, a line for each URL, and one for each message to
the operator; the log to DIR/logs/RUN_ID.log. The exit code is 0 when no URL waits any more, 2 for unusable
arguments, 4 when storage fails, 130 when the crawl was interrupted. After any of them, the same command
continues with what waits in the ledger.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess

from crawlers.declaration.loading import Source, find_source
from crawlers.declaration.schema import OFFLINE_METHODS
from crawlers.follower import LinkFollower
from crawlers.frontier.frontier import Frontier, RunLimits
from crawlers.parent import STOP_SECONDS, end_with_parent
from crawlers.recorder import Recorder
from crawlers.replay import replay
from crawlers.settings import settings
from crawlers.spider import SourceSpider
from output.archive.archive import ArchiveWriter
from output.base.errors import StorageError, TamisError, UsageError
from output.base.escaping import EscapingFormatter, masked
from output.base.lock import locked
from output.base.wording import counted
from output.ledger.ledger import Ledger
from output.stores import stores

INTERRUPTED = 130

# An interrupted crawl releases its lock after its last response, and one whose parent was killed ends after
# STOP_SECONDS: the next crawl waits for that.
_LOCK_TIMEOUT_SECONDS = STOP_SECONDS + 5.0


class Interrupted(Exception):
    """The crawl was asked to stop; what is left waits in the ledger."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Crawl, and return the exit code."""
    # Until Scrapy handles the signals, SIGTERM interrupts as SIGINT does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _parser().parse_args(arguments)
    try:
        source = _source_from_stdin() if options.source == "-" else find_source(options.source, [])
        crawl(source, options.data, options.run, RunLimits(options.limit, options.since))
    except (KeyboardInterrupt, Interrupted, BrokenPipeError):
        return INTERRUPTED
    except TamisError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's own output
        return error.exit_code
    return 0


def crawl(source: Source, data: Path, run_id: str, limits: RunLimits) -> None:
    """Crawl a source until no URL of the run waits.

    Raises UsageError for an unknown run or a missing contact, and Busy where another process crawls it.
    Raises StorageError where something cannot be written, and Interrupted after a signal.

    """
    is_offline = source.crawl.discover in OFFLINE_METHODS
    scrapy_settings = {} if is_offline else settings(source, data)
    archive = data / "archive"
    with closing(Ledger(stores(data).ledger)) as ledger, _locked(archive / source.id):
        _check_run(ledger, run_id, source)
        _log_to(data / "logs" / f"{run_id}.log")
        frontier = Frontier(ledger, source, run_id, limits)
        follower = LinkFollower(source, run_id, ledger, frontier, archive)
        writer = ArchiveWriter(
            archive, source.id, run_id=run_id, end_of=ledger.archive_end, closed=ledger.close_file
        )
        with closing(writer):
            recorder = Recorder(run_id, ledger, frontier, follower, writer)
            frontier.begin()
            follower.resume()
            if is_offline:
                replay(source, run_id, ledger, frontier, recorder, _print_progress)
            else:
                spider, reason = _run_spider(scrapy_settings, source.id, ledger, frontier, recorder)
                if spider.stopped_by is None:
                    recorder.commit()
                _raise_early_end(spider, reason, run_id)
        _check_nothing_waits(ledger, run_id)


def _source_from_stdin() -> Source:
    """Read the declaration as one line of JSON from standard input, and watch for the end of that pipe.

    Raises UsageError where the line is not a declaration.
    """
    # Unbuffered: what follows the line is for the thread that watches the pipe.
    pipe = sys.stdin.fileno()
    line = b""
    while not line.endswith(b"\n") and (piece := os.read(pipe, 65536)):
        line += piece
    try:
        source = Source.model_validate_json(line)
    except ValidationError as error:
        raise UsageError(f"standard input: is not a declaration in JSON: {error}") from error

    end_with_parent()
    return source


def _check_run(ledger: Ledger, run_id: str, source: Source) -> None:
    run = ledger.run(run_id)
    if run.source_id != source.id:
        raise UsageError(f"run {run_id} belongs to source {run.source_id}, not to {source.id}")


def _run_spider(
    scrapy_settings: dict[str, Any], source_id: str, ledger: Ledger, frontier: Frontier, recorder: Recorder
) -> tuple[SourceSpider, str]:
    """Run Scrapy; returns the spider and the reason for which Scrapy closed it."""
    reasons: list[str] = []
    process = AsyncCrawlerProcess(scrapy_settings)
    # Scrapy sets its loggers to DEBUG, which makes three records a request that nobody reads.
    logging.getLogger("scrapy").setLevel(logging.INFO)
    crawler = process.create_crawler(SourceSpider)

    def note_reason(reason: str) -> None:
        reasons.append(reason)

    crawler.signals.connect(note_reason, signals.spider_closed)
    task = process.crawl(
        crawler,
        source_id=source_id,
        ledger=ledger,
        frontier=frontier,
        recorder=recorder,
        progress=_print_progress,
        tell=_print_message,
    )
    process.start()
    if task.done() and not task.cancelled() and (error := task.exception()):
        raise error
    spider: Any = crawler.spider
    return spider, reasons[0] if reasons else "shutdown"


def _raise_early_end(spider: SourceSpider, reason: str, run_id: str) -> None:
    """Raise the error or the signal that ended the crawl before all URLs were fetched."""
    if spider.stopped_by is not None:
        raise spider.stopped_by
    if reason == "shutdown":
        raise Interrupted
    if reason != "finished":
        raise TamisError(f"the crawl of run {run_id} ended early ({reason}): run the same command again")


def _check_nothing_waits(ledger: Ledger, run_id: str) -> None:
    left = ledger.waiting(run_id)
    if left:
        urls = ", ".join(scheduled.url for scheduled in left[:5])
        raise StorageError(
            f"run {run_id}: {counted(len(left), 'URL')} scheduled, but without an outcome, such as {urls}: "
            "run the same command again"
        )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock a source's archive, so that no other process writes there; raises StorageError for an OSError."""
    try:
        with locked(folder, wait=_LOCK_TIMEOUT_SECONDS):
            yield
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise StorageError(
            f"{error.filename or folder}: {error.strerror}: free space or repair it, then run again"
        ) from error


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    handler.setLevel(logging.INFO)
    handler.setFormatter(EscapingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def _print_progress(scheduled: int, done: int, url: str) -> None:
    print(json.dumps({"scheduled": scheduled, "done": done, "url": masked(url)}), flush=True)  # noqa: T201


def _print_message(message: str) -> None:
    print(json.dumps({"message": masked(message)}), flush=True)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m crawlers", description="Crawl one source.")
    parser.add_argument(
        "--source",
        required=True,
        metavar="FILE",
        help="the source's TOML file, a URL, or - for JSON on standard input",
    )
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="the data folder")
    parser.add_argument("--run", required=True, metavar="RUN_ID", help="the id of a run in the ledger")
    parser.add_argument("--limit", type=_positive, metavar="N", help="schedule at most N pages")
    parser.add_argument(
        "--since",
        type=date.fromisoformat,
        metavar="DATE",
        help="only pages changed on or after this day, YYYY-MM-DD",
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


if __name__ == "__main__":
    sys.exit(main())
