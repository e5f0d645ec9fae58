"""The forecast of a crawl: how long the crawl-delays of its hosts will take."""

from __future__ import annotations

from crawlers.frontier.queues import HostQueues
from crawlers.permissions.hosts import Hosts

# A shorter wait is not worth a word. A longer one is told once, and again each time it has doubled.
MIN_TOLD_SECONDS = 600.0
_UNITS = (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0))


class Forecast:
    """How long the URLs that wait will take, at hosts whose crawl-delay is longer than the source's delay."""

    def __init__(self, hosts: Hosts, queues: HostQueues, delay: float) -> None:
        self._delay = delay
        self._hosts = hosts
        self._queues = queues
        self._told: dict[str, float] = {}

    def news(self) -> list[str]:
        """Return a message for each host that will take much longer than was told before."""
        messages = []
        for host, delay in self._hosts.crawl_delays.items():
            waiting = self._queues.waiting(host) if delay > self._delay else 0
            seconds = waiting * delay
            if seconds >= max(MIN_TOLD_SECONDS, 2 * self._told.get(host, 0.0)):
                self._told[host] = seconds
                messages.append(
                    f"{host}: robots.txt asks for {delay:g} seconds between requests (Crawl-delay); the "
                    f"{waiting:,} URLs that wait there take about {_duration(seconds)}"
                )
        return messages


def _duration(seconds: float) -> str:
    unit, size = next((unit for unit in _UNITS if seconds >= 2 * unit[1]), _UNITS[-1])
    return f"{seconds / size:.0f} {unit}"
