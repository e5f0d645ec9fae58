"""Scrapy's settings for one source: Scrapy 2.19's defaults, hardened, each change with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crawlers.declaration.schema import Source
from crawlers.declaration.user_agent import user_agent

# No page that a person wrote is larger; the limit holds for the body as sent and as decompressed.
MAX_BODY_BYTES = 16 * 1024 * 1024
# For a whole response, so that a server that sends a byte a second does not hold the crawl up for long.
TIMEOUT_SECONDS = 60
# Room for the bodies of all open requests (crawlers/frontier/queues.py) and the interpreter; a crawl that
# needs more has a leak.
MAX_MEMORY_MB = 1024
# Scrapy's default limit for the delay that AutoThrottle chooses, which a longer declared delay raises.
_AUTOTHROTTLE_MAX_DELAY_SECONDS = 60.0


def settings(source: Source, data: Path) -> dict[str, Any]:
    """Return the settings for a crawl of a source into a data folder. Raises UsageError without a contact."""
    return {
        **_headers(source),
        **_COMPONENTS,
        **_limits(),
        **_politeness(source),
        **_network_protection(source),
        "TAMIS_SITE_FILES_CACHE": str(data / "robots"),
    }


def _headers(source: Source) -> dict[str, Any]:
    return {
        "USER_AGENT": user_agent(source),
        "DEFAULT_REQUEST_HEADERS": {
            # Every type is accepted: what is not HTML is archived, and rejected with its type.
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": ", ".join([*source.about.language, "*;q=0.5"]),
        },
    }


_COMPONENTS = {
    # The ledger is the frontier: it knows what was scheduled, over all runs and after a kill.
    "SCHEDULER": "crawlers.scheduler.LedgerScheduler",
    "DOWNLOADER_MIDDLEWARES": {
        "crawlers.permissions.middleware.RobotsMiddleware": 100,
        "crawlers.permissions.throttle.PatientRetry": 550,
        "crawlers.net.download.Decompression": 590,
        # Replaced by the three above, or not wanted: redirects are URLs of their own, there are no cookies
        # and no passwords, and a proxy from the environment would bypass the check of addresses.
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
    # The spider handles every status and schedules in the ledger, which leaves nothing for these to do.
    "SPIDER_MIDDLEWARES": {
        "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
        "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
        "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    },
    "EXTENSIONS": {
        "crawlers.permissions.throttle.HostThrottle": 0,
        "scrapy.extensions.throttle.AutoThrottle": None,
        "crawlers.memory.CurrentMemoryUsage": 0,
        "scrapy.extensions.memusage.MemoryUsage": None,
        "scrapy.extensions.feedexport.FeedExporter": None,
    },
    # Only the web, and headers of a limited size.
    "DOWNLOAD_HANDLERS": {
        "http": "crawlers.net.download.HeaderLimitHandler",
        "https": "crawlers.net.download.HeaderLimitHandler",
        "data": None,
        "file": None,
        "ftp": None,
        "s3": None,
    },
    # Both run Python for whoever connects, and a crawl needs neither.
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    # crawlers.__main__ sets up the log: escaped, and in the data folder.
    "LOG_INSTALL_ROOT_HANDLER": False,
    "LOGSTATS_INTERVAL": 0,
    "STATS_DUMP": False,
}


def _limits() -> dict[str, Any]:
    return {
        # There are no items; Scrapy starts that many tasks for every response.
        "CONCURRENT_ITEMS": 1,
        "DOWNLOAD_MAXSIZE": MAX_BODY_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": TIMEOUT_SECONDS,
        "MEMUSAGE_LIMIT_MB": MAX_MEMORY_MB,
        "MEMUSAGE_CHECK_INTERVAL_SECONDS": 5.0,
    }


def _politeness(source: Source) -> dict[str, Any]:
    delay, concurrency = source.crawl.delay, source.crawl.concurrency
    return {
        # The frontier bounds how many are open at the same time, so that slow hosts never hold them all.
        "CONCURRENT_REQUESTS": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "DOWNLOAD_DELAY": delay,
        # With Scrapy's jitter, two requests may be closer to each other than the delay.
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": max(delay, _AUTOTHROTTLE_MAX_DELAY_SECONDS),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(concurrency),
        "RETRY_TIMES": 2,
    }


def _network_protection(source: Source) -> dict[str, Any]:
    return {
        # By default Scrapy accepts any certificate.
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        # Names are resolved anew for each connection, and only to addresses that may be connected to.
        "TWISTED_DNS_RESOLVER": "crawlers.net.addresses.GuardedResolver",
        "TAMIS_LOOPBACK": source.crawl.loopback,
    }
