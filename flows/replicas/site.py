"""What a replica site is made of: its answers, and the truth about them.

A site is built whole for one base URL and one edition, and never changes while it is served.
Its clock is frozen: every date in a page or a header comes from the site's own data.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from output.base.records import Access

HTML = "text/html; charset=UTF-8"
# The day the replicas' clocks stand at, by edition; it is sent as `Date` too.
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
    """A document that a page holds, as a perfect reader would write it down.

    `languages` are those of its text in order ("en", "zh-Hans"): a translation that stands on the same
    page is part of the document. `paragraphs` are its lines in order, without the title; `furniture` the
    page's other visible lines, none of which may stand in the document. Dates are ISO 8601, "" where the page
    gives none. `same_as`, `version_of`, `contained_in` and `translation_of` name the `key` of another
    document, of any site ("blog:harbour-data"); `work` names the regulation that the text is, or "".
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

    `outcomes` holds absolute URLs that a crawl of the site's source meets and that yield no document, each
    with the outcome and reason a run must give it ("gone", "refused: robots"). `api` answers what
    depends on a query; it gives None for what it does not know.
    """

    name: str
    answers: Mapping[str, Answer]
    documents: tuple[Expected, ...]
    outcomes: Mapping[str, str]
    api: Callable[[str, Mapping[str, str]], Answer | None] = lambda _path, _query: None

    def answer(self, target: str) -> Answer:
        """The answer to a request target; the order of its query's parameters does not matter."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        found = self.answers.get(place(parts.path, query)) or self.api(parts.path, query)
        return found or Answer(b"<html><title>Not found</title><p>Nothing is published here.</p></html>", 404)


def place(path: str, query: Mapping[str, str]) -> str:
    """The key of a page among a site's answers: path, and the query with its parameters sorted."""
    return f"{path}?{urlencode(sorted(query.items()))}" if query else path
