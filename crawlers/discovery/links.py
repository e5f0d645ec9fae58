"""What discovery takes and gives: answers in, links out, with a hint that goes through the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Hint:
    """What discovery knows of a link beside its URL.

    `form` names the reader of an index; `start` is the declared URL it goes back to; `published` and
    `modified` are the ISO dates that the site gave for a page, and `exact` says that it dates every change,
    so that a page which is older has not changed; `hops` counts the redirects that led here; `seen` is a
    digest of the pages that the listing before this one named; `stale` counts the listings before this
    one, in a row, that named no new page.
    """

    form: str = ""
    start: str = ""
    published: str = ""
    modified: str = ""
    exact: bool = False
    hops: int = 0
    seen: str = ""
    stale: int = 0

    def to_json(self) -> str:
        """The fields that say something, as the ledger keeps them; "" where none does."""
        said = {name: value for name, value in asdict(self).items() if value}
        return json.dumps(said, separators=(",", ":")) if said else ""

    @classmethod
    def from_json(cls, text: str) -> Hint:
        """The hint that `to_json` wrote."""
        return cls(**json.loads(text)) if text else cls()


@dataclass(frozen=True, slots=True)
class Link:
    """A URL that discovery found: a "page", or an "index" that is read for more."""

    url: str
    kind: str = "page"
    hint: Hint = field(default_factory=Hint)


@dataclass(frozen=True, slots=True)
class Found:
    """What an index names, in its order.

    `total` is how many pages the site says that the whole list has, of which this may be a part; None
    where it does not say. `unusable` counts the entries without a URL that a crawler can ask.
    """

    links: list[Link]
    total: int | None = None
    unusable: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an index answered: header names in lower case, the body decoded from its encodings."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    hint: Hint

    def header(self, name: str) -> str:
        """The first header of that name, or ""."""
        return next((value for key, value in self.headers if key == name), "")


def digest(urls: Iterable[str]) -> str:
    """What tells a list that names other pages from one that names the same again."""
    return hashlib.sha256("\n".join(sorted(urls)).encode()).hexdigest()[:16]


class IndexUnreadable(Exception):
    """An index answered, but not with what it should; `reason` is a word for the ledger."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
