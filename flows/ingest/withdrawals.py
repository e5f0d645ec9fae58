"""Documents that were withdrawn and that a page gives again: at another address, or as teasers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from cleaning.pipeline import Cleaned
from flows.workspace.workspace import Workspace
from output.base.records import Document


def without_withdrawn(workspace: Workspace, pages: Iterable[Cleaned]) -> list[Cleaned]:
    """The pages without the documents whose own address was withdrawn; a page may have none left."""
    buried = {tombstone.url for tombstone in workspace.ledger.tombstones()}

    def stays(document: Document) -> bool:
        return buried.isdisjoint((document.url, document.canonical_url))

    return [
        page
        if all(map(stays, page.documents))
        else dataclasses.replace(page, documents=tuple(filter(stays, page.documents)))
        for page in pages
    ]
