"""The blog's feed, sitemap and REST API."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from flows.replicas.blog.pages import CATEGORIES
from flows.replicas.blog.posts import FOLDER, Post
from flows.replicas.markup import html_of
from flows.replicas.parts import Parts
from flows.replicas.site import Answer

JSON = "application/json; charset=UTF-8"
# WordPress gives no more posts in one answer.
MAX_PER_PAGE = 100
_NUMBERS = {slug: number for number, slug in enumerate(CATEGORIES, 2)}


def feed(base: str, posts: Sequence[Post]) -> bytes:
    """Return an RSS 2.0 feed of the ten newest posts, with full texts in content:encoded."""
    parts = Parts(FOLDER / "parts.html")
    items = (
        parts(
            "feed_item",
            title=escape(post.title),
            url=base + post.path,
            date=format_datetime(post.published),
            category_name=CATEGORIES[post.category],
            base=base,
            number=post.number,
            excerpt=post.lines[0].text,
            content=html_of(post.lines),
        )
        for post in posts[:10]
    )
    return parts("feed", base=base, items="\n".join(items)).encode()


def sitemap(base: str, posts: Sequence[Post]) -> bytes:
    """Return the sitemap of all posts."""
    parts = Parts(FOLDER / "parts.html")
    urls = (parts("sitemap_url", url=base + post.path, modified=post.modified.isoformat()) for post in posts)
    return parts("sitemap", urls="\n".join(urls)).encode()


def sitemap_index(base: str) -> bytes:
    """Return the index that names the one sitemap."""
    return Parts(FOLDER / "parts.html")("sitemap_index", base=base).encode()


class Rest:
    """/wp-json/: the index, the categories, and the posts by page, category, date and field."""

    def __init__(self, base: str, posts: Sequence[Post], modified: datetime) -> None:
        self.base = base
        self.posts = posts
        self.modified = modified

    def __call__(self, path: str, query: Mapping[str, str]) -> Answer | None:
        """Return the answer to a path of the API; None for any other path."""
        match path.rstrip("/"):
            case "/wp-json":
                return self._json({"name": "Estuary Law Notes", "url": self.base, "namespaces": ["wp/v2"]})
            case "/wp-json/wp/v2/categories":
                wanted = query.get("slug")
                rows = [
                    {
                        "id": number,
                        "slug": slug,
                        "name": CATEGORIES[slug],
                        "link": f"{self.base}/category/{slug}/",
                    }
                    for slug, number in _NUMBERS.items()
                    if wanted in (None, slug)
                ]
                return self._json(_selected_fields(rows, query))
            case "/wp-json/wp/v2/posts":
                return self._posts(query)
        return None

    def _posts(self, query: Mapping[str, str]) -> Answer:
        try:
            page, size = int(query.get("page", "1")), int(query.get("per_page", "10"))
            wanted = (
                {int(number) for number in query["categories"].split(",")} if "categories" in query else None
            )
            after, modified_after = (_moment(query.get(name, "")) for name in ("after", "modified_after"))
        except ValueError:
            return self._error("rest_invalid_param", "A parameter of this request cannot be read.")
        if not (page >= 1 and 1 <= size <= MAX_PER_PAGE):
            return self._error("rest_invalid_param", "A page or its size is out of bounds.")
        found = [
            post
            for post in self.posts
            if (wanted is None or wanted & set(_categories(post)))
            and (after is None or post.published > after)
            and (modified_after is None or post.modified > modified_after)
        ]
        last = math.ceil(len(found) / size)
        if page > max(last, 1):
            return self._error("rest_post_invalid_page_number", "There are not so many pages of posts.")
        rows = [self._row(post) for post in found[(page - 1) * size : page * size]]
        totals = (("X-WP-Total", str(len(found))), ("X-WP-TotalPages", str(last)))
        return self._json(_selected_fields(rows, query), headers=totals)

    def _row(self, post: Post) -> dict[str, Any]:
        published, modified = (f"{moment:%Y-%m-%dT%H:%M:%S}" for moment in (post.published, post.modified))
        return {
            "id": post.number,
            "date": published,
            "date_gmt": published,
            "modified": modified,
            "modified_gmt": modified,
            "slug": post.path.rstrip("/").rpartition("/")[2],
            "status": "publish",
            "type": "post",
            "link": self.base + post.path,
            "title": {"rendered": escape(post.title)},
            "content": {"rendered": html_of(post.lines), "protected": False},
            "excerpt": {"rendered": f"<p>{escape(post.lines[0].text)} [&hellip;]</p>", "protected": False},
            "author": 1,
            "categories": _categories(post),
            "tags": [],
        }

    def _json(self, value: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
        body = json.dumps(value, ensure_ascii=False).encode()
        return Answer(body, status, JSON, self.modified if status == 200 else None, headers)

    def _error(self, code: str, message: str) -> Answer:
        return self._json({"code": code, "message": message, "data": {"status": 400}}, 400)


def _selected_fields(rows: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows with the fields that `_fields` names, or with all."""
    if "_fields" not in query:
        return rows
    names = query["_fields"].split(",")
    return [{name: row[name] for name in names if name in row} for row in rows]


def _moment(text: str) -> datetime | None:
    """Return a date of a query, in UTC where it names no zone; None for ""."""
    moment = datetime.fromisoformat(text) if text else None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _categories(post: Post) -> list[int]:
    return [_NUMBERS["lanmere"], _NUMBERS[post.category]]
