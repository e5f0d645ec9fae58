"""Saved pages: WARC files and folders, each an index of the pages in it; nobody is asked."""

from __future__ import annotations

from pathlib import Path

from crawlers.declaration.schema import Source
from crawlers.discovery.links import Hint, Link

FORM = "saved"


def start(source: Source) -> list[Link]:
    """The declared files, as URLs that no crawl would ask; `crawlers.replay` reads them."""
    uris = (Path(name).as_uri() for name in source.crawl.saved)
    return [Link(uri, "index", Hint(FORM, start=uri)) for uri in uris]
