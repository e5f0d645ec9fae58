"""JSON lists: endpoints that name a source's pages as data, in a shape that the declaration tells.

A path is a chain of names with dots between them (`data.list`); "" is the answer itself. Numbers of the
following pages are counted up in the URL's parameter `page`; where the answer gives the address of
the next list itself, `next` is the path to it.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawlers.declaration.schema import Listed, Source
from crawlers.discovery.feed import read_date
from crawlers.discovery.links import Answer, Found, Hint, IndexUnreadable, Link, digest
from web.urls import canonical

FORM = "json"

# Some endpoints wrap their answer in a call, for pages of other hosts: callback({…});
_WRAPPED = re.compile(rb"^[\w.$]{1,80}\((.*)\)\s*;?\s*$", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,9}")
_EPOCH = re.compile(r"[0-9]{10}(?:[0-9]{3})?")


def start(source: Source) -> list[Link]:
    """The declared endpoints."""
    return [Link(url, "index", Hint(FORM, start=url)) for url in source.crawl.start]


def read(source: Source, answer: Answer) -> Found:
    """The pages that a list names, with their dates and the total where declared, and the next list.

    A list that names no page, or the very pages of the one before it, is where pagination ends.

    Raises:
        Unreadable: `json_unreadable`, where the answer is no JSON; `json_error`, where the path to the items
            leads to no list, as in an error told with status 200.

    """
    shape = source.list
    data = _data(answer)
    items = _at(data, shape.items)
    if not isinstance(items, list):
        raise IndexUnreadable(
            "json_error", f"{shape.items or 'the answer'} is no list: {json.dumps(data)[:200]}"
        )
    links = [link for item in items if (link := _link(item, shape, answer.url))]
    seen = digest(link.url for link in links)
    following = []
    if links and seen != answer.hint.seen and (url := _next(data, shape, answer.url)):
        following = [Link(url, "index", Hint(FORM, start=answer.hint.start, seen=seen))]
    total = str(_at(data, shape.total)) if shape.total else ""
    known = int(total) if _NUMBER.fullmatch(total) else None
    return Found([*links, *following], total=known, unusable=len(items) - len(links))


def _data(answer: Answer) -> Any:
    body = answer.body.removeprefix(b"\xef\xbb\xbf").strip()
    wrapped = _WRAPPED.match(body)
    try:
        return json.loads(wrapped[1] if wrapped else body)
    except RecursionError as error:
        raise IndexUnreadable("json_unreadable", "the answer is nested too deeply") from error
    except ValueError as error:
        raise IndexUnreadable("json_unreadable", str(error)) from error


def _link(item: Any, shape: Listed, base: str) -> Link | None:
    target = _at(item, shape.url) if shape.url else item
    if not isinstance(target, str | int) or isinstance(target, bool) or not str(target).strip():
        return None
    address = shape.template.replace("{}", str(target)) if shape.template else str(target).strip()
    url = canonical(address, base)
    if url is None:
        return None
    date = _date(_at(item, shape.date)) if shape.date else ""
    return Link(url, hint=Hint(published=date, modified=date))


def _date(value: Any) -> str:
    """A date as ISO 8601 in UTC: as feeds write it, or in seconds or milliseconds since 1970."""
    text = str(value)
    if _EPOCH.fullmatch(text):
        seconds = int(text[:10])
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    moment = read_date(text)
    return moment.isoformat() if moment else ""


def _next(data: Any, shape: Listed, url: str) -> str | None:
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
    """What lies at the end of a path of names and of numbers of places; None where it leads nowhere."""
    for name in path.split(".") if path else ():
        if isinstance(data, dict):
            data = data.get(name)
        elif isinstance(data, list) and name.isdecimal() and int(name) < len(data):
            data = data[int(name)]
        else:
            return None
    return data
