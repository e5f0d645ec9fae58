"""The memory of the crawl as it is, for Scrapy's watch over it."""

from __future__ import annotations

import os
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

_STATM = Path("/proc/self/statm")


class MemoryNow(MemoryUsage):
    """Scrapy's watch, over what the process holds.

    Scrapy reads `ru_maxrss`, which on Linux begins with the peak of the process that started this: a crawl
    that a large process started would end before its first page.
    """

    def get_virtual_size(self) -> int:
        """Resident bytes; where the system does not tell them, the peak that Scrapy reads."""
        try:
            pages = int(_STATM.read_text().split()[1])
        except OSError:
            return super().get_virtual_size()
        return pages * os.sysconf("SC_PAGE_SIZE")
