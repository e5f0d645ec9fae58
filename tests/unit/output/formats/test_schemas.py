import dataclasses
import io
import json

import pytest
from jsonschema import Draft202012Validator

from output.base.records import Access, Article, Document, Evidence, Heading
from output.formats.jsonl import write_jsonl
from output.formats.schemas import FILE, document_schema, document_schema_json

VALIDATOR = Draft202012Validator(document_schema())
WHOLE = Document(
    "i",
    "0" * 64,
    "gazette",
    "p",
    "https://gazette.example/p",
    headings=(Heading(1, "总则", 0),),
    articles=(Article("article", "1", 0, 3),),
    access=Access.FULL,
    access_evidence=(Evidence("words", "html/body"),),
    date_published="2021-09-15",
    date_issued="2021",
    fetched_at="2026-01-02T03:04:05+00:00",
    raw_sha256="a" * 64,
)


def complaints(**changes: object) -> list[str]:
    stream = io.StringIO()
    write_jsonl([dataclasses.replace(WHOLE, **changes)], stream)  # type: ignore[arg-type]
    return [error.json_path for error in VALIDATOR.iter_errors(json.loads(stream.getvalue()))]


def test_the_file_that_ships_is_what_the_record_says() -> None:
    assert FILE.read_text("utf-8") == document_schema_json(), (
        "the record has changed; run "
        "python -m output.formats.schemas > output/formats/schema/document.schema.json"
    )


def test_the_schema_is_a_schema_and_describes_every_field() -> None:
    Draft202012Validator.check_schema(document_schema())
    properties = document_schema()["properties"]
    assert [*properties] == [field.name for field in dataclasses.fields(Document)]
    assert all(field["description"].endswith(".") for field in properties.values())


def test_a_written_record_keeps_to_it() -> None:
    assert complaints() == []


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("date_published", "15 September 2021", "$.date_published"),
        ("version", "", "$.version"),
        ("access", "partly", "$.access"),
        ("share_kept", 1.5, "$.share_kept"),
        ("headings", (Heading(7, "x", 0),), "$.headings[0].level"),
        ("title", None, "$.title"),
        ("raw_sha256", "xyz", "$.raw_sha256"),
        ("part", -1, "$.part"),
    ],
)
def test_a_record_that_says_nonsense_does_not(field: str, value: object, path: str) -> None:
    assert complaints(**{field: value}) == [path]
