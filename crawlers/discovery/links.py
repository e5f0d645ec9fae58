"""The records of discovery: fetched pages in, links out, each with a hint that the ledger keeps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Hint:
    """What discovery knows about a link besides its URL.

    - `form`: the reader of an index.
    - `start`: the declared URL from which an index was reached.
    - `published`, `modified`: the ISO dates that the site gives for a page.
    - `exact`: whether the site dates every change, so that a page with an older date has not changed.
    - `hops`: the number of redirects that led here.
    - `seen`: a digest of the pages that the previous listing named.
    - `named`: whether a sitemap, a feed or an API of the site names the page, so that it is no trap.
    - `stale`: how many listings in a row, up to the previous one, named no new page.
    """

    form: str = ""
    start: str = ""
    published: str = ""
    modified: str = ""
    exact: bool = False
    hops: int = 0
    seen: str = ""
    stale: int = 0
    named: bool = False

    def to_json(self) -> str:
        """Return the hint as JSON, without empty fields; "" where all are empty."""
        fields = {name: value for name, value in asdict(self).items() if value}
        return json.dumps(fields, separators=(",", ":")) if fields else ""

    @classmethod
    def from_json(cls, text: str) -> Hint:
        """Read a hint that `to_json` wrote."""
        return cls(**json.loads(text)) if text else cls()


@dataclass(frozen=True, slots=True)
class Link:
    """A URL that discovery found: a "page", or an "index" of more links."""

    url: str
    kind: str = "page"
    hint: Hint = field(default_factory=Hint)


@dataclass(frozen=True, slots=True)
class FoundLinks:
    """The links of an index, in its order.

    `total` is how many pages the whole list has, as the site says, or None; this index may be a part of it.
    `unusable` counts the entries without a URL that can be crawled. `is_cut` says whether the index ends
    within its list, so that this is not all of it.
    """

    links: list[Link]
    total: int | None = None
    unusable: int = 0
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A response as discovery reads it: header names in lower case, the body decompressed."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    hint: Hint

    def header(self, name: str) -> str:
        """Return the first header of that name, or ""."""
        return next((value for key, value in self.headers if key == name), "")


def digest(urls: Iterable[str]) -> str:
    """Return a short hash of a set of URLs, by which two lists of the same pages are recognized."""
    return hashlib.sha256("\n".join(sorted(urls)).encode()).hexdigest()[:16]


class IndexUnreadable(Exception):
    """An index whose response cannot be read as one; `reason` is a word for the ledger."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
