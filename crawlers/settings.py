"""Scrapy's settings for one source: Scrapy 2.19's defaults, hardened, each change with its reason."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crawlers.declaration.schema import Source
from crawlers.permissions.middleware import PRODUCT
from output.base.errors import UsageError

# A page beyond this is no text that anybody wrote; it bounds both what comes and what it opens to.
MAX_BODY_BYTES = 16 * 1024 * 1024
# For a whole answer, so that a server which drips a byte a second holds nothing up for long.
TIMEOUT_SECONDS = 60
# Sixteen bodies opened at once, the interpreter and room; a crawl that needs more has a leak.
MAX_MEMORY_MB = 1024


def user_agent(source: Source) -> str:
    """The honest name of the crawler with somebody to write to. Raises UsageError where nobody is given."""
    contact = (source.crawl.contact or os.environ.get("TAMIS_CONTACT", "")).strip()
    if not contact:
        raise UsageError(
            "a crawler tells whom to write to: set TAMIS_CONTACT to a mail address or a URL "
            f"(export TAMIS_CONTACT=you@example.org), or contact in [crawl] of {source.origin or source.id}"
        )
    if not contact.isascii() or not contact.isprintable():
        raise UsageError(
            f"the contact {contact!r} must be printable ASCII: it goes into the User-Agent header"
        )
    return f"{PRODUCT}/{version('tamis')} (+{contact})"


def settings(source: Source, data: Path) -> dict[str, Any]:
    """The settings of a crawl of that source into that folder. Raises UsageError where no contact is set."""
    return {
        "USER_AGENT": user_agent(source),
        "DEFAULT_REQUEST_HEADERS": {
            # Any type is taken: what is no HTML is archived, and rejected by its name.
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": ", ".join([*source.source.language, "*;q=0.5"]),
        },
        # The ledger is the frontier: it knows what was scheduled, over runs and after a kill.
        "SCHEDULER": "crawlers.scheduler.LedgerScheduler",
        "DOWNLOADER_MIDDLEWARES": {
            "crawlers.permissions.middleware.RobotsMiddleware": 100,
            "crawlers.permissions.throttle.PatientRetry": 550,
            "crawlers.net.download.Decompression": 590,
            # Replaced by the three above, or not wanted: redirects are URLs of their own, no cookies,
            # no passwords, and a proxy from the environment would connect where no guard looks.
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
            "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
            "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
        },
        # The spider answers for every status and schedules in the ledger; nothing is left for these to do.
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
            "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
            "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
        },
        "EXTENSIONS": {
            "crawlers.permissions.throttle.HostThrottle": 0,
            "scrapy.extensions.throttle.AutoThrottle": None,
            "crawlers.memory.MemoryNow": 0,
            "scrapy.extensions.memusage.MemoryUsage": None,
            "scrapy.extensions.feedexport.FeedExporter": None,
        },
        # Only the web, and headers with an end.
        "DOWNLOAD_HANDLERS": {
            "http": "crawlers.net.download.CappedHandler",
            "https": "crawlers.net.download.CappedHandler",
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        # No items; Scrapy starts as many tasks for every answer.
        "CONCURRENT_ITEMS": 1,
        "DOWNLOAD_MAXSIZE": MAX_BODY_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": TIMEOUT_SECONDS,
        # By default Scrapy accepts any certificate.
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        # Names are resolved anew for each connection, and only to addresses that may be connected to.
        "TWISTED_DNS_RESOLVER": "crawlers.net.addresses.GuardedResolver",
        "TAMIS_LOOPBACK": source.crawl.loopback,
        "TAMIS_RULEBOOK": str(data / "robots"),
        # Politeness. Without jitter no two requests are closer than the delay; with Scrapy's they may be.
        "CONCURRENT_REQUESTS_PER_DOMAIN": source.crawl.concurrency,
        "DOWNLOAD_DELAY": source.crawl.delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": source.crawl.delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(source.crawl.concurrency),
        "RETRY_TIMES": 2,
        # Doors that a crawl does not need: both run Python for whoever connects.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "MEMUSAGE_LIMIT_MB": MAX_MEMORY_MB,
        "MEMUSAGE_CHECK_INTERVAL_SECONDS": 5.0,
        # The log is set up by crawlers.__main__, escaped and in the data folder.
        "LOG_INSTALL_ROOT_HANDLER": False,
        "LOGSTATS_INTERVAL": 0,
        "STATS_DUMP": False,
    }
