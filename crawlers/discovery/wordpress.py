"""WordPress: its REST API names every post; where that is closed, its feed and its archive pages do.

https://developer.wordpress.org/rest-api/reference/posts/ : 100 posts a page at most, with the totals
in the headers X-WP-Total and X-WP-TotalPages.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from crawlers.declaration.schema import Source
from crawlers.discovery import feed, listing
from crawlers.discovery.links import Answer, Found, Hint, IndexUnreadable, Link
from web.urls import canonical, parse

POSTS = "wordpress_posts"
TERMS = "wordpress_terms"

_PER_PAGE = 100
# A million posts; a header that promises more is not believed.
_MAX_LISTS = 10_000
_ARCHIVE = re.compile(r"/(?P<taxonomy>category|tag)/(?:[^/]+/)*(?P<slug>[^/]+)/?$")
_TAXONOMIES = {"category": "categories", "tag": "tags"}
# A header is what a site wrote: ASCII digits, and no more of them than pages there can be.
_NUMBER = re.compile(r"[0-9]{1,9}")
_PAGE = re.compile(r"(?<=[?&]page=)\d+")


def start(source: Source) -> list[Link]:
    """The API's list of posts: of the category or tag that a start URL is the archive of, or of all."""
    links = []
    for url in source.crawl.start:
        archive = _ARCHIVE.search(_path(url))
        if archive:
            taxonomy, slug = _TAXONOMIES[archive["taxonomy"]], archive["slug"]
            query = f"{taxonomy}?slug={slug}&_fields=id,slug"
            links.append(Link(_api(source, query), "index", Hint(TERMS, start=url)))
        else:
            links.append(_posts(source, "", url))
    return links


def read_terms(source: Source, answer: Answer) -> Found:
    """The list of posts of the category or tag that was asked for by its slug."""
    terms = _entries(answer)
    if not terms:
        raise IndexUnreadable("rest_no_such_term", "the API knows no category or tag of that name")
    taxonomy = "tags" if "/tags?" in answer.url else "categories"
    numbers = [term["id"] for term in terms if isinstance(term.get("id"), int)]
    return Found([_posts(source, f"&{taxonomy}={number}", answer.hint.start) for number in numbers])


def read_posts(source: Source, answer: Answer) -> Found:  # noqa: ARG001 - one interface for all readers
    """The posts of one list with their dates, the total of all, and from the first list all the others."""
    posts = _entries(answer)
    pages = [Link(url, hint=_dates(post)) for post in posts if (url := canonical(str(post.get("link", ""))))]
    lists = [Link(url, "index", answer.hint) for url in _further(answer, len(posts))]
    total = answer.header("x-wp-total")
    return Found(
        [*pages, *lists], int(total) if _NUMBER.fullmatch(total) else None, unusable=len(posts) - len(pages)
    )


def instead(link: Link) -> list[Link]:
    """What to read when the API does not answer: the feed and the archive pages of the start URL.

    Where the API has answered already, and a later one of its lists does not, there is nothing instead.
    """
    number = _PAGE.search(link.url)
    if number and number.group() != "1":
        return []
    start_url = link.hint.start
    feed_url = canonical("feed/", start_url if start_url.endswith("/") else f"{start_url}/")
    feeds = [Link(feed_url, "index", Hint(feed.FORM, start=start_url))] if feed_url else []
    return [*feeds, Link(start_url, "index", Hint(listing.FORM, start=start_url))]


def _posts(source: Source, narrowed: str, start_url: str) -> Link:
    query = f"posts?per_page={_PER_PAGE}&page=1&_fields=link,date_gmt,modified_gmt{narrowed}"
    return Link(_api(source, query), "index", Hint(POSTS, start=start_url))


def _api(source: Source, query: str) -> str:
    home = source.source.home if source.source.home.endswith("/") else f"{source.source.home}/"
    return canonical(f"wp-json/wp/v2/{quote(query, safe='?&=,%')}", home) or home


def _dates(post: dict[str, Any]) -> Hint:
    """A post's dates; WordPress sets `modified_gmt` at every change of a post."""
    published, modified = (
        moment.isoformat() if (moment := feed.read_date(str(post.get(name) or ""))) else ""
        for name in ("date_gmt", "modified_gmt")
    )
    return Hint(published=published, modified=modified or published, exact=bool(modified))


def _further(answer: Answer, count: int) -> list[str]:
    number = _PAGE.search(answer.url)
    if number is None:
        return []
    total = answer.header("x-wp-totalpages")
    if _NUMBER.fullmatch(total):
        last = min(int(total), _MAX_LISTS) if number.group() == "1" else 0
    else:
        last = int(number.group()) + 1 if count >= _PER_PAGE else 0
    return [_PAGE.sub(str(n), answer.url) for n in range(int(number.group()) + 1, last + 1)]


def _entries(answer: Answer) -> list[dict[str, Any]]:
    """The objects of a JSON array. Raises Unreadable for an error told in JSON, or a page of HTML."""
    try:
        data = json.loads(answer.body)
    except ValueError as error:
        raise IndexUnreadable("rest_absent", "the answer is no JSON") from error
    except RecursionError as error:
        raise IndexUnreadable("rest_error", "the answer is nested too deeply") from error
    if isinstance(data, dict) and data.get("code") == "rest_post_invalid_page_number":
        return []
    if not isinstance(data, list):
        code = str(data.get("code", "")) if isinstance(data, dict) else type(data).__name__
        raise IndexUnreadable("rest_error", code[:200])
    return [entry for entry in data if isinstance(entry, dict)]


def _path(url: str) -> str:
    parsed = parse(url)
    return parsed.path if parsed else ""
