"""Scrapy's memory limit, applied to the memory that the crawl uses now."""

from __future__ import annotations

import os
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

_STATM_PATH = Path("/proc/self/statm")


class CurrentMemoryUsage(MemoryUsage):
    """Scrapy's MemoryUsage extension, which measures the process's current memory instead of its peak.

    Scrapy reads `ru_maxrss`, which on Linux starts with the peak of the parent process. A crawl that a large
    process starts would end before its first page.
    """

    def get_virtual_size(self) -> int:
        """Return the resident bytes; the peak that Scrapy reads where the system does not tell them."""
        try:
            pages = int(_STATM_PATH.read_text().split()[1])
        except OSError:
            return super().get_virtual_size()
        return pages * os.sysconf("SC_PAGE_SIZE")
