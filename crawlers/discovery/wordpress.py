"""Discovery by WordPress's REST API, which lists every post; where it is closed, by feed and archive pages.

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
from crawlers.discovery.links import FetchedPage, FoundLinks, Hint, IndexUnreadable, Link
from web.urls import canonical, parse

POSTS = "wordpress_posts"
TERMS = "wordpress_terms"

_POSTS_PER_LIST = 100
# A million posts; a header that says more is not believed.
_MAX_LISTS = 10_000
_ARCHIVE_PATH = re.compile(r"/(?P<taxonomy>category|tag)/(?:[^/]+/)*(?P<slug>[^/]+)/?$")
_API_TAXONOMIES = {"category": "categories", "tag": "tags"}
# Headers are untrusted: only ASCII digits, and not more of them than a number of posts can have.
_NUMBER = re.compile(r"[0-9]{1,9}")
_LIST_NUMBER = re.compile(r"(?<=[?&]page=)\d+")


def start(source: Source) -> list[Link]:
    """Return the API's lists of posts: for each start URL those of its category or tag, or all posts."""
    links = []
    for url in source.crawl.start:
        archive = _ARCHIVE_PATH.search(_path(url))
        if archive:
            taxonomy, slug = _API_TAXONOMIES[archive["taxonomy"]], archive["slug"]
            query = f"{taxonomy}?slug={slug}&_fields=id,slug"
            links.append(Link(_api_url(source, query), "index", Hint(TERMS, start=url)))
        else:
            links.append(_post_list(source, "", url))
    return links


def read_terms(source: Source, page: FetchedPage) -> FoundLinks:
    """Return the list of posts of the category or tag that the API found for a slug."""
    terms = _entries(page)
    if not terms:
        raise IndexUnreadable("rest_no_such_term", "the API knows no category or tag of that name")
    taxonomy = "tags" if "/tags?" in page.url else "categories"
    numbers = [term["id"] for term in terms if isinstance(term.get("id"), int)]
    return FoundLinks([_post_list(source, f"&{taxonomy}={number}", page.hint.start) for number in numbers])


def read_posts(source: Source, page: FetchedPage) -> FoundLinks:  # noqa: ARG001 - one interface for all readers
    """Read the posts of one list with their dates, the total, and from the first list all further lists."""
    posts = _entries(page)
    pages = [Link(url, hint=_dates(post)) for post in posts if (url := canonical(str(post.get("link", ""))))]
    lists = [Link(url, "index", page.hint) for url in _further_lists(page, len(posts))]
    total = page.header("x-wp-total")
    return FoundLinks(
        [*pages, *lists], int(total) if _NUMBER.fullmatch(total) else None, unusable=len(posts) - len(pages)
    )


def fallback_indexes(link: Link) -> list[Link]:
    """Return what to read where the API is closed: the feed and the archive pages of the start URL.

    Nothing replaces a later list: the API has answered for the first.
    """
    number = _LIST_NUMBER.search(link.url)
    if number and number.group() != "1":
        return []
    start_url = link.hint.start
    feed_url = canonical("feed/", start_url if start_url.endswith("/") else f"{start_url}/")
    feeds = [Link(feed_url, "index", Hint(feed.FORM, start=start_url))] if feed_url else []
    return [*feeds, Link(start_url, "index", Hint(listing.FORM, start=start_url))]


def _post_list(source: Source, filters: str, start_url: str) -> Link:
    query = f"posts?per_page={_POSTS_PER_LIST}&page=1&_fields=link,date_gmt,modified_gmt{filters}"
    return Link(_api_url(source, query), "index", Hint(POSTS, start=start_url))


def _api_url(source: Source, query: str) -> str:
    home = source.about.home if source.about.home.endswith("/") else f"{source.about.home}/"
    return canonical(f"wp-json/wp/v2/{quote(query, safe='?&=,%')}", home) or home


def _dates(post: dict[str, Any]) -> Hint:
    """Return a post's dates; WordPress sets `modified_gmt` at every change of a post."""
    published, modified = (
        moment.isoformat() if (moment := feed.read_date(str(post.get(name) or ""))) else ""
        for name in ("date_gmt", "modified_gmt")
    )
    return Hint(published=published, modified=modified or published, exact=bool(modified))


def _further_lists(page: FetchedPage, count: int) -> list[str]:
    """Return the URLs of the lists after this one, which has `count` posts.

    With a total in the headers, the first list leads to all the others; without, each full list to the next.
    """
    number = _LIST_NUMBER.search(page.url)
    if number is None:
        return []
    total = page.header("x-wp-totalpages")
    if _NUMBER.fullmatch(total):
        last = min(int(total), _MAX_LISTS) if number.group() == "1" else 0
    else:
        last = int(number.group()) + 1 if count >= _POSTS_PER_LIST else 0
    return [_LIST_NUMBER.sub(str(n), page.url) for n in range(int(number.group()) + 1, last + 1)]


def _entries(page: FetchedPage) -> list[dict[str, Any]]:
    """Return the objects of a JSON array. Raises IndexUnreadable for an error as JSON, or an HTML page."""
    try:
        data = json.loads(page.body)
    except ValueError as error:
        raise IndexUnreadable("rest_absent", "the response is not JSON") from error
    except RecursionError as error:
        raise IndexUnreadable("rest_error", "the response is nested too deeply") from error

    if isinstance(data, dict) and data.get("code") == "rest_post_invalid_page_number":
        return []
    if not isinstance(data, list):
        code = str(data.get("code", "")) if isinstance(data, dict) else type(data).__name__
        raise IndexUnreadable("rest_error", code[:200])
    return [entry for entry in data if isinstance(entry, dict)]


def _path(url: str) -> str:
    parsed = parse(url)
    return parsed.path if parsed else ""
