"""croissant.json: the contents of a release in MLCommons Croissant 1.0 (schema.org in JSON-LD)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from output.base.records import Document
from output.base.wording import counted
from output.formats.arrow import schema
from output.formats.schemas import document_schema
from output.formats.untrusted_text import json_text
from output.release.columns import TABLE_COLUMNS
from output.release.tables import table_schema

NAME = "croissant.json"

# The context of the specification, word for word (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html).
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_PARQUET = "application/x-parquet"
_FORMATS = {
    ".parquet": _PARQUET,
    ".zst": "application/zstd",
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".svg": "image/svg+xml",
}
_TYPES = {pa.string(): "sc:Text", pa.int64(): "sc:Integer", pa.float64(): "sc:Float"}


def write_croissant(folder: Path, body: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> None:
    """Write croissant.json for a release with this manifest; `entries` are its files so far."""
    day, counts = body["newest_run"]["time"][:10], body["counts"]
    described = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "tamis-documents",
        "description": f"{counted(counts['documents'], 'document')} of web pages, cleaned, with provenance.",
        "datePublished": day,
        "version": f"{body['schema_version']}.0.0",
        "url": "README.md",
        "license": sorted(filter(None, counts["documents_by_licence"]))[:25] or ["as each document says"],
        "citeAs": f"Documents sifted by Tamis, {body['newest_run']['run_id']}, content {body['content']}",
        "inLanguage": sorted(set(counts["documents_by_language"]) - {"", "und"}),
        "distribution": [_file(entry) for entry in entries] + [_DOCUMENTS],
        "recordSet": [_documents(), *map(_table, TABLE_COLUMNS)],
    }  # fmt: skip
    (folder / NAME).write_text(json_text(described), "utf-8")


_DOCUMENTS = {
    "@type": "cr:FileSet",
    "@id": "documents-parquet",
    "name": "documents-parquet",
    "description": "The newest version of each document, by source, date and id.",
    "encodingFormat": _PARQUET,
    "includes": "documents/*.parquet",
}


_OF_DOCUMENTS = {"fileSet": {"@id": "documents-parquet"}}


def _file(entry: Mapping[str, Any]) -> dict[str, Any]:
    path = str(entry["path"])
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "contentSize": f"{entry['bytes']} B",
        "encodingFormat": _FORMATS[Path(path).suffix],
        "sha256": entry["sha256"],
    }


def _documents() -> dict[str, Any]:
    described = document_schema()["properties"]
    fields = [
        _field("documents", column, described[column.name]["description"], _OF_DOCUMENTS)
        for column in schema(Document)
        if _TYPES.get(_item(column.type))
    ]
    about = (
        "A document of a web page, cleaned, with what is known of it; document.schema.json has its lists too."
    )
    return {**_records("documents", about, fields), "key": {"@id": "documents/id"}}


def _table(name: str) -> dict[str, Any]:
    about, described = TABLE_COLUMNS[name]
    source = {"fileObject": {"@id": f"{name}.parquet"}}
    columns = [_field(name, column, described[column.name], source) for column in table_schema(name)]
    return _records(name, about, columns)


def _records(name: str, description: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "field": fields,
    }


def _field(table: str, column: pa.Field, description: str, source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": column.name,
        "description": description,
        "dataType": _TYPES[_item(column.type)],
        **({"repeated": True} if pa.types.is_list(column.type) else {}),
        "source": {**source, "extract": {"column": column.name}},
    }


def _item(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_list(kind) else kind
