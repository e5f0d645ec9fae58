"""The blog's HTML: posts with everything that WordPress and its plug-ins put around them, and archives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from flows.replicas.blog.posts import FOLDER, Post, comments_of
from flows.replicas.library import choose, long_date
from flows.replicas.markup import html_of, text_lines, visible_lines
from flows.replicas.parts import Parts
from output.base.records import Access

PER_PAGE = 20
CATEGORIES = {"lanmere": "Lanmere", "translations": "Translations", "essays": "Essays"}


class Pages:
    """Renders pages for one base URL.

    Sidebar, related lists and neighbours are cached, as on real blogs: they know the posts of the first
    edition, `posts`. Only the last of these posts also knows the `new` ones.
    """

    def __init__(self, base: str, posts: Sequence[Post], new: Sequence[Post]) -> None:
        self.base = base
        self.old = [post for post in posts if not post.special]
        self.chain = [*self.old, *new]
        self._parts = Parts(FOLDER / "parts.html")
        self._recent = "\n".join(
            self._parts("link", url=base + post.path, title=escape(post.title)) for post in self.old[:-6:-1]
        )
        months = {f"{post.published:%Y/%m}": f"{post.published:%B %Y}" for post in reversed(self.old)}
        self._months = "\n".join(
            self._parts("link", url=f"{base}/{path}/", title=name) for path, name in list(months.items())[:12]
        )

    def post(self, post: Post) -> str:
        """Return a post's own page."""
        sections = (
            self._parts("section", language=language, html=html_of(lines))
            for language, lines in post.sections
        )
        return self._post(post, self._parts("heading", title=_widont(post.title)), "\n".join(sections))

    def furniture(self, post: Post) -> tuple[str, ...]:
        """Return the visible lines of a post's page that are neither its title nor its text."""
        kept = {line.text for line in post.lines} | {post.title}
        return tuple(
            dict.fromkeys(line for line in visible_lines(self._post(post, "", "")) if line not in kept)
        )

    def archive(self, slug: str, posts: Sequence[Post], number: int) -> str:
        """Return page `number` of a category: 20 posts, newest first, and links to older and newer pages."""
        shown = posts[(number - 1) * PER_PAGE : number * PER_PAGE]
        links = self._parts("older", url=self.page_url(slug, number + 1)) if number < pages(posts) else ""
        links += self._parts("newer", url=self.page_url(slug, number - 1)) if number > 1 else ""
        teasers = "\n".join(map(self._teaser, shown))
        main = self._parts("archive", title=CATEGORIES[slug], teasers=teasers, links=links)
        return self._page(CATEGORIES[slug], self.page_url(slug, number), main, "archive category")

    def about(self) -> str:
        """Return the page that is no post."""
        text = html_of(text_lines((FOLDER / "about.md").read_text("utf-8")))
        return self._page("About these notes", f"{self.base}/about/", self._parts("about", text=text), "page")

    def page_url(self, slug: str, number: int) -> str:
        """Return the URL of a page of a category."""
        return f"{self.base}/category/{slug}/" + (f"page/{number}/" if number > 1 else "")

    def _post(self, post: Post, heading: str, content: str) -> str:
        url = self.base + post.path
        main = self._parts(
            "post",
            base=self.base,
            number=post.number,
            category=post.category,
            category_name=CATEGORIES[post.category],
            heading=heading,
            posted=self._posted(post),
            content=content,
            around=self._around(post),
            neighbours=self._neighbours(post),
            below="" if post.bare else self._comments(post) + self._parts("form", base=self.base, url=url),
        )
        meta = self._parts(
            "meta",
            title=escape(post.title),
            url=url,
            published=post.published.isoformat(),
            modified=post.modified.isoformat(),
        )
        return self._page(post.title, url, main, "single single-post", meta, post.charset)

    def _around(self, post: Post) -> str:
        reblog = self._parts("reblog") if post.access is Access.TEASER else ""
        url = self.base + post.path
        return reblog + ("" if post.bare else self._parts("share", url=url) + self._related(post))

    def _posted(self, post: Post) -> str:
        changed = post.modified != post.published
        updated = (
            self._parts("updated", iso=post.modified.isoformat(), date=long_date(post.modified))
            if changed
            else ""
        )
        date, url = long_date(post.published), self.base + post.path
        return self._parts("posted", url=url, iso=post.published.isoformat(), date=date, updated=updated)

    def _teaser(self, post: Post) -> str:
        url = self.base + post.path
        shown = html_of(post.lines[: post.more] if post.more else post.lines)
        count = f"{post.comments} Comment{'s' * (post.comments > 1)}" if post.comments else "Leave a comment"
        return self._parts(
            "teaser",
            number=post.number,
            category=post.category,
            url=url,
            title=_widont(post.title),
            posted=self._posted(post),
            content=shown + (self._parts("more", url=url, number=post.number) if post.more else ""),
            comments=count,
        )

    def _related(self, post: Post) -> str:
        others = [other for other in self.old if other.key != post.key]
        chosen = {other.path: other for other in (choose(others, post.path, count) for count in range(3))}
        items = "".join(
            self._parts(
                "related_item",
                url=self.base + path,
                title=escape(other.title),
                date=long_date(other.published),
                category_name=CATEGORIES[other.category],
            )
            for path, other in chosen.items()
        )
        return self._parts("related", items=items)

    def _neighbours(self, post: Post) -> str:
        numbers = [other.number for other in self.chain]
        if post.number not in numbers:
            return ""
        position = numbers.index(post.number)
        links = []
        for piece, others in (
            ("previous", self.chain[:position][-1:]),
            ("next", self.chain[position + 1 : position + 2]),
        ):
            links += [self._parts(piece, url=self.base + p.path, title=escape(p.title)) for p in others]
        return "".join(links)

    def _comments(self, post: Post) -> str:
        found = comments_of(post)
        if not found:
            return ""
        items = (
            self._parts(
                "comment",
                number=f"{post.number}{count}",
                name=escape(name),
                date=long_date(post.published),
                time=f"{10 + count}:{post.number % 50 + 10}",
                text=escape(text, quote=False),
            )
            for count, (name, text) in enumerate(found)
        )
        thoughts = "One thought" if len(found) == 1 else f"{len(found)} thoughts"
        return self._parts("comments", thoughts=thoughts, title=escape(post.title), items="\n".join(items))

    def _page(
        self, title: str, url: str, main: str, body_class: str, meta: str = "", charset: str = "UTF-8"
    ) -> str:
        return self._parts(
            "page",
            title=escape(title),
            url=url,
            base=self.base,
            meta=meta,
            body_class=body_class,
            main=main,
            charset=charset,
            recent=self._recent,
            archives=self._months,
        )


def pages(posts: Sequence[Post]) -> int:
    """Return how many archive pages these posts fill."""
    return max(1, math.ceil(len(posts) / PER_PAGE))


def _widont(title: str) -> str:
    """Return the title with a no-break space before its last word, as WordPress writes it."""
    return "&nbsp;".join(escape(title, quote=False).rsplit(" ", 1))
