"""Metadata of documents, compared with what the dataset has of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from flows.workspace.workspace import Workspace
from output.base.records import Document
from output.base.serialize import as_dict

# What links between pages tell of a document.
LINK_FIELDS = ("translation_of",)
# What a page tells of its document. Left out is what tells of the run, of other pages, or of the page's
# furniture, which changes from day to day.
PAGE_METADATA_FIELDS = (
    *LINK_FIELDS, "canonical_url", "language", "headings", "articles", "authors", "site", "document_type",
    "document_number", "issuer", "issuer_id", "jurisdiction", "legal_status", "date_published", "date_issued",
    "date_effective", "access", "licence", "translation_status", "attribution",
)  # fmt: skip
_BATCH_ROWS = 500
# Documents in memory at once; each batch is one look at the dataset.
_BATCH_DOCUMENTS = 2_000


def changed_fields(
    row: Mapping[str, Any], document: Document, fields: Sequence[str] = PAGE_METADATA_FIELDS
) -> list[str]:
    """Return the names of the fields in which a document differs from its row in the dataset."""
    values = as_dict(document)
    return [name for name in fields if (row[name] or None) != (values[name] or None)]


def documents_with_changed_metadata(
    workspace: Workspace, documents: Iterable[Document], fields: Sequence[str] = PAGE_METADATA_FIELDS
) -> set[str]:
    """Return the ids of the documents whose text is the published one, and whose `fields` differ from it."""
    changed: set[str] = set()
    rest = iter(documents)
    while by_id := {document.id: document for document in islice(rest, _BATCH_DOCUMENTS)}:
        changed |= _changed(workspace, by_id, fields)
    return changed


def _changed(workspace: Workspace, by_id: Mapping[str, Document], fields: Sequence[str]) -> set[str]:
    with workspace.dataset.views() as connection:
        connection.register("asked", pa.table({"id": pa.array(sorted(by_id), pa.string())}))
        rows = connection.sql("from latest semi join asked using (id)").select(
            "id", "version", *PAGE_METADATA_FIELDS
        )
        return {
            row["id"]
            for batch in rows.to_arrow_reader(_BATCH_ROWS)
            for row in batch.to_pylist()
            if row["version"] == by_id[row["id"]].version and changed_fields(row, by_id[row["id"]], fields)
        }
