"""Crawl one source in this process: `python -m crawlers --source FILE --data DIR --run RUN_ID`.

FILE may be a URL, or - for the declaration as a line of JSON on standard input: the crawl then stops
when that pipe closes. A line of JSON a URL goes to standard output, the log to DIR/logs/RUN_ID.log.
Ends with 0 when the frontier is empty, 2 for unusable arguments, 4 when storage fails, 130 when it
was interrupted: then what is left waits in the ledger, and the same command goes on.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess

from crawlers.declaration.loading import Source, find_source
from crawlers.declaration.schema import SAVED
from crawlers.frontier.frontier import Frontier, RunLimits
from crawlers.recorder import Recorder
from crawlers.replay import replay
from crawlers.settings import settings
from crawlers.spider import SourceSpider
from output.archive.archive import ArchiveWriter
from output.base.errors import StorageError, TamisError, UsageError
from output.base.escaping import EscapingFormatter, masked
from output.base.lock import locked
from output.ledger.ledger import Ledger
from output.stores import stores

INTERRUPTED = 130

# An interrupted crawl lets go of its lock when its last answer is in; a second one waits that long.
_LOCK_SECONDS = 5.0


class Interrupted(Exception):
    """The crawl was asked to stop; what is left waits in the ledger."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Crawl, and give the exit code."""
    # Until Scrapy takes the signals over, both interrupt.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _parser().parse_args(arguments)
    try:
        source = _from_parent() if options.source == "-" else find_source(options.source, [])
        crawl(source, options.data, options.run, RunLimits(options.limit, options.since))
    except (KeyboardInterrupt, Interrupted, BrokenPipeError):
        return INTERRUPTED
    except TamisError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's own output
        return error.exit_code
    return 0


def crawl(source: Source, data: Path, run_id: str, bounds: RunLimits) -> None:
    """Crawl a run of a source until nothing waits.

    Raises UsageError for a run or a contact that is not there, Busy where another process crawls
    the source, StorageError where something cannot be kept, Interrupted when a signal came.
    """
    is_saved = source.crawl.discover in SAVED
    configured = {} if is_saved else settings(source, data)
    archive = data / "archive"
    with closing(Ledger(stores(data).ledger)) as ledger, _writable(archive / source.id):
        run = ledger.run(run_id)
        if run.source_id != source.id:
            raise UsageError(f"run {run_id} is one of source {run.source_id}, not of {source.id}")
        _log_to(data / "logs" / f"{run_id}.log")
        frontier = Frontier(ledger, source, run_id, bounds)
        writer = ArchiveWriter(
            archive, source.id, run_id=run_id, end_of=ledger.archive_end, closed=ledger.close_file
        )
        with closing(writer):
            recorder = Recorder(source, run_id, ledger, frontier, writer, archive)
            frontier.begin()
            recorder.finish_what_was_begun()
            if is_saved:
                replay(source, run_id, ledger, frontier, recorder, _progress)
            else:
                spider, reason = _run(configured, source.id, ledger, frontier, recorder)
                if spider.stopped_by is None:
                    recorder.commit()
                _judge(spider, reason, run_id)
        _nothing_left(ledger, run_id)


def _from_parent() -> Source:
    """The declaration as a line of JSON on standard input; when that pipe closes, the parent is gone.

    Raises UsageError where the line is none.
    """
    # Unbuffered: a buffer's lock, held by the thread that waits for the end, would bar the interpreter's.
    pipe = sys.stdin.fileno()
    line = b""
    while not line.endswith(b"\n") and (piece := os.read(pipe, 65536)):
        line += piece
    try:
        source = Source.model_validate_json(line)
    except ValidationError as error:
        raise UsageError(f"standard input is no declaration in JSON: {error}") from error

    def watch() -> None:
        while os.read(pipe, 65536):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
    return source


def _run(
    configured: dict[str, Any], source_id: str, ledger: Ledger, frontier: Frontier, recorder: Recorder
) -> tuple[SourceSpider, str]:
    """Run Scrapy; gives the spider, and the word with which Scrapy closed it."""
    reasons: list[str] = []
    process = AsyncCrawlerProcess(configured)
    # Scrapy sets its own loggers to DEBUG: three records a request that nobody keeps.
    logging.getLogger("scrapy").setLevel(logging.INFO)
    crawler = process.create_crawler(SourceSpider)

    def closed(reason: str) -> None:
        reasons.append(reason)

    crawler.signals.connect(closed, signals.spider_closed)
    task = process.crawl(
        crawler, source_id=source_id, ledger=ledger, frontier=frontier, recorder=recorder, progress=_progress
    )
    process.start()
    if task.done() and not task.cancelled() and (error := task.exception()):
        raise error
    spider: Any = crawler.spider
    return spider, reasons[0] if reasons else "shutdown"


def _judge(spider: SourceSpider, reason: str, run_id: str) -> None:
    """Raise what ended the crawl, if it was not that nothing waits any more."""
    if spider.stopped_by is not None:
        raise spider.stopped_by
    if reason == "shutdown":
        raise Interrupted
    if reason != "finished":
        raise TamisError(f"the crawl of run {run_id} ended with {reason}: run the same command again")


def _nothing_left(ledger: Ledger, run_id: str) -> None:
    left = ledger.waiting(run_id)
    if left:
        urls = ", ".join(scheduled.url for scheduled in left[:5])
        raise StorageError(f"run {run_id}: {len(left)} URLs were scheduled and never dealt with: {urls}")


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Hold a source's archive for this process alone, in which nobody else may then write."""
    try:
        with locked(folder, wait=_LOCK_SECONDS):
            yield
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise StorageError(
            f"{error.filename or folder}: {error.strerror}: make room or mend it, then run again"
        ) from error


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    handler.setLevel(logging.INFO)
    handler.setFormatter(EscapingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def _progress(scheduled: int, done: int, url: str) -> None:
    print(json.dumps({"scheduled": scheduled, "done": done, "url": masked(url)}), flush=True)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m crawlers", description="Crawl one source.")
    parser.add_argument(
        "--source", required=True, metavar="FILE", help="its declaration, a URL, or - for JSON on stdin"
    )
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="the data folder")
    parser.add_argument("--run", required=True, metavar="RUN_ID", help="a run that the ledger holds")
    parser.add_argument("--limit", type=_positive, metavar="N", help="schedule at most N pages")
    parser.add_argument(
        "--since", type=date.fromisoformat, metavar="DATE", help="pages changed since, YYYY-MM-DD"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return number


if __name__ == "__main__":
    sys.exit(main())
