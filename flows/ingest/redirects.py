"""Where the pages and files that a page names stand now: what moved is often named by its old address."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence

from cleaning.pipeline import Cleaned
from flows.workspace.workspace import Workspace
from output.base.records import Access, Document
from web.urls import canonical

# As many as a crawl follows.
MAX_HOPS = 10


def follow_redirects(workspace: Workspace, source_id: str, pages: Sequence[Cleaned]) -> list[Cleaned]:
    """The pages; the files, the twins in other languages and the whole texts of teasers that they name have
    the addresses of today.
    """
    named = {url for page in pages for one in _named(page) if (url := canonical(one))}
    leads = _leads(workspace, source_id, named)

    def now(address: str) -> str:
        url = canonical(address)
        return last(url, leads) if url in leads else address

    def at_home(page: Cleaned) -> Cleaned:
        files, alternates = tuple(map(now, page.files)), tuple(map(now, page.alternates))
        documents = tuple(
            dataclasses.replace(one, url=now(one.url)) if _goes_on(one) else one for one in page.documents
        )
        return dataclasses.replace(page, documents=documents, files=files, alternates=alternates)

    return [at_home(page) for page in pages] if leads else [*pages]


def _named(page: Cleaned) -> Iterator[str]:
    yield from (*page.files, *page.alternates)
    yield from (one.url for one in page.documents if _goes_on(one))


def _goes_on(document: Document) -> bool:
    return document.access is Access.TEASER and document.url != document.input_id


def last(url: str, leads: Mapping[str, str]) -> str:
    """Where a URL leads in the end."""
    for _ in range(MAX_HOPS):
        url = leads.get(url, url)
    return url


def _leads(workspace: Workspace, source_id: str, urls: Collection[str]) -> dict[str, str]:
    leads: dict[str, str] = {}
    for _ in range(MAX_HOPS):
        if not urls:
            break
        found = workspace.ledger.redirect_targets(source_id, urls)
        leads |= found
        urls = set(found.values()) - leads.keys()
    return leads
