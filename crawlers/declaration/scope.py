"""The scope of a source: which URLs belong to it, and which of them are its pages."""

from __future__ import annotations

import re

from crawlers.declaration.schema import Source
from crawlers.net.addresses import literal_refused
from web.urls import parse, site_key


def is_pdf_url(url: str) -> bool:
    """Whether the path or the query of a URL ends with `.pdf`."""
    parsed = parse(url)
    return parsed is not None and any(part.lower().endswith(".pdf") for part in (parsed.path, parsed.query))


class Scope:
    """A source's sites, and the patterns that a page's URL must match and must not match."""

    def __init__(self, source: Source) -> None:
        self._sites = source.sites()
        self._follow = re.compile(source.crawl.follow)
        self._deny = re.compile(source.crawl.deny) if source.crawl.deny else None
        self._loopback = source.crawl.loopback
        self._attachments = source.crawl.attachments
        self.has_pattern = bool(source.crawl.follow)

    def refusal(self, url: str) -> str:
        """Return why a URL may not be requested at all ("address" or "scope"), or ""."""
        parsed = parse(url)
        if parsed is None or literal_refused(parsed, loopback=self._loopback):
            return "address"
        return "" if site_key(parsed.site) in self._sites else "scope"

    def is_page(self, url: str) -> bool:
        """Whether a URL is in scope and matches the patterns of the source's pages."""
        return self._follow.search(url) is not None and not self._is_denied(url) and not self.refusal(url)

    def is_attachment(self, url: str) -> bool:
        """Whether a URL that a page links to is a PDF to fetch with the page."""
        return self._attachments and is_pdf_url(url) and not self._is_denied(url) and not self.refusal(url)

    def _is_denied(self, url: str) -> bool:
        return self._deny is not None and self._deny.search(url) is not None
