"""The reference of every field, from the JSON Schema of a document and the columns of the other tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docs.hooks.markdown import code, table
from output.formats.schemas import document_schema
from output.release.columns import TABLE_COLUMNS

_HEAD = """\
# Fields of a record

A release holds these tables. `document.schema.json` in the release describes a document as JSON Schema,
`croissant.json` describes all tables.
"""


def page() -> str:
    """Return the page: the fields of a document, then the columns of each other table."""
    schema = document_schema()
    parts = [_HEAD, "## documents", schema["description"]]
    parts.append(table(["Field", "Type", "Meaning"], _rows(schema)))
    for name, (about, columns) in TABLE_COLUMNS.items():
        parts += [f"## {name}", about]
        parts.append(table(["Field", "Meaning"], [[code(key), text] for key, text in columns.items()]))
    return "\n\n".join(parts) + "\n"


def _rows(schema: dict[str, Any], prefix: str = "") -> Iterator[list[str]]:
    for name, value in schema["properties"].items():
        yield [code(prefix + name), _type(value), value["description"]]
        items = value.get("items", {})
        if "properties" in items:
            yield from _rows(items, f"{prefix}{name}[].")


def _type(value: dict[str, Any]) -> str:
    given = value.get("type", "string")
    types = [given] if isinstance(given, str) else given
    kinds = " or ".join("list" if kind == "array" else str(kind) for kind in types if kind != "null")
    return f"{kinds}, optional" if "null" in types else kinds
