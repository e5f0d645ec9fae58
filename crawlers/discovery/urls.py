"""A list of URLs: they are the pages, and nothing is followed."""

from __future__ import annotations

from crawlers.declaration.schema import Source
from crawlers.discovery.links import Link


def start(source: Source) -> list[Link]:
    """The declared URLs."""
    return [Link(url) for url in source.crawl.start]
