"""Withdrawn documents that a page still gives: at another address, or as teasers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cleaning.assembly.mapped import Mapped
from cleaning.pipeline import Cleaned
from flows.workspace.workspace import Workspace
from output.base.records import Document
from output.ledger.tombstones import url_hash


def without_withdrawn(workspace: Workspace, pages: Sequence[Cleaned]) -> Sequence[Cleaned]:
    """Return the pages without documents whose own address was withdrawn; a page may have none left."""
    withdrawn = {url_hash(tombstone.url) for tombstone in workspace.ledger.tombstones()}

    def may_stay(document: Document) -> bool:
        return withdrawn.isdisjoint(map(url_hash, filter(None, (document.url, document.canonical_url))))

    def without(page: Cleaned) -> Cleaned:
        if all(map(may_stay, page.documents)):
            return page
        return dataclasses.replace(page, documents=tuple(filter(may_stay, page.documents)))

    return Mapped(without, pages) if withdrawn else pages
