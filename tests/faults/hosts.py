"""Crawls of many hosts that are all this machine: `NAMES.localhost` leads to the loopback address."""

from __future__ import annotations

from collections import defaultdict

# Runs the crawl, and tells on standard error when which host is asked.
NAMED = """
import socket, sys
import crawlers.__main__ as command
from twisted.internet._resolver import GAIResolver
def resolve(host, *rest, **named):
    return socket.getaddrinfo("127.0.0.1", *rest, **named)
GAIResolver.__init__.__defaults__ = (None, resolve)
from time import monotonic
from scrapy.core.downloader.handlers import DownloadHandlers
download = DownloadHandlers.download_request_async
def asked(self, request):
    print("ASKED", request.meta["download_slot"], monotonic(), request.url, file=sys.stderr)
    return download(self, request)
DownloadHandlers.download_request_async = asked
sys.exit(command.main())
"""


def asked(errors: str) -> dict[str, list[float]]:
    """The moments at which each host was asked, in seconds of the crawl's clock."""
    moments: dict[str, list[float]] = defaultdict(list)
    for host, moment, _ in _lines(errors):
        moments[host].append(float(moment))
    return moments


def asked_urls(errors: str) -> list[str]:
    """The URLs that were asked for, in their order."""
    return [url for _, _, url in _lines(errors)]


def _lines(errors: str) -> list[list[str]]:
    return [line.split()[1:] for line in errors.splitlines() if line.startswith("ASKED ")]
