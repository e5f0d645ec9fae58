"""A WordPress blog of translated regulations, as wordpress.com serves such blogs.

A month later, in edition 2, one essay has a new paragraph, one post is gone, one has moved, one is new; and
the post before the new one has a link to it, so that its page has changed and its text has not.
"""

from __future__ import annotations

from datetime import datetime

from flows.replicas.annexes import Annex
from flows.replicas.blog.feeds import Rest, feed, sitemap, sitemap_index
from flows.replicas.blog.pages import CATEGORIES, Pages, pages
from flows.replicas.blog.posts import Post, load_posts
from flows.replicas.dated_lists import OUTCOMES, Entry, answer_of, codec
from flows.replicas.site import HTML, Answer, Expected, Site

ROBOTS = """User-agent: *
Disallow: /wp-admin/
Allow: /wp-admin/admin-ajax.php
Disallow: /2018/06/14/draft-for-members/

Sitemap: {base}/wp-sitemap.xml
"""
XML = "text/xml; charset=UTF-8"


def build(base: str, edition: int) -> Site:
    """Return the blog at a base URL."""
    posts = load_posts(edition)
    listed = [post for post in reversed(posts) if not (post.special == "gone" and post.work)]
    newest = max(max(post.published, post.modified) for post in posts)
    shown = Pages(base, load_posts(1), [post for post in posts if post.new])
    answers: dict[str, Answer] = {}
    outcomes: dict[str, str] = {}
    for post in posts:
        _add_post(answers, outcomes, shown, post, posts)
    for slug in CATEGORIES:
        chosen = [post for post in listed if slug in ("lanmere", post.category)]
        for number in range(1, pages(chosen) + 1):
            path = shown.page_url(slug, number).removeprefix(base)
            answers[path] = _page(shown.archive(slug, chosen, number), newest)
            outcomes[base + path] = "index"
        answers[f"/category/{slug}/feed/"] = Answer(feed(base, chosen), 200, XML, newest)
    answers["/"] = answers["/category/lanmere/"]
    answers["/about/"] = _page(shown.about(), posts[0].published)
    answers["/feed/"] = Answer(feed(base, listed), 200, XML, newest)
    answers["/wp-sitemap.xml"] = Answer(sitemap_index(base), 200, XML, newest)
    answers["/wp-sitemap-posts-post-1.xml"] = Answer(sitemap(base, listed), 200, XML, newest)
    answers["/robots.txt"] = Answer(ROBOTS.format(base=base).encode(), 200, "text/plain", posts[0].published)
    documents = [_expected(base, shown, post) for post in posts if not post.special]
    documents += [annex.expected(base, "blog") for post in posts if (annex := _annex(post))]
    return Site("blog", answers, tuple(documents), outcomes, Rest(base, listed, newest))


def _add_post(
    answers: dict[str, Answer], outcomes: dict[str, str], shown: Pages, post: Post, posts: list[Post]
) -> None:
    url, base = shown.base + post.path, shown.base
    target = next((other.path for other in posts if other.title == post.title and not other.special), "")
    entry = Entry(
        post.path, post.title, post.published.date(), shown.post(post), special=post.special, target=target
    )
    if annex := _annex(post):
        answers[post.path] = annex.answer(post.modified)
        return
    if post.special:
        answers[post.path] = answer_of(base, entry)
        outcomes[url] = OUTCOMES[post.special]
        return
    # A page with a wrong header: its bytes and its meta element are Chinese, its header says UTF-8.
    body = shown.post(post).encode(codec(post.charset.lower()))
    after = [other.published for other in posts if other.new and other.number == post.number + 1]
    answers[post.path] = Answer(body, 200, HTML, max(post.modified, *after) if after else post.modified)
    if post.former:
        answers[post.former] = answer_of(
            base, Entry(post.former, "", entry.day, special="moved", target=post.path)
        )
        outcomes[base + post.former] = OUTCOMES["moved"]


def _annex(post: Post) -> Annex | None:
    return Annex(post.path, post.title.removesuffix(" (PDF)")) if post.special == "pdf" else None


def _expected(base: str, shown: Pages, post: Post) -> Expected:
    return Expected(
        key=f"blog:{post.key}",
        url=base + post.path,
        title=post.title,
        languages=tuple(language for language, _ in post.sections),
        paragraphs=tuple(line.text for line in post.lines),
        furniture=shown.furniture(post),
        access=post.access,
        date_published=post.published.date().isoformat(),
        date_issued=post.work.issued.isoformat() if post.work else "",
        date_effective=post.work.effective.isoformat() if post.work else "",
        work=post.work.id if post.work else "",
        same_as=f"blog:{post.same_as}" if post.same_as else "",
        version_of=f"blog:{post.version_of}" if post.version_of else "",
        contained_in=post.contained_in,
    )


def _page(html: str, modified: datetime) -> Answer:
    return Answer(html.encode(), 200, HTML, modified)
