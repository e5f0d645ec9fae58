"""The site and the crawls of `tests/unit/crawlers`, for the cases of crawls."""

from __future__ import annotations

from tests.unit.crawlers.conftest import crawls, site

__all__ = ["crawls", "site"]
