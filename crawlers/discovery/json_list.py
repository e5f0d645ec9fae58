"""Discovery by JSON lists: endpoints that list a source's pages as data, in the shape that `[list]` declares.

A path is a chain of names joined by dots (`data.list`); "" is the whole response. The next list has the next
number in the URL's query parameter `page`, or its URL is at the path `next` of the response.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawlers.declaration.schema import JsonList, Source
from crawlers.discovery.feed import read_date
from crawlers.discovery.links import FetchedPage, FoundLinks, Hint, IndexUnreadable, Link, digest
from web.urls import canonical

FORM = "json"

# Some endpoints wrap their response in a function call (JSONP): callback({…});
_JSONP = re.compile(rb"^[\w.$]{1,80}\((.*)\)\s*;?\s*$", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,9}")
_EPOCH = re.compile(r"[0-9]{10}(?:[0-9]{3})?")


def start(source: Source) -> list[Link]:
    """Return the declared endpoints."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, page: FetchedPage) -> FoundLinks:
    """Read the pages of a list, with their dates and the total where declared, and the next list.

    Pagination ends with a list that names no page, or the same pages as the list before.

    Raises:
        IndexUnreadable: `json_unreadable`, where the response is not JSON; `json_error`, where the path to
        the
            items does not lead to a list, as in an error with status 200.

    """
    shape = source.list
    data = _parse(page)
    items = _at(data, shape.items)
    if not isinstance(items, list):
        raise IndexUnreadable(
            "json_error", f"{shape.items or 'the response'} is not a list: {json.dumps(data)[:200]}"
        )
    links = [link for item in items if (link := _link(item, shape, page.url))]
    seen = digest(link.url for link in links)
    following = []
    if links and seen != page.hint.seen and (url := _next_url(data, shape, page.url)):
        following = [Link(url, "index", Hint(FORM, start=page.hint.start, seen=seen))]
    total = str(_at(data, shape.total)) if shape.total else ""
    known = int(total) if _NUMBER.fullmatch(total) else None
    return FoundLinks([*links, *following], total=known, unusable=len(items) - len(links))


def _parse(page: FetchedPage) -> Any:
    body = page.body.removeprefix(b"\xef\xbb\xbf").strip()
    wrapped = _JSONP.match(body)
    try:
        return json.loads(wrapped[1] if wrapped else body)
    except RecursionError as error:
        raise IndexUnreadable("json_unreadable", "the response is nested too deeply") from error
    except ValueError as error:
        raise IndexUnreadable("json_unreadable", str(error)) from error


def _link(item: Any, shape: JsonList, base: str) -> Link | None:
    target = _at(item, shape.url) if shape.url else item
    if not isinstance(target, str | int) or isinstance(target, bool) or not str(target).strip():
        return None
    reference = shape.template.replace("{}", str(target)) if shape.template else str(target).strip()
    url = canonical(reference, base)
    if url is None:
        return None
    date = _date(_at(item, shape.date)) if shape.date else ""
    return Link(url, hint=Hint(published=date, modified=date))


def _date(value: Any) -> str:
    """Return a date as ISO 8601 in UTC, or "", from a date as in feeds or a Unix time in s or ms."""
    text = str(value)
    if _EPOCH.fullmatch(text):
        seconds = int(text[:10])
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    moment = read_date(text)
    return moment.isoformat() if moment else ""


def _next_url(data: Any, shape: JsonList, url: str) -> str | None:
    """Return the URL of the next list: at the path `next`, or with the counter `page` raised by one."""
    if shape.next:
        target = _at(data, shape.next)
        return canonical(target, url) if isinstance(target, str) and target.strip() else None
    if not shape.page:
        return None
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    number = query.get(shape.page, "")
    if not number.isdecimal():
        return None
    query[shape.page] = str(int(number) + 1)
    return canonical(parts._replace(query=urlencode(query)).geturl())


def _at(data: Any, path: str) -> Any:
    """Return the value at a path of names and list positions; None where there is none."""
    for name in path.split(".") if path else ():
        if isinstance(data, dict):
            data = data.get(name)
        elif isinstance(data, list) and name.isdecimal() and int(name) < len(data):
            data = data[int(name)]
        else:
            return None
    return data
