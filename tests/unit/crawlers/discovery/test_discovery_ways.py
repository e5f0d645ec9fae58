"""Discovery by what a declaration tells: JSON lists, search forms, listings with days and counters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from crawlers import discovery
from crawlers.declaration.schema import Source
from crawlers.discovery import FetchedPage, FoundLinks, IndexUnreadable, Link
from crawlers.discovery.dates import listed_date

HOME = "https://laws.example/"


def source(discover: str, start: list[str], **sections: Any) -> Source:
    crawl = {"discover": discover, "start": start, "follow": r"/laws/\d+$", **sections.pop("crawl", {})}
    return Source.model_validate(
        {"source": {"id": "laws", "name": "Laws", "home": HOME}, "crawl": crawl, **sections}
    )


def read(declared: Source, link: Link, body: str | bytes) -> FoundLinks:
    data = body if isinstance(body, bytes) else body.encode()
    return discovery.read(declared, FetchedPage(link.url, 200, (), data, link.hint))


def pages(found: FoundLinks) -> list[tuple[str, str]]:
    return [
        (one.url.removeprefix(HOME), one.hint.published[:10]) for one in found.links if one.kind == "page"
    ]


def lists(found: FoundLinks) -> list[Link]:
    return [one for one in found.links if one.kind == "index"]


API = HOME + "api/list?page=1&size=2"
SHAPE = {"items": "data.list", "url": "id", "template": "/laws/{}", "date": "day", "total": "data.total"}


def answer(*ids: object, total: object = 5) -> str:
    items = [{"id": one, "day": "2026-03-04 05:06:07"} for one in ids]
    return json.dumps({"code": 0, "data": {"list": items, "total": total}})


def test_a_json_list_is_read_by_its_declared_shape_and_counted_up() -> None:
    declared = source("json", [API], list={**SHAPE, "page": "page"})
    (start,) = discovery.start(declared)
    found = read(declared, start, answer(1, "2"))
    assert pages(found) == [("laws/1", "2026-03-04"), ("laws/2", "2026-03-04")]
    assert (found.total, found.unusable) == (5, 0)
    (second,) = lists(found)
    assert second.url == HOME + "api/list?page=2&size=2"
    assert lists(read(declared, second, answer(1, "2"))) == [], "the same pages again"
    assert lists(read(declared, second, answer())) == []
    strange = read(declared, second, answer(3, None, True, {"a": 1}, total="many"))
    assert (pages(strange), strange.total, strange.unusable) == ([("laws/3", "2026-03-04")], None, 3)


def test_a_json_list_may_link_to_the_next_and_be_wrapped_in_a_call() -> None:
    shape = {"items": "", "url": "", "next": "0.more"}
    declared = source(
        "json", [API], list={"items": "rows", "url": "link", "date": "at", "next": "paging.next"}
    )
    (start,) = discovery.start(declared)
    body = {"rows": [{"link": "/laws/7", "at": 1772600000000}], "paging": {"next": "/api/more?after=7"}}
    found = read(declared, start, f"callback_1({json.dumps(body)});")
    assert pages(found) == [("laws/7", "2026-03-04")]
    assert [link.url for link in lists(found)] == [HOME + "api/more?after=7"]
    plain = source("json", [API], list={**shape, "next": ""})
    assert pages(read(plain, start, '["/laws/1", "https://laws.example/laws/2", "file:///x"]')) == [
        ("laws/1", ""),
        ("laws/2", ""),
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"code": 500, "message": "no rights"}', "json_error"),
        ('{"data": {"list": "none"}}', "json_error"),
        ("<html>Please wait", "json_unreadable"),
        ("[" * 100_000, "json_unreadable"),
    ],
)
def test_a_json_error_with_status_200_is_named(body: str, reason: str) -> None:
    declared = source("json", [API], list=SHAPE)
    with pytest.raises(IndexUnreadable) as raised:
        read(declared, discovery.start(declared)[0], body)
    assert raised.value.reason == reason


def test_a_search_form_is_asked_once_for_each_term_as_a_browser_would() -> None:
    form = {
        "action": HOME + "search?old=1", "field": "q", "terms": ["fish auction", "渔"],
        "fields": {"lib": "law"}, "charset": "gb2312",
    }  # fmt: skip
    declared = source("search", [], search=form)
    links = discovery.start(declared)
    assert [link.url for link in links] == [
        HOME + "search?lib=law&q=fish+auction",
        HOME + "search?lib=law&q=%D3%E6",
    ]
    found = read(
        declared, links[0], '<p>3 results found</p><a href="/laws/1">x</a><a href="?lib=law&q=a&page=2">2</a>'
    )
    assert (pages(found), found.total) == ([("laws/1", "")], 3)
    assert read(declared, links[1], "<p>Nothing found.") == FoundLinks([])


@pytest.mark.parametrize(
    "sections",
    [
        {"discover": "search"},
        {"discover": "listing", "search": {"action": HOME, "field": "q", "terms": ["x"]}},
        {"discover": "feed", "list": {"items": "x"}},
        {"discover": "json", "list": {"page": "p", "next": "n"}},
        {"discover": "json", "list": {"template": "/laws/"}},
        {"discover": "search", "search": {"action": HOME, "field": "q", "terms": []}},
        {"discover": "search", "search": {"action": HOME, "field": "q", "terms": ["x"], "charset": "gb"}},
        {"discover": "warc"},
    ],
)
def test_a_way_without_what_it_needs_or_with_what_it_does_not_is_refused(sections: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        source(sections.pop("discover"), [API], **sections)


LISTING = """<p>第1/16页 共 312 条记录</p><ul>
<li><a href="/laws/1">关于2019年3月1日事故的通报</a> <span>2026-03-04</span></li>
<li><span>4 March 2026</span> <a href="/laws/2">Second</a></li>
<li><a href="/laws/3"><img></a><a href="/laws/3">Third</a> March 3, 2026</li>
</ul><div><a href="/laws/4">Four</a></div><a href="?page=2">下一页</a>"""


def test_a_listing_tells_days_and_how_many_it_has() -> None:
    declared = source("listing", [HOME + "laws/"])
    found = read(declared, discovery.start(declared)[0], LISTING)
    assert found.total == 312
    assert pages(found) == [
        ("laws/1", "2026-03-04"),
        ("laws/2", "2026-03-04"),
        ("laws/3", "2026-03-03"),
        ("laws/4", ""),
    ]
    two = LISTING.replace("</ul>", "</ul><p>共 7 篇</p>")
    assert read(declared, discovery.start(declared)[0], two).total is None


def test_the_day_may_stand_in_the_url_and_an_impossible_one_is_none() -> None:
    assert listed_date("", "", HOME + "2024-03/01/content_7.html")[:10] == "2024-03-01"
    assert listed_date("", "", HOME + "t20240301_7.html")[:10] == "2024-03-01"
    assert listed_date("x 2024-13-40", "x", HOME) == ""
    assert listed_date("", "", HOME + "content_20249999123.html") == ""
