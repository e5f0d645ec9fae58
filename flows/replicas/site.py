"""A replica site: its answers to requests, and the truth about them.

A site is built whole for one base URL and one edition, and never changes while it is served.
Its clock is frozen: every date in a page or header comes from the site's own data.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from output.base.records import Access

HTML = "text/html; charset=UTF-8"
# The time of the replicas' clocks, by edition; it is also sent as `Date`.
TODAY = {1: datetime(2024, 3, 1, 8, 0, tzinfo=UTC), 2: datetime(2024, 4, 1, 8, 0, tzinfo=UTC)}


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `body` in bytes, `modified` for Last-Modified (None: the site gives no validators)."""

    body: bytes
    status: int = 200
    content_type: str = HTML
    modified: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Expected:
    """A document of a page, as perfect cleaning would give it.

    `languages` are those of its text in order ("en", "zh-Hans"); a translation on the same page is part of
    the document. `paragraphs` are its lines in order, without the title. `furniture` are the page's other
    visible lines, none of which may be in the document. Dates are ISO 8601, "" where the page has none.
    `same_as`, `version_of`, `contained_in` and `translation_of` name the `key` of another document of any
    site ("blog:harbour-data"). `work` names the regulation that the text is, or is "".
    """

    key: str
    url: str
    title: str
    languages: tuple[str, ...]
    paragraphs: tuple[str, ...]
    furniture: tuple[str, ...]
    access: Access = Access.FULL
    part: int = 0
    date_published: str = ""
    date_issued: str = ""
    date_effective: str = ""
    work: str = ""
    same_as: str = ""
    version_of: str = ""
    contained_in: str = ""
    translation_of: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """A replica: answers by path and query, the documents in them, and the outcome of every other page.

    `outcomes` holds the absolute URLs that a crawl of the site's source finds and that give no document, each
    with the outcome and reason that a run must give it ("gone", "refused: robots"). `api` answers requests
    that depend on a query; it returns None for an unknown one.
    """

    name: str
    answers: Mapping[str, Answer]
    documents: tuple[Expected, ...]
    outcomes: Mapping[str, str]
    api: Callable[[str, Mapping[str, str]], Answer | None] = lambda _path, _query: None

    def answer(self, target: str) -> Answer:
        """Return the answer to a request target, whatever the order of its query's parameters."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        found = self.answers.get(answer_key(parts.path, query)) or self.api(parts.path, query)
        return found or Answer(b"<html><title>Not found</title><p>Nothing is published here.</p></html>", 404)


def answer_key(path: str, query: Mapping[str, str]) -> str:
    """Return the key of a page in a site's answers: the path, and the query with sorted parameters."""
    return f"{path}?{urlencode(sorted(query.items()))}" if query else path
