"""The downloader middleware that reads a site's robots.txt and tdmrep.json before its pages, once a day."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.net.addresses import literal_refused, was_refused
from crawlers.net.download import describe
from crawlers.permissions import optout
from crawlers.permissions.refusal import Postponed, Refused
from crawlers.permissions.robots import CLOSED, PARSED_BYTES, PRODUCT, Robots
from crawlers.permissions.site_files_cache import CACHE_SECONDS, SiteFiles, SiteFilesCache
from crawlers.permissions.throttle import AHEAD_SECONDS, HostThrottle, is_from_frontier, throttle_of
from output.base.records import Outcome
from output.ledger.records import OPT_OUT
from web.urls import Url, canonical_header, parse

# RFC 9309, 2.3.1.2: at least five redirects are followed.
MAX_REDIRECTS = 5
# RFC 9309 takes a 4xx as "all allowed". This one says that the host is overloaded, as a 5xx does.
TOO_MANY_REQUESTS = 429
# The frontier hands a request out a little before it is due, so that a longer wait is a new one.
_EARLY_SECONDS = 2 * AHEAD_SECONDS


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What a site allows. Without a robots.txt, `closed` is the outcome of all its URLs."""

    robots: Robots
    reservations: tuple[optout.Reservation, ...] = ()
    closed: tuple[Outcome, str, str] | None = None
    read_at: float = 0.0

    def refusal(self, url: str) -> Refused | None:
        """Return why a URL must not be requested; None where it may."""
        if self.closed is not None:
            return Refused(*self.closed)
        rule = self.robots.verdict(url)
        if rule is not None and not rule.allow:
            return Refused(Outcome.REFUSED, "robots", f"Disallow: {rule.pattern}")
        if optout.is_reserved(url, self.reservations):
            return Refused(Outcome.REFUSED, OPT_OUT, "/.well-known/tdmrep.json: tdm-reservation 1")
        return None


class RobotsMiddleware:
    """A downloader middleware that stops every request that its site does not allow."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._loopback = crawler.settings.getbool("TAMIS_LOOPBACK")
        self._cache = SiteFilesCache(Path(crawler.settings["TAMIS_SITE_FILES_CACHE"]))
        self._rules: dict[str, asyncio.Task[SiteRules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware, as Scrapy does."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Request | None:
        """Raise Refused for a URL that must not be requested; return it where that must not be yet."""
        url = parse(request.url)
        if url is None or literal_refused(url, loopback=self._loopback):
            raise Refused(Outcome.REFUSED, "address", "not an http or https URL of a global address")
        if request.meta.get("is_site_file"):
            return None
        host = url.host.strip("[]")
        self._raise_if_left(host)
        try:
            rules = await self._site_rules(url)
        except Postponed:
            return request
        self._raise_if_left(host)
        if refusal := rules.refusal(request.url):
            raise refusal
        # Reading the rules takes time, and the crawl-delay is new: others are asked meanwhile.
        is_early = self._throttle.due_at(host) > monotonic() + _EARLY_SECONDS
        return request if is_early and is_from_frontier(request) else None

    def _raise_if_left(self, host: str) -> None:
        if deferral := self._throttle.hosts.left.get(host):
            raise deferral.refusal()

    @property
    def _throttle(self) -> HostThrottle:
        return throttle_of(self._crawler)

    async def _site_rules(self, url: Url) -> SiteRules:
        """Return the rules of a URL's site; requests that arrive while they are read wait for them.

        Raises Postponed where the site asks for a pause before it gives them.
        """
        task = self._rules.get(url.root)
        if task is None or (task.done() and time() - task.result().read_at > CACHE_SECONDS):
            task = self._rules[url.root] = asyncio.ensure_future(self._read(url))
        try:
            return await task
        except Postponed:
            if self._rules.get(url.root) is task:
                del self._rules[url.root]
            raise

    async def _read(self, url: Url) -> SiteRules:
        """Read a site's rules from the cache or the network, and tell the throttle its crawl-delay."""
        files = self._cache.look_up(url.root) or await self._fetch_files(url)
        if isinstance(files, SiteRules):
            return files
        robots = Robots.parse(files.robots.encode("latin-1"), PRODUCT)
        if robots.delay:
            self._throttle.set_crawl_delay(url.host.strip("[]"), robots.delay)
        reservations = optout.read_reservations(files.tdmrep.encode("latin-1"))
        return SiteRules(robots, reservations, read_at=files.read_at)

    async def _fetch_files(self, url: Url) -> SiteFiles | SiteRules:
        """Fetch a site's two files; without a usable robots.txt, return rules that close the site.

        Raises Postponed where the site asks for a pause.
        """
        location = f"{url.root}robots.txt"
        try:
            response = await self._fetch(location)
        except (Postponed, Refused):
            raise
        except Exception as error:  # every failure has the same consequence, and the detail names it
            return _closed(describe(error), location)
        if response.status < 200 or response.status >= 500 or response.status == TOO_MANY_REQUESTS:
            return _closed(f"HTTP {response.status}", location)
        # The rest is not parsed: a UTF-16 file has a BOM and at most two octets for each parsed one.
        robots = response.body[: 2 * PARSED_BYTES + 4] if response.status < 300 else b""
        may_ask = Robots.parse(robots, PRODUCT).allows(f"{url.root}.well-known/tdmrep.json")
        tdmrep = await self._fetch_tdmrep(url) if may_ask else b""
        files = SiteFiles(url.root, robots.decode("latin-1"), tdmrep.decode("latin-1"), time())
        self._cache.keep(files)
        return files

    async def _fetch_tdmrep(self, url: Url) -> bytes:
        try:
            response = await self._fetch(f"{url.root}.well-known/tdmrep.json")
        except (Postponed, Refused):
            raise
        except Exception:  # a site that does not answer there reserves nothing there
            return b""
        return response.body if response.status == 200 else b""

    async def _fetch(self, location: str) -> Response:
        """Fetch one of the two files through at most five redirects; a sixth is returned as it is."""
        for _ in range(MAX_REDIRECTS + 1):
            request = Request(location, meta={"is_site_file": True}, dont_filter=True)
            response: Response = await self._crawler.engine.download_async(request)
            target = (response.headers.get("Location") or b"").decode("latin-1")
            following = (
                canonical_header(target, location) if 300 <= response.status < 400 and target else None
            )
            if following is None:
                break
            location = following
        return response


def _closed(why: str, location: str) -> SiteRules:
    """Return rules that close a site without a usable robots.txt.

    Its URLs fail rather than being refused, so that the operator hears of it.
    """
    if was_refused(location):
        closed = (Outcome.REFUSED, "address", "resolves to an address that is not on the internet")
    else:
        detail = f"robots.txt: {why}; {CLOSED}"
        closed = (Outcome.FAILED, "robots_unreachable", detail)
    return SiteRules(Robots(), closed=closed, read_at=time())
