"""What a later run makes of pages, beside others that earlier runs brought and nobody has changed since."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.commands.forget import forget
from flows.commands.reclean import reclean
from flows.ingest.run import ingest
from flows.workspace.workspace import Workspace
from tests.e2e.quay import Site, asked, source, text

LAW = {
    "en": ("Quay Rules", ["Article {n}. Whoever moors at the quay tells the clerk within {n} days."]),
    "zh": ("码头规则", ["第{n}条　在码头停泊的，应当在{n}日内告知书记。"]),
}
NUMERALS = dict(enumerate("一二三四", 1))
TWINS = "".join(f'<link rel="alternate" hreflang="{code}" href="/{code}/rules">' for code in LAW)
STORY = [f"The harbour board met for the {n}th time, and nobody spoke of the boats." for n in range(4, 12)]


def law(language: str, more: str = "") -> str:
    title, (line,) = LAW[language]
    lines = [line.format(n=NUMERALS[n] if language == "zh" else n) for n in NUMERALS]
    body = "".join(f"<p>{line}</p>" for line in [*lines[:-1], lines[-1] + more])
    return f"<html lang={language}><title>{title}</title>{TWINS}<article><h1>{title}</h1>{body}</article>"


def story(day: str = "2031-05-01", menu: str = "Home") -> str:
    body = "".join(f"<p>{line}</p>" for line in STORY)
    head = f'<meta property="article:published_time" content="{day}"><title>The board meets</title>'
    return f"{head}<nav><a href=/>{menu}</a></nav><article><h1>The board meets</h1>{body}</article>"


def news(weather: str) -> str:
    posts = {"story": ("The board meets", f"{STORY[0]} {STORY[1]}")}
    for day, noun in enumerate(["quay", "river", "hill"]):
        late = f"so that the ferries left {day + 2} hours late, and those who waited at the gate went home"
        sky = f"{weather} lay over the {noun} from morning on, {late} again without a word."
        posts[f"weather-{day}"] = (f"{weather} on the {noun}", sky)
    teasers = "".join(
        f"<article class=post><h2 class=entry-title><a href=/{path}>{title}</a></h2>"
        f"<p>{text} […]</p><p><a class=more-link href=/{path}>Continue reading</a></p></article>"
        for path, (title, text) in posts.items()
    )
    return f"<title>News</title><main>{teasers}</main>"


@pytest.mark.parametrize("changed", ["en", "zh"])
def test_a_law_that_changes_in_one_language_stays_tied_to_the_other(
    site: Site, tmp_path: Path, changed: str
) -> None:
    site.pages.update({f"/{language}/rules": law(language) for language in LAW})
    quay, data = source(site, tmp_path), tmp_path / "data"
    ingest(quay, data)
    tied = "select t.id, t.work_id, o.work_id from latest t join latest o on o.id = t.translation_of"
    ((translation, work, same_work),) = asked(data, tied)
    assert work == same_work
    more = {"en": " On Fridays he waits.", "zh": "周五应当等候。"}[changed]
    site.pages[f"/{changed}/rules"] = law(changed, more)
    assert ingest(quay, data).report.documents == 1
    assert asked(data, tied) == [(translation, work, work)]
    aligned = asked(data, "select text_a, text_b from pairs where level = 'article' order by run_id, number")
    assert any(more in text for row in aligned for text in row)


def test_a_law_whose_original_comes_later_names_it_until_that_is_forgotten(
    site: Site, tmp_path: Path
) -> None:
    site.pages.update({f"/{language}/rules": law(language) for language in LAW})
    quay, data = source(site, tmp_path), tmp_path / "data"
    chinese = site.pages.pop("/zh/rules")
    ingest(quay, data)
    said = "select translation_of, work_id from latest where language = 'en'"
    ((original, _),) = asked(data, said)
    assert original is None
    site.pages["/zh/rules"] = chinese
    report = ingest(quay, data).report
    assert (report.documents, report.new, report.changed) == (2, 1, 1)
    (named,) = asked(data, said)
    assert [named] == asked(data, "select id, work_id from latest where language = 'zh-Hans'")
    assert ingest(quay, data).report.documents == 0
    forget(data, f"{site.base}/zh/rules")
    assert ingest(quay, data).report.changed == 1
    ((original, _),) = asked(data, said)
    assert original is None


def test_a_law_that_moved_stays_the_original_of_a_page_that_names_its_old_address(
    site: Site, tmp_path: Path
) -> None:
    site.pages.update({f"/{language}/rules": law(language) for language in LAW})
    quay, data = source(site, tmp_path, "/en/rules", "/zh/rules", "/zh/harbour"), tmp_path / "data"
    ingest(quay, data)
    site.pages |= {"/zh/harbour": site.pages["/zh/rules"], "/zh/rules": ">/zh/harbour"}
    tied = (
        "select o.url, t.work_id = o.work_id from latest t join latest o on o.id = t.translation_of"
        " where t.language = 'en'"
    )
    for more in ("", " On Fridays he waits."):
        site.pages["/en/rules"] = law("en", more)
        ingest(quay, data)
        assert asked(data, tied) == [(f"{site.base}/zh/harbour", True)]
        assert reclean(quay, Workspace(data)).counts == {"unchanged": 2}


def test_a_teaser_of_a_page_that_has_not_changed_does_not_stand_for_it(site: Site, tmp_path: Path) -> None:
    site.pages.update({"/story": story(), "/news": news("Rain")})
    quay, data = source(site, tmp_path), tmp_path / "data"
    ingest(quay, data)
    whole = f"select access, text from latest where url = '{site.base}/story'"
    ((access, text),) = asked(data, whole)
    assert access == "full"
    assert text.endswith("\n".join(STORY))
    site.pages["/news"] = news("Fog")
    ingest(quay, data)
    assert asked(data, whole) == [(access, text)]


def test_a_page_whose_teasers_are_all_whole_elsewhere_is_rejected_at_its_own_address(
    site: Site, tmp_path: Path
) -> None:
    stories = {
        f"/story-{n}": (f"The board meets for {n} hours", [f"{x} {n}" for x in STORY]) for n in (3, 4, 5)
    }
    site.pages.update({path: text(title, lines) for path, (title, lines) in stories.items()})
    quay, data = source(site, tmp_path, *stories, "/news"), tmp_path / "data"
    ingest(quay, data)
    teasers = "".join(
        f"<article class=post><h2 class=entry-title><a href={path}>{title}</a></h2>"
        f"<p>{' '.join(lines[:3])} […]</p><a class=more-link href={path}>Continue reading</a></article>"
        for path, (title, lines) in stories.items()
    )
    news = f"<title>News</title><main>{teasers}</main>"
    site.pages["/news"] = news
    outcomes = dict(ingest(quay, data).report.outcomes)
    assert outcomes == {"rejected: completed_elsewhere": 1, "unchanged": 3}
    assert asked(data, "select distinct access from latest") == [("full",)]
    # One has moved, and the list still names its old address.
    site.pages |= {"/story-6": site.pages["/story-3"], "/story-3": ">/story-6"}
    site.pages["/news"] = f"{news}<!-- today -->"
    report = ingest(quay, data).report
    assert (report.messages, dict(report.outcomes)["rejected: completed_elsewhere"]) == ((), 1)
    assert asked(data, "select distinct access from latest") == [("full",)]


def test_what_a_page_says_beside_its_text_is_published_anew_and_its_furniture_is_not(
    site: Site, tmp_path: Path
) -> None:
    site.pages["/story"] = story()
    quay, data = source(site, tmp_path), tmp_path / "data"
    ingest(quay, data)
    said = "select version, date_published from latest"
    ((version, day),) = asked(data, said)
    assert day == "2031-05-01"
    site.pages["/story"] = story("2031-06-01")
    report = ingest(quay, data).report
    assert (report.documents, report.new, report.changed) == (1, 0, 1)
    assert asked(data, said) == [(version, "2031-06-01")]
    site.pages["/story"] = story("2031-06-01", menu="Front page")
    assert ingest(quay, data).report.outcomes == (("unchanged: same_text", 1),)
