"""Probe one site in this process: `python -m crawlers.probe URL FOLDER`.

Requests pass the same checks as in a crawl: robots.txt, delays, a User-Agent with a contact. The findings go
to FOLDER/found.json, the pages to be cleaned beside it, and a line of JSON for each request to standard
output. The exit code is 0 when the probe has ended, whatever it found, and 2 for unusable arguments. The
probe stops when its standard input closes.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from crawlers.declaration.loading import Source, source_from_url
from crawlers.declaration.schema import MAX_DELAY_SECONDS
from crawlers.discovery import FetchedPage, Hint
from crawlers.net.download import header_pairs
from crawlers.outcomes import of_failure
from crawlers.parent import end_with_parent
from crawlers.permissions import optout
from crawlers.permissions.hosts import Hosts
from crawlers.permissions.robots import PRODUCT
from crawlers.permissions.site_files_cache import SiteFilesCache
from crawlers.probe.fetcher import MAX_REQUESTS
from crawlers.probe.findings import SURVEY_FILE, SamplePage
from crawlers.probe.survey import ReadSiteFiles, SurveyResult, survey
from crawlers.settings import settings
from output.base.errors import TamisError
from output.base.escaping import escape, masked
from output.ledger.records import Settled

# For a whole response; a crawl waits longer, and retries.
_TIMEOUT_SECONDS = 20
# AutoThrottle's delay for a slow server grows up to this.
_MAX_DELAY_SECONDS = 5.0


class ProbeSpider(Spider):
    """A spider that runs one survey and keeps its `result`."""

    name = "probe"

    def __init__(self, url: str, read_site_files: ReadSiteFiles) -> None:
        super().__init__()
        self.hosts = Hosts(MAX_DELAY_SECONDS)
        self.result: SurveyResult | None = None
        self._url = url
        self._read_site_files = read_site_files
        self._requests = 0

    async def start(self) -> AsyncIterator[Any]:
        """Survey the site. Scrapy's scheduler gets no request: the survey waits for each response itself."""
        self.result = await survey(self._url, self._fetch, self._read_site_files)
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    async def _fetch(self, url: str) -> FetchedPage | Settled:
        self._requests += 1
        line = {"scheduled": MAX_REQUESTS, "done": self._requests, "url": masked(url)}
        print(json.dumps(line), flush=True)  # noqa: T201 - the command's own output
        engine: Any = self.crawler.engine
        try:
            response: Response = await engine.download_async(Request(url, dont_filter=True))
        except Exception as error:  # every failure is reported with its outcome, as in a crawl
            return of_failure(url, error)
        return FetchedPage(url, response.status, header_pairs(response.headers), response.body, Hint())


def main(arguments: Sequence[str] | None = None) -> int:
    """Probe, and return the exit code."""
    end_with_parent()
    url, folder = sys.argv[1:] if arguments is None else arguments
    try:
        probe(url, Path(folder))
    except TamisError as error:
        print(escape(masked(str(error)), keep="\n"), file=sys.stderr)  # noqa: T201
        return error.exit_code
    return 0


def probe(url: str, folder: Path) -> None:
    """Survey the site of a URL into a folder. Raises UsageError for a URL that cannot be crawled."""
    source = source_from_url(url)
    logging.getLogger("scrapy").setLevel(logging.ERROR)
    process = AsyncCrawlerProcess(_settings(source, folder))
    crawler = process.create_crawler(ProbeSpider)
    cache = SiteFilesCache(folder / "robots")
    task = process.crawl(crawler, url=source.crawl.start[0], read_site_files=cache.look_up)
    process.start()
    if task.done() and not task.cancelled() and (error := task.exception()):
        raise error
    spider: Any = crawler.spider
    if spider.result is None:
        raise TamisError(f"{url}: the probe was interrupted; run the same command again")
    _write(spider.result, folder)


def _settings(source: Source, folder: Path) -> dict[str, Any]:
    """Return a crawl's settings, changed for a few requests that a person waits for."""
    delay = 0.0 if source.crawl.loopback else source.crawl.delay
    return settings(source, folder) | {
        "SCHEDULER": "scrapy.core.scheduler.Scheduler",
        "DOWNLOAD_TIMEOUT": _TIMEOUT_SECONDS,
        "DOWNLOAD_DELAY": delay,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": _MAX_DELAY_SECONDS,
        "RETRY_TIMES": 0,
        "LOG_LEVEL": "ERROR",
    }


def _write(result: SurveyResult, folder: Path) -> None:
    """Write the survey and the bodies of the sample pages, without those that opt out."""
    samples = []
    for number, page in enumerate(result.pages):
        signal = optout.in_headers(page.headers, PRODUCT) or optout.in_markup(page.body)
        file = f"page-{number}"
        (folder / file).write_bytes(b"" if signal else page.body)
        samples.append(
            SamplePage(url=page.url, status=page.status, headers=page.headers, file=file, opt_out=signal)
        )
    found = result.survey.model_copy(update={"samples": tuple(samples)})
    (folder / SURVEY_FILE).write_text(found.model_dump_json(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
