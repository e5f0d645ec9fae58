"""Lists in XML as sites write them: what a careful person would read, and nothing made up."""

from __future__ import annotations

import pytest

from web.tolerant_xml import TolerantXml, address

BASE = "https://quay.example/lists/map.xml"


def locations(body: str) -> list[str | None]:
    rows = TolerantXml(body, BASE, ("urlset",)).entries(("url",))
    return [address(loc.words, loc.base) if (loc := row.child("loc")) else None for row in rows]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://quay.example/lamp?a=1&b=2", "https://quay.example/lamp?a=1&b=2"),
        ("https://quay.example/lamp?a=1&amp;b=2", "https://quay.example/lamp?a=1&b=2"),
        ("https://quay.example/lamp?a=1&copy=2", "https://quay.example/lamp?a=1&copy=2"),
        ("<![CDATA[https://quay.example/lamp?a=1&b=2]]>", "https://quay.example/lamp?a=1&b=2"),
        ("<![CDATA[https://quay.example/lamp?a=1&amp;b=2]]>", "https://quay.example/lamp?a=1&b=2"),
        ("https://quay.example/art-7&ordm;", "https://quay.example/art-7%C2%BA"),
        ("https://quay.example/&#55357;&#56841;", "https://quay.example/%F0%9F%98%89"),
        ("\n https://quay.example/a-\n   long-one\n", "https://quay.example/a-long-one"),
        ("/lamps/3", "https://quay.example/lamps/3"),
        ("quay.example/lamps/3", "https://quay.example/lamps/3"),
        ("https://quay.example/3<!-- old -->", "https://quay.example/3"),
        ("https://quay.example/3<lastmod>2024</lastmod>", "https://quay.example/3"),
        ("https://quay.example/&unknown;/3", None),
        ("https://quay.example/&#55357;/3", None),
        ("https://quay.example/\ufffd/3", None),
        ("https://quay.example/\x01/3", None),
        ("https://quay.example/" + "a" * 9000, None),
        ("", None),
    ],
)
def test_an_address_is_the_one_that_was_meant_or_none(written: str, meant: str | None) -> None:
    assert locations(f"<urlset><url><loc>{written}</loc></url></urlset>") == [meant]


def test_an_extension_needs_no_declaration_and_says_nothing_about_the_address() -> None:
    image = "<image:image><image:loc>/i.png</image:loc></image:image><image:loc>/j.png</image:loc>"
    body = f"<urlset><url>{image}<loc>/1</loc></url></urlset>"
    assert locations(body) == ["https://quay.example/1"]
    body = "<s:urlset xmlns:s='x'><s:url><s:loc>/1</s:loc></s:url></s:urlset>"
    assert locations(body) == ["https://quay.example/1"]


def test_what_stands_before_the_root_or_was_left_open_costs_nothing() -> None:
    body = (
        "<br />\n<b>Warning</b>: no lamp in <b>map.php</b><br />\n"
        "<?xml version='1.0'?><!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><!-- <urlset> -->"
        "<urlset><url><loc>/1</loc><note>a < b<p>one</url></b><url><loc>/2</loc>"
        '<url><loc title="a > b">/3</loc></url></URLSET> <script>'
    )
    read = TolerantXml(body, BASE, ("urlset",))
    assert [row.child("loc").text for row in read.entries(("url",)) if row.child("loc")] == ["/1", "/2", "/3"]  # type: ignore[union-attr]
    assert read.first_name == "br"
    assert not read.is_cut


@pytest.mark.parametrize("end", ["/123", "/12345</lo", "/12345</loc", "<![CDATA[/12", "<!-- /12345", ""])
def test_a_list_that_ends_within_an_entry_is_cut_and_its_half_address_is_none(end: str) -> None:
    read = TolerantXml(f"<urlset><url><loc>/1</loc></url><url><loc>{end}", BASE, ("urlset",))
    rows = list(read.entries(("url",)))
    assert read.is_cut
    assert [loc.text for row in rows if (loc := row.child("loc"))] == ["/1"]


def test_a_cut_entry_keeps_what_is_whole_in_it() -> None:
    body = "<urlset><url><loc>/1</loc><lastmod>2024-0"
    assert locations(body) == ["https://quay.example/1"]


@pytest.mark.parametrize(
    "body",
    [
        "<url>" * 200_000,
        "<urlset>" + "<url><a>x" * 100_000 + "</b>" * 100_000,
        "<urlset><url>" + "<a>x" * 200_000 + "</url>",
        "<urlset>" + "<![CDATA[" * 200_000,
        "<urlset>" + "<!--" * 200_000,
        "<urlset>" + "<a b='" * 200_000,
        "<urlset><a " + "a" * 400_000,
        "<urlset><url><loc>" + " " * 400_000 + "</loc></url>",
        "<urlset><url><loc>" + "&" * 400_000 + "</loc></url>",
        "<urlset>" + "<" * 400_000,
    ],
)
def test_hostile_markup_is_read_in_one_pass(body: str) -> None:
    assert not any(locations(body))


def test_another_file_is_named_by_its_first_element() -> None:
    assert TolerantXml("<html><p>No lamps", BASE, ("urlset",)).why_unreadable == "the root element is 'html'"
    assert TolerantXml("no lamps", BASE, ("urlset",)).why_unreadable == "it contains no XML element"
