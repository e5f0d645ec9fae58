"""Which URLs belong to a source, and which of them are its pages."""

from __future__ import annotations

import re

from crawlers.declaration.schema import Source
from crawlers.net.addresses import literal_refused
from web.urls import parse, same_site

_FILE = ".pdf"


def is_file(url: str) -> bool:
    """Whether a URL looks like that of a PDF: by the end of its path or of its query."""
    parsed = parse(url)
    return parsed is not None and any(part.lower().endswith(_FILE) for part in (parsed.path, parsed.query))


class Scope:
    """A source's scope: its sites, and the patterns that a page's URL must match and must not match."""

    def __init__(self, source: Source) -> None:
        self._sites = source.sites()
        self._follow = re.compile(source.crawl.follow)
        self._deny = re.compile(source.crawl.deny) if source.crawl.deny else None
        self._loopback = source.crawl.loopback
        self._attachments = source.crawl.attachments
        self.has_pattern = bool(source.crawl.follow)

    def refusal(self, url: str) -> str:
        """Why a URL may not be asked at all: "address", "scope", or "" where it may."""
        parsed = parse(url)
        if parsed is None or literal_refused(parsed, loopback=self._loopback):
            return "address"
        return "" if same_site(parsed.site) in self._sites else "scope"

    def is_page(self, url: str) -> bool:
        """Whether a URL is one of the source's pages by its patterns."""
        return self._follow.search(url) is not None and not self._is_denied(url) and not self.refusal(url)

    def is_attachment(self, url: str) -> bool:
        """Whether a URL that a page links to is a file to be fetched with it."""
        return self._attachments and is_file(url) and not self._is_denied(url) and not self.refusal(url)

    def _is_denied(self, url: str) -> bool:
        return self._deny is not None and self._deny.search(url) is not None
