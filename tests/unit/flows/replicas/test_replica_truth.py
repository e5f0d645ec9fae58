"""Each site is what it says it is: seen without a network, through the answers it would give."""

from __future__ import annotations

import itertools
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import pytest

from crawlers.declaration.loading import load_source
from flows.replicas import Answer, Expected, Site
from flows.replicas.markup import visible_lines
from flows.replicas.serving import BUILDERS, SOURCES
from output.base.records import Access
from tests import SHARED

BASE = "http://127.0.0.1:1"
SEEDS = SHARED / "data" / "seeds"
SITES = list(itertools.product(BUILDERS, (1, 2)))
each_site = pytest.mark.parametrize(("name", "edition"), SITES)


@cache
def site(name: str, edition: int = 1) -> Site:
    return BUILDERS[name](BASE, edition)


def answer(site: Site, url: str) -> Answer:
    return site.answer(url.removeprefix(BASE))


def html(answer: Answer) -> str:
    """A page's text; those that lie about their charset or say gb2312 are Chinese bytes."""
    try:
        return answer.body.decode("utf-8")
    except UnicodeDecodeError:
        return answer.body.decode("gb18030")


def links(text: str, url: str) -> set[str]:
    found = (re.sub("&amp;", "&", link) for link in re.findall(r'href="([^"#]+)', text))
    return {urljoin(url, link) for link in found}


def listed(site: Site) -> set[str]:
    """What the lists of a site name, from the first list on."""
    lists = [url for url, outcome in site.outcomes.items() if outcome == "index"]
    return {link for url in lists for link in links(html(answer(site, url)), url)}


def pages(here: Site) -> list[Expected]:
    """The documents that are no files below a page."""
    return [d for d in here.documents if answer(here, d.url).content_type != "application/pdf"]


def everything() -> list[Expected]:
    return [document for name in BUILDERS for document in site(name).documents]


@each_site
def test_a_site_is_the_same_each_time(name: str, edition: int) -> None:
    assert BUILDERS[name](BASE, edition).answers == site(name, edition).answers


@each_site
def test_lists_lead_to_each_other_and_to_all_documents(name: str, edition: int) -> None:
    here = site(name, edition)
    lists = {url for url, outcome in here.outcomes.items() if outcome == "index"}
    reached, waiting = set[str](), set(starts(name))
    while waiting:
        url = waiting.pop()
        reached.add(url)
        waiting |= (links(html(answer(here, url)), url) & lists) - reached
    assert lists <= reached
    assert {document.url for document in here.documents} <= listed(here)


def starts(name: str) -> list[str]:
    text = (SOURCES / f"{name}.toml").read_text("utf-8").replace("{base}", BASE)
    urls: list[str] = tomllib.loads(text)["crawl"]["start"]
    return urls


@each_site
def test_pages_show_their_text_and_their_furniture(name: str, edition: int) -> None:
    here = site(name, edition)
    assert len(pages(here)) >= 15
    for document in pages(here):
        page = answer(here, document.url)
        assert page.status == 200
        assert page.modified
        lines = visible_lines(html(page))
        whole = "\n".join(lines)
        for text in (document.title, *document.paragraphs):
            assert text in whole, (document.url, text)
        for text in document.furniture:
            assert text in lines, (document.url, text)
        assert not set(document.furniture) & set(document.paragraphs)
        assert len(document.furniture) >= 10


@each_site
def test_pages_without_a_document_end_as_announced(name: str, edition: int) -> None:
    here = site(name, edition)
    robots = RobotFileParser()
    robots.parse(answer(here, f"{BASE}/robots.txt").body.decode().splitlines())
    for url, outcome in here.outcomes.items():
        page = answer(here, url)
        match outcome:
            case "gone":
                assert page.status == 410
            case "rejected: moved":
                assert page.status == 301
                assert answer(here, dict(page.headers)["Location"]).status == 200
            case "refused: robots":
                assert page.status == 200
                assert not robots.can_fetch("*", url)
            case _:
                assert outcome == "index"
                assert page.status == 200
                assert robots.can_fetch("*", url)
    assert all(robots.can_fetch("*", document.url) for document in here.documents)
    assert {"gone", "rejected: moved", "refused: robots"} <= set(here.outcomes.values())


@pytest.mark.parametrize("name", BUILDERS)
def test_a_crawl_of_the_first_edition_meets_every_outcome(name: str) -> None:
    here = site(name)
    met = listed(here)
    assert {url for url, outcome in here.outcomes.items() if outcome != "index"} <= met


