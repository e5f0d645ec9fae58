from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import tamis


def triples(relations: list[tamis.Relation]) -> set[tuple[str, str, str]]:
    return {(one.a, one.relation.value, one.b) for one in relations}


def test_documents_mappings_and_objects_are_related(law: Callable[..., str]) -> None:
    whole = law(1, 20)
    (document,) = tamis.extract(whole, "https://harbour.example/law", content_type="text/plain")
    part = "\n".join(whole.splitlines()[:9])
    relations = tamis.relate(
        [
            document,
            {"id": 2, "text": document.text},
            SimpleNamespace(id="part", text=part),
            {"id": "x", "text": "No."},
        ]
    )
    assert (document.id, "same", "2") in triples(relations)
    assert (document.id, "contains", "part") in triples(relations)
    assert not [one for one in relations if "x" in (one.a, one.b)]


def test_what_is_known_of_a_document_counts(law: Callable[..., str]) -> None:
    text = law(2, 14)
    old = {"id": "old", "text": text, "document_number": "No. 5", "title": None}
    new = {"id": "new", "text": text + "\nOne line more.", "document_number": "No. 9"}
    assert triples(tamis.relate([old, new])) == {("new", "version", "old")}


def test_whole_texts_survive(law: Callable[..., str]) -> None:
    text = law(3)
    teaser = {"id": "teaser", "text": text, "access": tamis.Access.TEASER}
    assert triples(tamis.relate([teaser, {"id": "full", "text": text}])) == {("full", "same", "teaser")}


def test_no_documents_have_no_relations() -> None:
    assert tamis.relate([]) == []
    assert tamis.relate(iter(())) == []


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([{"id": 1, "text": "x"}, {"id": "1", "text": "y"}], r"two documents have the id '1'; give each"),
        ([{"text": "x"}], r"documents\[0\]: `id` is missing"),
        ([{"id": True, "text": "x"}], r"documents\[0\]: `id` is neither a string nor a whole number"),
        ([{"id": "a", "text": "x"}, {"id": "b"}], r"documents\[1\]: `text` of document 'b' is missing"),
        ([SimpleNamespace(id="a", text=b"x")], r"documents\[0\]: `text` of document 'a' is not a string"),
    ],
)
def test_an_unusable_document_is_named(documents: Any, message: str) -> None:
    with pytest.raises(tamis.UsageError, match=message):
        tamis.relate(documents)


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ("text", r"documents is of type str; pass a list"),
        ({"id": "a", "text": "x"}, r"documents is of type dict; pass a list"),
        (None, r"documents is of type NoneType; pass a list"),
        (["text"], r"documents\[0\] is of type str; pass Documents, mappings"),
    ],
)
def test_what_is_no_document_is_named(documents: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        tamis.relate(documents)
