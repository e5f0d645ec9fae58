"""The JSON Schema of a document, generated from the record `Document`.

    python -m output.formats.schemas > output/formats/schema/document.schema.json

writes the file that ships; a test compares it with what is generated.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import types
import typing
from enum import StrEnum
from pathlib import Path
from typing import Any

from output.base.records import SCHEMA_VERSION, Article, Document, Evidence, Heading

FILE = Path(__file__).parent / "schema" / "document.schema.json"

_SHA256 = {"pattern": "^[0-9a-f]{64}$"}
_SHA256_OR_NONE = {"pattern": "^([0-9a-f]{64})?$"}
# A year, a month, a day or a time, as precise as the page gives it.
_DATE = {"pattern": r"^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$"}
_COUNT = {"minimum": 0}
_SHARE = {"minimum": 0, "maximum": 1}

# The meaning of each field, and the limits of its values beyond their type.
_FIELDS: dict[type, dict[str, tuple[str, dict[str, Any]]]] = {
    Document: {
        "id": (
            "Stays the same when the text changes: the document's permalink, else page and title.",
            {},
        ),
        "version": ("SHA-256 of title and text, in hex.", _SHA256),
        "source_id": ("The source that declared the crawl.", {}),
        "input_id": ("The page it came from, as receipts name it: URL, line id or path.", {}),
        "url": ("Its own address on the web, else that of the page it stands on.", {}),
        "part": ("Number of the document on its page, from 0.", _COUNT),
        "canonical_url": ("The URL that the page itself names as its own.", {}),
        "work_id": ("The work that this text is one expression of; its translations share it.", {}),
        "translation_of": ("Id of the document that this one translates.", {}),
        "schema_version": ("Version of this schema.", {"const": SCHEMA_VERSION}),
        "title": ("Title as written.", {}),
        "text": ("Plain text: a paragraph a line, a table row a line with tabs between its cells.", {}),
        "language": ("BCP 47 tag; und where it is not known.", {}),
        "headings": ("Headings in order of the text.", {}),
        "articles": ("Numbered units of a law in order of the text.", {}),
        "authors": ("Authors as written.", {}),
        "site": ("Name of the site as it gives it.", {}),
        "document_type": ("Kind of legal document: law, regulation, notice.", {}),
        "document_number": ("Official number as written.", {}),
        "issuer": ("Issuing body as written.", {}),
        "issuer_id": ("Normalised id of the issuing body.", {}),
        "jurisdiction": ("ISO 3166 code of the jurisdiction.", {}),
        "legal_status": ("Status as written: in force, amended, repealed.", {}),
        "date_published": ("When the page came out, ISO 8601; absent when it does not say.", _DATE),
        "date_issued": ("When the act was issued, ISO 8601; absent when the page does not say.", _DATE),
        "date_effective": ("When the act takes effect, ISO 8601; absent when it does not say.", _DATE),
        "access": ("Whether the text is whole; all but full are cut, or may be.", {}),
        "access_evidence": ("What led to the verdict.", {}),
        "licence": ("Licence or terms as found.", {}),
        "robots": ("The robots.txt decision that allowed the fetch; empty where none was asked.", {}),
        "tdm": ("Opt-out signals of text and data mining that came with the page.", {}),
        "translation_status": ("Who translated: official, human, machine.", {}),
        "attribution": ("Credit that the page asks for or gives.", {}),
        "fetched_at": ("When the page was fetched, ISO 8601.", _DATE),
        "last_modified": ("When the page, else its server, says that it was changed, ISO 8601.", {}),
        "raw_sha256": ("SHA-256 of the fetched body, in hex; empty where there is none.", _SHA256_OR_NONE),
        "archive_file": ("WARC file that holds the page, relative to the archive.", {}),
        "archive_offset": ("Offset of its record in that file, in bytes.", _COUNT),
        "run_id": ("The run that published this version.", {}),
        "rules_version": ("Version of the cleaning: a checksum of its code, rules and data.", {}),
        "model_version": ("Version of the model that cleaned it.", {}),
        "profile_version": ("Version of the site profile that cleaned it.", {}),
        "characters": ("Length of the text, in characters.", _COUNT),
        "share_kept": ("Share of the page's visible characters that the text keeps.", _SHARE),
        "profile_fit": ("How well the page fits its site's profile.", _SHARE),
        "warnings": ("What was noticed while cleaning.", {}),
    },
    Heading: {
        "level": ("1 to 6.", {"minimum": 1, "maximum": 6}),
        "text": ("The heading as written.", {}),
        "offset": ("Where its line starts in the text, in characters.", _COUNT),
    },
    Article: {
        "level": ("Name of the level.", {}),
        "number": ("Its number as a label.", {}),
        "offset": ("Where it starts in the text, in characters.", _COUNT),
        "length": ("In characters.", _COUNT),
    },
    Evidence: {
        "text": ("The words.", {}),
        "where": ("Where they stood: a block's path, a meta tag, a header.", {}),
    },
}


def document_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a document in JSON Lines: every field is present, or null."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tamis:document:{SCHEMA_VERSION}",
        "title": "Document",
        "description": "A document of a web page, cleaned, with what is known of it.",
        **_object(Document),
    }


def document_schema_json() -> str:
    """Return the schema as the text of the file that ships."""
    return json.dumps(document_schema(), indent=2, ensure_ascii=False) + "\n"


def _object(record: type) -> dict[str, Any]:
    hints = typing.get_type_hints(record)
    names = [field.name for field in dataclasses.fields(record)]
    properties = {}
    for name in names:
        description, limits = _FIELDS[record][name]
        properties[name] = {"description": description, **_type(hints[name]), **limits}
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _type(hint: Any) -> dict[str, Any]:
    if isinstance(hint, types.UnionType):
        (arm,) = (arm for arm in typing.get_args(hint) if arm is not type(None))
        return {"type": [_type(arm)["type"], "null"]}
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": _type(typing.get_args(hint)[0])}
    if dataclasses.is_dataclass(hint):
        return _object(typing.cast(type, hint))
    if issubclass(hint, StrEnum):
        return {"type": "string", "enum": [member.value for member in hint]}
    return {"type": {str: "string", int: "integer", float: "number"}[hint]}


if __name__ == "__main__":
    sys.stdout.write(document_schema_json())
