"""The card of a release: what a person reads first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CARD = """\
# A Tamis release

{documents:,} documents as of {day}, cleaned of their pages' furniture, each with where it came from.

| Source | documents |
|---|---:|
{sources}

| Language | documents |
|---|---:|
{languages}

| File | Holds |
|---|---|
| `documents/*.parquet` | the newest version of each document, by source, date and id |
| `documents.jsonl.zst` | the same, a document a line |
| `document.schema.json` | what each field means (JSON Schema) |
| `relations.parquet` | {relations:,} pairs: `same`, `contains`, `version`, `translation_of` |
| `removals.parquet` | {removals:,} receipts: each block that left a text, and the rule that removed it |
| `rejections.parquet` | {rejections:,} pages that gave no document, and why |
| `manifest.json` | SHA-256, bytes and rows of every file; all counts; versions of what cleaned the texts |

Left out: {cut:,} texts that are cut, or may be ({verdicts}); {same:,} duplicates of a document that is here.

    duckdb -c "select title, date_published, url from 'documents/*.parquet' limit 20"

Rights lie with the sources: each document's `licence`, `attribution` and `tdm` say what its page said.
"""


def text(body: Mapping[str, Any]) -> str:
    """The card of a release with this manifest, in Markdown."""
    counts = body["counts"]
    cut = counts["left_out"]["cut"]
    return _CARD.format(
        documents=counts["documents"],
        day=body["newest_run"]["time"][:10],
        sources=_rows(counts["documents_by_source"]),
        languages=_rows(counts["documents_by_language"]),
        relations=counts["relations"],
        removals=counts["removals"],
        rejections=counts["rejections"],
        cut=sum(cut.values()),
        verdicts=", ".join(f"{verdict}: {count:,}" for verdict, count in cut.items()) or "none",
        same=counts["left_out"]["same"],
    )


def _rows(counts: Mapping[str, int]) -> str:
    return "\n".join(f"| {_cell(value)} | {count:,} |" for value, count in counts.items())


def _cell(value: str) -> str:
    return " ".join(value.replace("|", "\\|").split())