@pytest.mark.parametrize("name", BUILDERS)
def test_a_source_follows_documents_and_nothing_that_has_no_outcome(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.toml"
    file.write_text((SOURCES / f"{name}.toml").read_text("utf-8").replace("{base}", BASE), "utf-8")
    follow = re.compile(load_source(file).crawl.follow)
    here = site(name)
    followed = {url for url in listed(here) if follow.search(url)}
    assert followed == {document.url for document in here.documents} | {
        url for url, outcome in here.outcomes.items() if outcome != "index"
    }


@pytest.mark.parametrize("name", BUILDERS)
def test_a_month_later_one_page_is_amended_one_gone_one_moved_one_new(name: str) -> None:
    before, after = site(name, 1), site(name, 2)
    old = {(d.url, d.part): d for d in before.documents}
    new = {(d.url, d.part): d for d in after.documents}
    changed = [key for key in old.keys() & new.keys() if old[key].paragraphs != new[key].paragraphs]
    assert len(changed) == 1
    came = {url: outcome for url, outcome in after.outcomes.items() if before.outcomes.get(url) != outcome}
    assert sorted(came.values()) == ["gone", "rejected: moved"]
    assert {(url, 0) for url in came} == old.keys() - new.keys()
    assert len(new.keys() - old.keys()) == 2  # the new page, and the new place of the moved one
    # Of all other pages, the chrome has changed on one at most.
    same = [d.url for key, d in old.items() if key in new and key not in changed]
    assert sum(answer(before, url) != answer(after, url) for url in same) <= 1
    for url in same:
        was, now = answer(before, url), answer(after, url)
        assert (was.body == now.body) == (was.modified == now.modified)


def test_relations_name_documents_that_exist() -> None:
    documents = everything()
    keys = {document.key for document in documents}
    assert len(keys) == len(documents)
    for document in documents:
        named = {document.same_as, document.version_of, document.contained_in, document.translation_of}
        assert named - {""} <= keys - {document.key}, document.key
    assert (
        sum(
            document.same_as.partition(":")[0] not in ("", document.key.partition(":")[0])
            for document in documents
        )
        >= 5
    )
    assert {document.access for document in documents} == {
        Access.FULL,
        Access.EXCERPT,
        Access.TEASER,
        Access.PAYWALLED,
        Access.UNKNOWN,
    }


def test_only_declared_documents_are_alike() -> None:
    """Character 5-grams: what is no duplicate, version or part stays below the usual threshold of .35."""
    documents = everything()
    shingles = {document.key: shingles_of("".join(document.paragraphs), 5) for document in documents}
    for a, b in itertools.combinations(documents, 2):
        first, second = shingles[a.key], shingles[b.key]
        likeness = len(first & second) / len(first | second)
        if a.same_as == b.key or b.same_as == a.key:
            assert likeness > 0.8, (a.key, b.key)
        if b.version_of == a.key:
            assert 0.5 < likeness < 0.95, (a.key, b.key)
        if b.contained_in == a.key:
            assert len(first & second) / len(second) > 0.9, (a.key, b.key)
        if likeness >= 0.35:
            assert related(a, b), (a.key, b.key, likeness)


def related(a: Expected, b: Expected) -> bool:
    families = [{"harbour-data", "harbour-data-2022"}, {a.work}]
    return (
        a.same_as == b.key
        or b.same_as == a.key
        or any(a.work in f and b.work in f and a.work for f in families)
    )


def test_the_portal_says_gb2312_and_holds_more() -> None:
    here = site("portal")
    for document in pages(here):
        page = answer(here, document.url)
        assert b"charset=gb2312" in page.body
        assert "charset" not in page.content_type
        with pytest.raises(UnicodeDecodeError):
            page.body.decode("gb2312")
        page.body.decode("gbk")


def test_one_page_of_news_holds_two_items() -> None:
    first, second = (d for d in site("news").documents if d.url.endswith("/3015.html"))
    assert (first.part, second.part) == (0, 1)
    assert not set(first.paragraphs) & set(second.paragraphs)


def test_cut_texts_end_in_the_middle_and_say_why() -> None:
    cut = [document for document in site("lawbase").documents if document.access is Access.PAYWALLED]
    assert len(cut) >= 3
    for document in cut:
        assert any(
            "take out a subscription" in line and "rest of this text" in line for line in document.furniture
        )
        assert not any(
            "自" in text and "起施行。" in text and "第" in text[:2] for text in document.paragraphs
        )


def test_no_text_of_the_seeds_is_in_the_replicas() -> None:
    if not SEEDS.exists():
        pytest.skip("the seed pages, which belong to their publishers, are not here")
    foreign = set().union(*(shingles_of(file.read_text("utf-8"), 30) for file in SEEDS.iterdir()))
    for name, edition in SITES:
        for path, page in site(name, edition).answers.items():
            if page.content_type != "application/pdf":
                found = shingles_of(html(page), 30) & foreign
                assert not found, (name, path, sorted(found)[:3])


def shingles_of(text: str, size: int) -> set[str]:
    folded = "".join(pieces(text))
    return {folded[start : start + size] for start in range(len(folded) - size + 1)}


def pieces(text: str) -> Iterator[str]:
    return (char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())


def test_urls_carry_no_other_host() -> None:
    for name in BUILDERS:
        for url in (*site(name).outcomes, *(document.url for document in site(name).documents)):
            assert urlsplit(url).netloc == "127.0.0.1:1"
