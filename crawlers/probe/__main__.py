"""Look at one site in this process: `python -m crawlers.probe URL FOLDER`.

What is asked passes the same guards as a crawl: robots.txt, delays, an agent with a contact. What is found
goes to FOLDER/found.json, the pages to be cleaned beside it; a line of JSON a request to standard output.
Ends with 0 when the probe is over, whatever it found, and 2 for unusable arguments.
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

from crawlers.declaration.loading import source_from_url
from crawlers.discovery import Answer, Hint
from crawlers.outcomes import of_failure
from crawlers.permissions import optout
from crawlers.permissions.middleware import PRODUCT
from crawlers.permissions.site_files_cache import Rulebook
from crawlers.probe.asker import MAX_REQUESTS
from crawlers.probe.findings import FOUND, SamplePage
from crawlers.probe.survey import Rules, SurveyResult, survey
from crawlers.settings import settings
from output.base.errors import TamisError
from output.base.escaping import escape, masked
from output.ledger.records import Settled

# One answer may take so long; a crawl has more patience, and asks again.
_TIMEOUT_SECONDS = 20
# AutoThrottle follows a slow server up to a pause of so many seconds.
_MAX_PAUSE = 5.0


class ProbeSpider(Spider):
    """Runs one survey; `surveyed` is what it came to."""

    name = "probe"

    def __init__(self, url: str, rules: Rules) -> None:
        super().__init__()
        self.surveyed: SurveyResult | None = None
        self._url = url
        self._rules = rules
        self._asked = 0

    async def start(self) -> AsyncIterator[Any]:
        """Survey the site. Nothing is left to Scrapy's scheduler: the survey waits for each answer."""
        self.surveyed = await survey(self._url, self._ask, self._rules)
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    async def _ask(self, url: str) -> Answer | Settled:
        self._asked += 1
        line = {"scheduled": MAX_REQUESTS, "done": self._asked, "url": masked(url)}
        print(json.dumps(line), flush=True)  # noqa: T201 - the command's own output
        engine: Any = self.crawler.engine
        try:
            response: Response = await engine.download_async(Request(url, dont_filter=True))
        except Exception as error:  # every failure is told as the ledger would have it
            return of_failure(url, error)
        return Answer(url, response.status, _headers(response), response.body, Hint())


def main(arguments: Sequence[str] | None = None) -> int:
    """Probe, and give the exit code."""
    url, folder = sys.argv[1:] if arguments is None else arguments
    try:
        probe(url, Path(folder))
    except TamisError as error:
        print(escape(masked(str(error)), keep="\n"), file=sys.stderr)  # noqa: T201
        return error.exit_code
    return 0


def probe(url: str, folder: Path) -> None:
    """Survey the site of a URL into a folder. Raises UsageError for a URL that cannot be asked."""
    source = source_from_url(url)
    configured = settings(source, folder) | {
        "SCHEDULER": "scrapy.core.scheduler.Scheduler",
        "DOWNLOAD_TIMEOUT": _TIMEOUT_SECONDS,
        "DOWNLOAD_DELAY": 0.0 if source.crawl.loopback else source.crawl.delay,
        "AUTOTHROTTLE_START_DELAY": 0.0 if source.crawl.loopback else source.crawl.delay,
        "AUTOTHROTTLE_MAX_DELAY": _MAX_PAUSE,
        "RETRY_TIMES": 0,
        "LOG_LEVEL": "ERROR",
    }
    logging.getLogger("scrapy").setLevel(logging.ERROR)
    rulebook = Rulebook(folder / "robots")
    process = AsyncCrawlerProcess(configured)
    crawler = process.create_crawler(ProbeSpider)
    task = process.crawl(crawler, url=source.crawl.start[0], rules=rulebook.look_up)
    process.start()
    if task.done() and not task.cancelled() and (error := task.exception()):
        raise error
    spider: Any = crawler.spider
    if spider.surveyed is None:
        raise TamisError(f"{url}: the probe ended before it was over; ask again")
    _keep(spider.surveyed, folder)


def _keep(surveyed: SurveyResult, folder: Path) -> None:
    samples = []
    for number, page in enumerate(surveyed.pages):
        signal = optout.in_headers(page.headers, PRODUCT) or optout.in_markup(page.body)
        (folder / f"page-{number}").write_bytes(b"" if signal else page.body)
        samples.append(
            SamplePage(
                url=page.url,
                status=page.status,
                headers=page.headers,
                file=f"page-{number}",
                opt_out=signal,
            )
        )
    found = surveyed.found.model_copy(update={"samples": tuple(samples)})
    (folder / FOUND).write_text(found.model_dump_json(), encoding="utf-8")


def _headers(response: Response) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )


if __name__ == "__main__":
    sys.exit(main())
