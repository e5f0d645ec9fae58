"""The posts of an archive page, each a document with all of its text."""

from __future__ import annotations

import pytest

from cleaning.documents.split import keep_posts, posts
from cleaning.page.labels import Label
from cleaning.page.parse import Parsed, parse
from cleaning.pipeline import clean
from output.base.records import RawPage, RemovalKind, sha256_hex

URL = "https://harbour.example/notes/"
BODY = "In week {n} two clerks counted the boats of the lower harbour and wrote {n} names into their book. "
POSTS = {
    "bare": "<article><h2><a href=/p/{n}>Week {n}</a></h2><p>{t}</p><p>Note {n}: {t}</p></article>",
    "body named": "<article class=hentry><h2><a href=/p/{n} rel=bookmark>Week {n}</a></h2>"
    "<span class=byline>by Ann</span><div class=entry-content><p>{t}</p><p>Note {n}: {t}</p></div></article>",
    "named for its author": "<div class='post author-ann'><h2><a href=/p/{n}>Week {n}</a></h2>"
    "<div class=text><p>{t}</p><p>Note {n}: {t}</p></div></div>",
    "named for its tag": "<div class='post tag-boats'><h2><a href=/p/{n}>Week {n}</a></h2>"
    "<div class=text><p>{t}</p><p>Note {n}: {t}</p></div></div>",
}


def archive(post: str, weeks: int = 3, body_class: str = "blog") -> str:
    written = "".join(post.format(n=n, t=BODY.format(n=n) * 2) for n in range(1, weeks + 1))
    menu = "<nav><a href=/>Start</a> <a href=/about>About</a></nav>"
    body = f"<body class='{body_class}'>{menu}<main>{written}</main></body>"
    return f"<html lang=en><title>Notes</title>{body}</html>"


def raw(html: str) -> RawPage:
    return RawPage("p", "s", URL, html.encode(), sha256_hex(html.encode()))


def relabelled(parsed: Parsed, rule: str, kind: RemovalKind | None = RemovalKind.NAV) -> list[Label]:
    return [Label(kind, rule) for _ in parsed.blocks]


@pytest.mark.parametrize("layout", POSTS)
@pytest.mark.parametrize("body_class", ["blog", "archive author", "archive tag"])
def test_each_post_is_a_document_with_all_of_its_text(layout: str, body_class: str) -> None:
    found = clean(raw(archive(POSTS[layout], body_class=body_class)))
    assert [document.title for document in found.documents] == ["Week 1", "Week 2", "Week 3"]
    assert [document.part for document in found.documents] == [0, 1, 2]
    for n, document in enumerate(found.documents, 1):
        assert document.url == document.canonical_url == f"https://harbour.example/p/{n}"
        assert document.text.count(BODY.format(n=n).strip()) == 4
        assert f"Note {n}:" in document.text
        assert "by Ann" not in document.text
    assert len({document.id for document in found.documents}) == 3


@pytest.mark.parametrize("layout", POSTS)
def test_a_text_that_the_engine_takes_for_a_list_stays_in_its_post(layout: str) -> None:
    parsed = parse(archive(POSTS[layout]))
    parts = posts(parsed, URL, "")
    labels = relabelled(parsed, "model:x")
    keep_posts(parsed, parts, labels)
    assert [part.title for part in parts] == ["Week 1", "Week 2", "Week 3"]
    kept = [block.text for block, label in zip(parsed.blocks, labels, strict=True) if label.content]
    written = [
        [f"Week {n}", *(f"{lead}{BODY.format(n=n) * 2}".strip() for lead in ("", f"Note {n}: "))]
        for n in (1, 2, 3)
    ]
    assert kept == [line for lines in written for line in lines]
    assert {label.rule for label in labels if label.content} == {"split:post"}


def test_a_post_without_a_named_body_keeps_its_text_beside_one_that_has_one() -> None:
    html = archive(POSTS["body named"], 2).replace(
        "</main>", POSTS["bare"].format(n=3, t=BODY.format(n=3)) + "</main>"
    )
    parsed = parse(html)
    labels = relabelled(parsed, "model:x")
    keep_posts(parsed, posts(parsed, URL, ""), labels)
    kept = "\n".join(block.text for block, label in zip(parsed.blocks, labels, strict=True) if label.content)
    assert [kept.count(f"In week {n}") for n in (1, 2, 3)] == [4, 4, 2]


@pytest.mark.parametrize("rule", ["lexicon:share_en", "source:remove p", "fields:record"])
def test_what_others_than_the_engine_removed_stays_removed(rule: str) -> None:
    parsed = parse(archive(POSTS["bare"]))
    labels = relabelled(parsed, rule)
    keep_posts(parsed, posts(parsed, URL, ""), labels)
    assert not any(label.content for label in labels)


def test_what_stands_around_the_posts_leaves_with_a_receipt() -> None:
    parsed = parse(archive(POSTS["bare"]))
    labels = relabelled(parsed, "model:x", None)
    keep_posts(parsed, posts(parsed, URL, ""), labels)
    (menu,) = [i for i, block in enumerate(parsed.blocks) if "nav" in block.flags]
    assert (labels[menu].kind, labels[menu].rule) == (RemovalKind.NAV, "split:outside_posts")
    assert all(label.content for i, label in enumerate(labels) if i != menu)


@pytest.mark.parametrize(
    "html",
    [
        archive(POSTS["bare"], 1),
        archive(POSTS["bare"], body_class="single-post"),
        archive(POSTS["bare"].replace("/p/{n}", "/p/1")),
        archive(POSTS["bare"].replace(">Week {n}<", ">Re: Boats<")),
        archive(POSTS["bare"].replace("{t}", "Boats.")),
        archive(POSTS["bare"]).replace("<main>", f"<main><p>{BODY.format(n=0) * 20}</p>"),
        archive(f"<div id=comments-{{n}}>{POSTS['bare']}</div>"),
        archive(POSTS["bare"]).replace("<title>", "<meta property=og:type content=article><title>"),
    ],
    ids=["one post", "single", "one link", "thread", "only links", "cards", "comments", "article"],
)
def test_other_pages_are_no_archives(html: str) -> None:
    assert posts(parse(html), URL, "") == []


def test_a_page_that_is_one_of_its_posts_is_no_archive() -> None:
    parsed = parse(archive(POSTS["bare"]))
    assert posts(parsed, "https://harbour.example/p/2", "") == []
    assert posts(parsed, URL, "https://harbour.example/p/2") == []


def test_the_date_of_a_post_is_its_own() -> None:
    post = POSTS["bare"].replace("<p>", "<time datetime=2031-05-0{n}>May {n}</time><p>", 1)
    found = clean(raw(archive(post)))
    assert [document.date_published for document in found.documents] == [
        "2031-05-01",
        "2031-05-02",
        "2031-05-03",
    ]
