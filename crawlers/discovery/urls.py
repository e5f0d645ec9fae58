"""Discovery from a list of URLs: these are the pages, and no link is followed."""

from __future__ import annotations

from crawlers.declaration.schema import Source
from crawlers.discovery.links import Link


def start(source: Source) -> list[Link]:
    """Return the declared URLs."""
    return [Link(url) for url in source.crawl.start]
