from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tamis
from flows.extract.extract import extract as extract_files
from output.base.serialize import as_dict

WORDS = [
    "harbour",
    "ferry",
    "pier",
    "rope",
    "tide",
    "lamp",
    "deck",
    "crew",
    "cargo",
    "crane",
    "buoy",
    "storm",
]


def page(number: int) -> str:
    chance = random.Random(number)
    text = "".join(
        f"<p>{' '.join(chance.choices(WORDS, k=40)).capitalize()}, said witness {number}.</p>"
        for _ in range(4)
    )
    return (
        f"<html><head><title>Report {number}</title></head><body>"
        "<div><a href='/a'>Home</a> <a href='/b'>Reports</a> <a href='/c'>Contact</a></div>"
        f"<div><h1>Report {number}</h1>{text}</div>"
        "<div><p>The harbour office answers questions on weekdays between nine and noon.</p></div>"
        "</body></html>"
    )


def test_a_page_gives_its_documents() -> None:
    (document,) = tamis.extract(page(1), "https://harbour.example/reports/1")
    assert isinstance(document, tamis.Document)
    assert document.title == "Report 1"
    assert document.url == document.input_id == "https://harbour.example/reports/1"
    assert "said witness 1." in document.text
    assert "Contact" not in document.text


def test_text_and_bytes_give_the_same() -> None:
    html = page(2).replace("Report 2", "Bericht über 2")
    (of_text,) = tamis.extract(html)
    (of_bytes,) = tamis.extract(html.encode("latin-1"), content_type="text/html; charset=iso-8859-1")
    assert of_text.title == of_bytes.title == "Bericht über 2"
    assert of_text.text == of_bytes.text


def test_plain_text_is_read_as_such() -> None:
    (document,) = tamis.extract("Rules\n\nThe ferry leaves at eight. 1 < 2.\n", content_type="text/plain")
    assert document.text.endswith("The ferry leaves at eight. 1 < 2.")


def test_pages_without_an_address_have_ids_of_their_own() -> None:
    (one,), (other,) = tamis.extract(page(1)), tamis.extract(page(2))
    assert one.id != other.id
    assert tamis.extract(page(1))[0].id == one.id


def test_receipts_name_each_removed_block() -> None:
    extraction = tamis.extract(page(1), "https://harbour.example/reports/1", receipts=True)
    assert extraction.documents == tamis.extract(page(1), "https://harbour.example/reports/1")
    assert extraction.rejection is None
    assert "Home Reports Contact" in [removal.text for removal in extraction.removals]
    assert {removal.input_id for removal in extraction.removals} == {"https://harbour.example/reports/1"}


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", "empty"),
        (b"", "empty"),
        ("<html><title>404 Not Found</title><body><p>Not found.</p></body></html>", "soft_404"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "not_html"),
        (b"%PDF-1.7\nbroken", "pdf_broken"),
    ],
)
def test_a_page_without_a_document_gives_none_and_its_reason(html: str | bytes, reason: str) -> None:
    assert tamis.extract(html) == []
    extraction = tamis.extract(html, receipts=True)
    assert extraction.documents == []
    assert extraction.rejection is not None
    assert extraction.rejection.reason == reason


@pytest.mark.parametrize(
    "html", ["\ud800<p>\udfff", "<" * 5000, b"\xff\xfe\x00", b"<p>\xc3\x28", "<table>" * 3000]
)
def test_no_page_raises(html: str | bytes) -> None:
    tamis.extract(html)


def test_a_page_that_cleaning_fails_for_says_so() -> None:
    extraction = tamis.extract(page(1), "http://[::1", receipts=True)
    assert extraction.documents == []
    assert extraction.rejection is not None
    assert extraction.rejection.reason == "cleaning_error"
    assert "IPv6" in extraction.rejection.evidence


def test_pages_of_the_site_tell_what_they_have_in_common() -> None:
    others = [page(number) for number in range(2, 8)]
    (alone,) = tamis.extract(page(1))
    (known,) = tamis.extract(page(1), site_pages=others)
    assert alone.profile_version is None
    assert known.profile_version
    assert known.profile_fit


@pytest.mark.parametrize(("others", "profile"), [(2, False), (3, True), (4, True)])
def test_four_pages_make_a_profile_the_page_itself_among_them(others: int, profile: bool) -> None:
    site_pages: Iterator[str] = (page(number) for number in range(2, 2 + others))
    (document,) = tamis.extract(page(1), site_pages=site_pages)
    assert bool(document.profile_version) == profile


def test_it_gives_what_the_command_gives(tmp_path: Path) -> None:
    pages = [page(number) for number in range(6)]
    lines = [
        {"id": str(n), "url": f"https://h.example/{n}", "site": "h", "html": html}
        for n, html in enumerate(pages)
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    extract_files([tmp_path / "in.jsonl"], tmp_path / "out.jsonl", None, lambda *_: None)
    by_command = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    for expected, html in zip(by_command, pages, strict=True):
        (document,) = tamis.extract(html, expected["url"], site_pages=pages)
        # A line names itself and its site; a call does not.
        own = {"input_id": expected["input_id"], "site": "h"}
        assert json.loads(json.dumps(as_dict(document))) | own == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"html": None}, r"html is None; pass the page's source as str or bytes"),
        ({"html": Path("page.html")}, r"html is of type PosixPath; .*read_bytes\(\)"),
        ({"html": "", "url": 5}, r"url is of type int; pass a str or None"),
        ({"html": "", "content_type": b"text/html"}, r"content_type is of type bytes; pass a str or None"),
        ({"html": "", "site_pages": "<p>"}, r"site_pages is of type str; pass a list of pages"),
        ({"html": "", "site_pages": 7}, r"site_pages is of type int; pass a list of pages"),
        ({"html": "", "site_pages": ["", None]}, r"site_pages\[1\] is None; pass the page's source"),
    ],
)
def test_an_argument_of_another_type_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        tamis.extract(**arguments)
