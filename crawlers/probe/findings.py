"""The findings of a probe, which the process that requests passes on to the one that shows and drafts."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

# The file in the probe's folder that holds the `Survey` as JSON.
SURVEY_FILE = "found.json"


class Record(BaseModel):
    """The base of all findings: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RequestLog(Record):
    """One request: its URL, and how it ended ("200", "404", "refused: robots", "failed: timeout")."""

    url: str
    ended: str
    detail: str = ""


class Robots(Record):
    """What robots.txt and tdmrep.json say.

    `shut_out` names the AI crawlers that robots.txt disallows, where it allows Tamis.
    """

    exists: bool = False
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()
    shut_out: tuple[str, ...] = ()
    tdmrep: bool = False


class Notice(Record):
    """A link to the site's terms, with its text."""

    words: str
    url: str


class FrontPage(Record):
    """What the front page says about its site; languages are BCP 47 tags."""

    url: str
    name: str = ""
    languages: tuple[str, ...] = ()
    generator: str = ""
    terms: tuple[Notice, ...] = ()
    licences: tuple[str, ...] = ()
    opt_outs: tuple[str, ...] = ()
    links: int = 0


class DiscoveryMethod(Record):
    """A method by which the site's pages can be listed.

    `pages` counts the pages that the probe saw; `total` is the site's own number, where it gives one.
    `is_whole` says whether the probe read the whole list. `samples` are a few pages from all parts of the
    list.
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
    """A page that was fetched to be cleaned: its body is in `file`, in the probe's folder.

    Of a page that opts out of text and data mining only the words of the opt-out are kept, not the body.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    file: str
    opt_out: str = ""


class Survey(Record):
    """All findings of a probe.

    `stopped` is why the site was not requested any further ("robots", "dns", …), or "". `cut` says where the
    probe's budget ended it, or "". `ways` are the discovery methods, the best first.
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
        """The best discovery method; None where there is none."""
        return self.ways[0] if self.ways else None
