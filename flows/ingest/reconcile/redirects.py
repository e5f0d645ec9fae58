"""Pages name others by addresses that have moved since: the addresses of today, by the ledger's redirects."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence

from cleaning.assembly.mapped import Mapped
from cleaning.pipeline import Cleaned
from flows.ingest.clean import CleanedPage
from flows.workspace.workspace import Workspace
from output.base.records import Access, Document
from web.urls import canonical

# As many redirects as a crawl follows.
MAX_HOPS = 10


def follow_redirects(
    workspace: Workspace, source_id: str, pages: Sequence[CleanedPage]
) -> Sequence[CleanedPage]:
    """Return the pages with today's addresses of the files, language versions and whole texts they name."""
    named = {url for _, page in pages for one in _named_urls(page) if (url := canonical(one))}
    redirects = _redirects(workspace, source_id, named)
    return Mapped(lambda item: (item[0], _with_targets(item[1], redirects)), pages) if redirects else pages


def redirect_target(url: str, redirects: Mapping[str, str]) -> str:
    """Return the URL at the end of a chain of redirects, or the URL itself."""
    for _ in range(MAX_HOPS):
        url = redirects.get(url, url)
    return url


def _with_targets(page: Cleaned, redirects: Mapping[str, str]) -> Cleaned:
    def target(address: str) -> str:
        url = canonical(address)
        return redirect_target(url, redirects) if url and url in redirects else address

    documents = tuple(
        dataclasses.replace(one, url=target(one.url)) if _is_teaser_of_page(one) else one
        for one in page.documents
    )
    return dataclasses.replace(
        page,
        documents=documents,
        files=tuple(map(target, page.files)),
        alternates=tuple(map(target, page.alternates)),
    )


def _named_urls(page: Cleaned) -> Iterator[str]:
    yield from (*page.files, *page.alternates)
    yield from (one.url for one in page.documents if _is_teaser_of_page(one))


def _is_teaser_of_page(document: Document) -> bool:
    """Whether the document is the teaser of a text on a page of its own."""
    return document.access is Access.TEASER and document.url != document.input_id


def _redirects(workspace: Workspace, source_id: str, urls: Collection[str]) -> dict[str, str]:
    """Return the redirects of the URLs and of their targets, one hop an entry."""
    redirects: dict[str, str] = {}
    for _ in range(MAX_HOPS):
        if not urls:
            break
        found = workspace.ledger.redirect_targets(source_id, urls)
        redirects |= found
        urls = set(found.values()) - redirects.keys()
    return redirects
