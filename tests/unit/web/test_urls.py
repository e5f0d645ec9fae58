"""URLs: one spelling each, by the WHATWG standard, and none that a crawler must not ask."""

from __future__ import annotations

import json

import pytest

from tests import SHARED
from tests.faults.rows import row
from web.urls import MAX_CHARACTERS, Url, canonical, canonical_header, canonical_link, parse, site_key

STANDARDS = SHARED / "data" / "standards"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("HTTP://Example.ORG:80/a/../b/./c#d", "http://example.org/b/c"),
        ("https://bücher.example/ü?ü", "https://xn--bcher-kva.example/%C3%BC?%C3%BC"),
        ("/x?a=1&b=2&a=3", "https://base.example/x?a=1&b=2&a=3"),
        ("//other.example", "https://other.example/"),
        (" \t/x\n", "https://base.example/x"),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("https://user:secret@example.org/", None),
        ("https://user@example.org/", None),
        ("https://:secret@example.org/", None),
        ("ftp://example.org/", None),
        ("https://exa mple.org/", None),
        ("https://example.org:99999/", None),
        ("https://example.org/" + "x" * (MAX_CHARACTERS - 19), None),
        ("https://example.org/%7e%C3%a9", "https://example.org/%7e%C3%a9"),
    ],
)
def test_a_url_has_one_spelling(given: str, expected: str | None) -> None:
    assert canonical(given, "https://base.example/folder/") == expected


@pytest.mark.parametrize(
    ("encoding", "link", "expected"),
    [
        ("gb18030", "灯.asp?name=渔市&n=1#灯", "/%E7%81%AF.asp?name=%D3%E6%CA%D0&n=1"),
        ("gb18030", "?q=%E7%81%AF", "/?q=%E7%81%AF"),
        ("gb18030", "?q=丂", "/?q=%81@"),  # the second octet is a character of ASCII
        ("gb18030", "?q=\U0001f609", "/?q=%26%23128521%3B"),  # not in GBK
        ("big5hkscs", "?q=漁", "/?q=%BA%AE"),
        ("cp932", "?q=灯", "/?q=%93%94"),
        ("cp1251", "?q=ж", "/?q=%E6"),
        ("cp1252", "?q=灯", "/?q=%26%2328783%3B"),
        ("utf-8", "?q=灯", "/?q=%E7%81%AF"),
        ("utf-16-le", "?q=灯", "/?q=%E7%81%AF"),
    ],
)
def test_the_query_of_a_link_goes_out_in_the_charset_of_its_page(
    encoding: str, link: str, expected: str
) -> None:
    assert (
        canonical_link(f" /{link} ", "https://base.example/x", encoding) == f"https://base.example{expected}"
    )


def test_octets_of_a_header_go_out_as_they_are() -> None:
    for encoding, expected in (("utf-8", "%E7%81%AF"), ("gbk", "%B5%C6")):
        location = "/灯?a=1&b=灯".encode(encoding).decode("latin-1")
        found = canonical_header(location, "https://base.example/")
        assert found == f"https://base.example/{expected}?a=1&b={expected}"


def test_urls_mean_what_the_standard_says() -> None:
    path = STANDARDS / "whatwg-urltestdata.json"
    if not path.exists():
        pytest.skip("the standard's cases lie in ../shared, which is not here")
    tried, wrong = 0, []
    for case in json.loads(path.read_text(encoding="utf-8")):
        if not isinstance(case, dict):
            continue
        parsed = parse(case["input"], case["base"])
        if (
            case.get("failure")
            or case["protocol"] not in ("http:", "https:")
            or case["username"]
            or case["password"]
        ):
            meant = None
        else:
            meant = case["href"].partition("#")[0]
        if meant != (parsed.href if parsed else None):
            wrong.append(case)
        tried += 1
    row("WHATWG URL cases as the standard says", tried - len(wrong), tried)
    assert wrong == []
    assert tried > 800


def test_a_url_as_long_as_sites_make_them_is_asked() -> None:
    longest = "https://example.org/" + "x" * (MAX_CHARACTERS - 20)
    assert canonical(longest) == canonical(f"{longest}#part") == longest


def test_a_url_comes_apart_into_what_names_its_host_and_its_page() -> None:
    assert parse("HTTPS://www.Example.org:8080/a/?b=1#c") == Url(
        href="https://www.example.org:8080/a/?b=1",
        scheme="https",
        host="www.example.org",
        site="www.example.org:8080",
        path="/a/",
        query="?b=1",
    )
    parsed = parse("http://[::1]:80/a")
    assert parsed is not None
    assert (parsed.host, parsed.root) == ("[::1]", "http://[::1]/")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("example.org", "www.example.org", True),
        ("www.example.org:8080", "example.org:8080", True),
        ("example.org", "example.org:8080", False),
        ("example.org", "ww.example.org", False),
        ("example.org", "www.www.example.org", False),
        ("wwwexample.org", "example.org", False),
    ],
)
def test_a_host_with_www_is_the_same_site(one: str, other: str, is_same: bool) -> None:
    assert (site_key(one) == site_key(other)) is is_same
