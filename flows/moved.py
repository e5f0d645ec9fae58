"""Where the pages and files that a page names stand now: what moved is often named by its old address."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

from cleaning.pipeline import Cleaned
from crawlers.urls import canonical
from flows.places import Places

# As many as a crawl follows.
MAX_HOPS = 10


def followed(places: Places, source_id: str, pages: Sequence[Cleaned]) -> list[Cleaned]:
    """The pages, with the files and the twins in other languages that they name at the addresses of today."""
    named = {url for page in pages for one in (*page.files, *page.twins) if (url := canonical(one))}
    leads = _leads(places, source_id, named)

    def now(address: str) -> str:
        url = canonical(address)
        return last(url, leads) if url in leads else address

    def at_home(page: Cleaned) -> Cleaned:
        files, twins = tuple(map(now, page.files)), tuple(map(now, page.twins))
        return dataclasses.replace(page, files=files, twins=twins)

    return [at_home(page) for page in pages] if leads else [*pages]


def last(url: str, leads: Mapping[str, str]) -> str:
    """Where a URL leads in the end."""
    for _ in range(MAX_HOPS):
        url = leads.get(url, url)
    return url


def _leads(places: Places, source_id: str, urls: Collection[str]) -> dict[str, str]:
    leads: dict[str, str] = {}
    for _ in range(MAX_HOPS):
        if not urls:
            break
        found = places.ledger.led_to(source_id, urls)
        leads |= found
        urls = set(found.values()) - leads.keys()
    return leads
