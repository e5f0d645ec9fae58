"""What documents say of themselves beside their text, held against what stands of them in the dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from flows.workspace.workspace import Workspace
from output.base.records import Document
from output.base.serialize import as_dict

# What a page says of its document. The rest is of the run that made it, of other pages, or of its furniture,
# which changes from day to day. What it is a translation of, two pages say together.
LINK_FIELDS = ("translation_of",)
PAGE_METADATA_FIELDS = (
    *LINK_FIELDS, "canonical_url", "language", "headings", "articles", "authors", "site", "document_type",
    "document_number", "issuer", "issuer_id", "jurisdiction", "legal_status", "date_published", "date_issued",
    "date_effective", "access", "licence", "translation_status", "attribution",
)  # fmt: skip
_READ_ROWS = 500


def changed_fields(
    row: Mapping[str, Any], document: Document, said: Sequence[str] = PAGE_METADATA_FIELDS
) -> list[str]:
    """The names of what a document says otherwise than the row that stands of it."""
    plain = as_dict(document)
    return [name for name in said if (row[name] or None) != (plain[name] or None)]


def documents_with_changed_metadata(
    workspace: Workspace, documents: Iterable[Document], said: Sequence[str] = PAGE_METADATA_FIELDS
) -> set[str]:
    """The ids of those documents that say something else than the dataset has, their text being the same."""
    by_id = {document.id: document for document in documents}
    if not by_id:
        return set()
    with workspace.dataset.views() as connection:
        connection.register("asked", pa.table({"id": pa.array(sorted(by_id), pa.string())}))
        rows = connection.sql("from latest semi join asked using (id)").select(
            "id", "version", *PAGE_METADATA_FIELDS
        )
        return {
            row["id"]
            for batch in rows.to_arrow_reader(_READ_ROWS)
            for row in batch.to_pylist()
            if row["version"] == by_id[row["id"]].version and changed_fields(row, by_id[row["id"]], said)
        }
