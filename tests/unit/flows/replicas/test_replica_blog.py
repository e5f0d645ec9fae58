from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import pytest

from flows.replicas import Answer, Site
from flows.replicas.serving import BUILDERS
from output.base.records import Access

BASE = "http://127.0.0.1:1"


@cache
def blog(edition: int = 1) -> Site:
    return BUILDERS["blog"](BASE, edition)


def rest(query: str, edition: int = 1) -> tuple[Answer, Any]:
    answer = blog(edition).answer(f"/wp-json/wp/v2/{query}")
    return answer, json.loads(answer.body)


def archived(slug: str, edition: int = 1) -> list[str]:
    """The permalinks that a category's archive pages show, in order."""
    found, path = [], f"/category/{slug}/"
    while path:
        page = blog(edition).answer(path).body.decode()
        found += re.findall(r'<h1 class="entry-title"><a href="([^"]+)"', page)
        older = re.search(r'<a href="([^"]+)">&larr; Older posts', page)
        path = older[1].removeprefix(BASE) if older else ""
    return found


@pytest.mark.parametrize("edition", [1, 2])
def test_api_archive_feed_and_sitemap_agree(edition: int) -> None:
    posts, number = [], 1
    while True:
        answer, rows = rest(f"posts?per_page=7&page={number}", edition)
        totals = dict(answer.headers)
        posts += [row["link"] for row in rows]
        if number == int(totals["X-WP-TotalPages"]):
            break
        number += 1
    assert len(posts) == int(totals["X-WP-Total"]) == 30
    assert posts == archived("lanmere", edition)
    sitemap = blog(edition).answer("/wp-sitemap-posts-post-1.xml").body.decode()
    assert re.findall(r"<url><loc>([^<]+)", sitemap) == posts
    feed = blog(edition).answer("/feed/").body.decode()
    assert re.findall(r"<item>.*?<link>([^<]+)", feed) == posts[:10]


def test_the_first_archive_page_has_twenty_posts_and_the_last_no_link_to_older_ones() -> None:
    first, last = (blog().answer(f"/category/lanmere/{page}").body.decode() for page in ("", "page/2/"))
    assert first.count("<article") == 20
    assert last.count("<article") == 10
    assert "Older posts" in first
    assert "Older posts" not in last
    assert "Newer posts" in last


def test_archives_cut_what_the_api_gives_whole() -> None:
    _, rows = rest("posts?per_page=100")
    essay = next(
        document
        for document in blog().documents
        if document.url.endswith("/four-questions-about-ranked-menus/")
    )
    page = blog().answer("/category/lanmere/").body.decode()
    assert essay.paragraphs[1] in page
    assert essay.paragraphs[-1] not in page
    assert f'href="{essay.url}#more-' in page
    whole = next(row for row in rows if row["link"] == essay.url)["content"]["rendered"]
    assert essay.paragraphs[-1] in whole


def test_the_api_narrows_by_category_date_and_field() -> None:
    _, (category,) = rest("categories?slug=essays&_fields=id,slug")
    assert category["slug"] == "essays"
    answer, rows = rest(f"posts?categories={category['id']}&per_page=100&_fields=link,modified_gmt")
    assert [row["link"] for row in rows] == archived("essays")
    assert set(rows[0]) == {"link", "modified_gmt"}
    assert dict(answer.headers)["X-WP-TotalPages"] == "1"
    _, late = rest("posts?modified_after=2024-03-01T00:00:00", 2)
    assert len(late) == 2  # the essay with the new paragraph, and the new post


@pytest.mark.parametrize("query", ["per_page=101", "per_page=x", "page=0", "after=spring"])
def test_the_api_refuses_what_it_cannot_read(query: str) -> None:
    answer, error = rest(f"posts?{query}")
    assert answer.status == 400
    assert error["code"] == "rest_invalid_param"


def test_the_api_ends_where_the_posts_end() -> None:
    answer, error = rest("posts?per_page=20&page=3")
    assert answer.status == 400
    assert error["code"] == "rest_post_invalid_page_number"


def test_one_page_lies_about_its_charset() -> None:
    page = blog().answer("/2021/01/25/digitised-parish-registers/")
    assert page.content_type == "text/html; charset=UTF-8"
    assert b'charset="gb2312"' in page.body
    with pytest.raises(UnicodeDecodeError):
        page.body.decode("utf-8")
    assert "教区簿册" in page.body.decode("gb18030")


def test_verdicts_other_than_full() -> None:
    verdicts = {document.url.split("/")[-2]: document.access for document in blog().documents}
    assert {slug: access for slug, access in verdicts.items() if access is not Access.FULL} == {
        "crowd-made-shoal-maps-excerpts": Access.EXCERPT,
        "fog-trial-of-the-amended-harbour-rules": Access.TEASER,
    }


def test_the_neighbour_of_a_new_post_changes_and_its_text_does_not() -> None:
    path = "/2023/06/26/synthetic-voice-announcements/"
    before, after = blog(1).answer(path), blog(2).answer(path)
    assert before.body != after.body
    assert before.modified
    assert after.modified
    assert before.modified < after.modified
    texts = [next(d.paragraphs for d in blog(e).documents if d.url == BASE + path) for e in (1, 2)]
    assert texts[0] == texts[1]


def test_dates_in_the_feed_are_those_of_the_posts() -> None:
    feed = blog().answer("/feed/").body.decode()
    dates = dict(re.findall(r"<item>.*?<link>([^<]+)</link><pubDate>([^<]+)", feed))
    for document in blog().documents:
        if document.url in dates:
            assert parsedate_to_datetime(dates[document.url]).date().isoformat() == document.date_published
