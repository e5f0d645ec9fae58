"""Discovery in saved pages: WARC files and folders, each an index of its pages; no request is sent."""

from __future__ import annotations

from pathlib import Path

from crawlers.declaration.schema import Source
from crawlers.discovery.links import Hint, Link

FORM = "saved"


def start(source: Source) -> list[Link]:
    """Return the declared files as file: URLs, which no crawl requests; `crawlers.replay` reads them."""
    uris = (Path(name).as_uri() for name in source.crawl.saved)
    return [Link(uri, "index", Hint(FORM, start=uri)) for uri in uris]
