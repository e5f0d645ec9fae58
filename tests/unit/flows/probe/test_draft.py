"""What is drafted is a declaration, whatever a site calls itself; what stands in the way is said in words."""

from __future__ import annotations

import tomllib

import pytest

from crawlers.declaration.loading import Source
from crawlers.probe.findings import DiscoveryMethod, FrontPage, Notice, Robots, Survey
from flows.probe.draft import draft
from flows.probe.samples import CleanedSample
from flows.probe.show import problems

WAY = DiscoveryMethod(
    name="sitemap", start=("https://site.example/map.xml",), pages=412, is_whole=True, follow=r"/law/\d+$"
)
FRONT = FrontPage(url="https://site.example/", name="Site", languages=("en",))
SAMPLE = CleanedSample(
    "https://site.example/law/1", title="A", access="full", language="zh-Hans", date="2030-01-01"
)


def _drafted(found: Survey, *samples: CleanedSample) -> Source:
    return Source.model_validate(tomllib.loads(draft(found, "site", samples)))


def test_a_draft_says_what_was_found_and_what_to_look_at() -> None:
    terms = (Notice(words="Terms of use", url="https://site.example/terms"),)
    front = FRONT.model_copy(update={"terms": terms})
    found = Survey(url=FRONT.url, front=front, ways=(WAY,), robots=Robots(delay=7))
    text = draft(found, "site", [SAMPLE])
    assert "which found: sitemap 412 URLs" in text
    assert "Terms of use: not read yet" in text
    source = Source.model_validate(tomllib.loads(text))
    assert source.about.terms == "https://site.example/terms"
    assert source.about.language == ("zh-Hans", "en")
    assert source.crawl.delay == 7
    assert source.crawl.follow == WAY.follow
    assert source.expect.coverage == {"title": 0.9, "date_published": 0.9}
    assert len([line for line in text.splitlines() if line.strip()]) <= 25


@pytest.mark.parametrize("name", ['"""', "a\\b", "tab\there\x7f", "# x\n[crawl]\nstart = []", "' or '", "名"])
def test_no_name_breaks_out_of_its_string(name: str) -> None:
    front = FRONT.model_copy(
        update={"name": name, "terms": (Notice(words=name, url="https://site.example/t"),)}
    )
    assert _drafted(Survey(url=FRONT.url, front=front, ways=(WAY,))).about.name == name


def test_a_site_that_opts_out_is_drafted_for_its_metadata() -> None:
    front = FRONT.model_copy(update={"opt_outs": ('meta robots="noai"',)})
    assert _drafted(Survey(url=FRONT.url, front=front, ways=(WAY,))).about.use == "metadata"
    reserved = Survey(url=FRONT.url, front=FRONT, ways=(WAY,), robots=Robots(tdmrep=True))
    assert _drafted(reserved).about.use == "metadata"


@pytest.mark.parametrize(("pages", "field"), [(10, "*"), (1, "0123456")])
def test_how_often_it_is_looked_at_follows_how_often_it_publishes(pages: int, field: str) -> None:
    feed = DiscoveryMethod(
        name="feed", start=WAY.start, pages=pages, oldest="2030-01-01", newest="2030-02-01"
    )
    drafted = _drafted(Survey(url=FRONT.url, front=FRONT, ways=(WAY, feed)))
    assert drafted.schedule.cron.split()[-1] in field


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("robots", "robots.txt forbids this page to Tamis"),
        ("dns", "the host name is not known"),
        ("http_403", "forbids the page to this crawler (403)"),
        ("redirect_loop", "redirects in a loop"),
        ("login", "asks for a login first"),
        ("size", "larger than a crawl accepts"),
        ("http_502", "could not be fetched (http_502)"),
    ],
)
def test_what_stopped_a_probe_is_said_in_words(reason: str, words: str) -> None:
    found = Survey(url=FRONT.url, stopped=reason, detail="x\x1b[31m")
    (line,) = problems(found, [])
    assert words in line
    assert "\x1b" not in line
    assert draft(found, "site", []) == ""


def test_a_page_for_scripts_is_told_from_one_without_links() -> None:
    found = Survey(url=FRONT.url, front=FRONT, cut="after 120 seconds")
    nothing, scripted, cut = problems(found, [CleanedSample(FRONT.url, reason="needs_javascript")])
    assert "no way was found" in nothing
    assert "without JavaScript" in scripted
    assert "after 120 seconds" in cut
