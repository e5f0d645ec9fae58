"""What a probe finds, as it passes from the process that asks to the one that shows and drafts."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

# The file below the probe's folder that holds the record `Survey` as JSON.
FOUND = "found.json"


class Record(BaseModel):
    """What all of them share: frozen, and no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RequestLog(Record):
    """One request: its URL, and how it ended ("200", "404", "refused: robots", "failed: timeout")."""

    url: str
    ended: str
    detail: str = ""


class Robots(Record):
    """What robots.txt and tdmrep.json say; `shut_out` are the AI crawlers, not us, that the first bars."""

    exists: bool = False
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()
    shut_out: tuple[str, ...] = ()
    tdmrep: bool = False


class Notice(Record):
    """A link to terms, by its words; or a licence that a link names."""

    words: str
    url: str


class FrontPage(Record):
    """What the first page says of its site; the languages as BCP 47 tags."""

    url: str
    name: str = ""
    languages: tuple[str, ...] = ()
    generator: str = ""
    terms: tuple[Notice, ...] = ()
    licences: tuple[str, ...] = ()
    opt_outs: tuple[str, ...] = ()
    links: int = 0


class DiscoveryMethod(Record):
    """A way by which the site's pages can be listed.

    `pages` counts those that the probe read of, `total` is what the site itself says, where it does;
    `is_whole` tells that nothing was left unread. `samples` are some of the pages, spread over the list.
    """

    name: Literal["wordpress", "sitemap", "listing", "feed"]
    start: tuple[str, ...]
    pages: int
    home: str = ""
    total: int | None = None
    is_whole: bool = False
    follow: str = ""
    newest: str = ""
    oldest: str = ""
    notes: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()


class SamplePage(Record):
    """A page that was fetched to be cleaned: its body lies in `file`, below the probe's folder.

    Of a page that opts out of text and data mining the words by which it does are kept, and no body.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    file: str
    opt_out: str = ""


class Survey(Record):
    """All that a probe found. `stopped` is why nothing more was asked ("robots", "dns", …), or "".

    `cut` tells where the probe's own bounds ended it.
    """

    url: str
    asked: tuple[RequestLog, ...] = ()
    seconds: float = 0.0
    stopped: str = ""
    detail: str = ""
    robots: Robots = Robots()
    front: FrontPage | None = None
    ways: tuple[DiscoveryMethod, ...] = ()
    samples: tuple[SamplePage, ...] = ()
    cut: str = ""

    @property
    def best(self) -> DiscoveryMethod | None:
        """The way that lists the most, the surest first; None where none lists anything."""
        return self.ways[0] if self.ways else None
