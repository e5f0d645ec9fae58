"""Source: one site, declared in one TOML file, and nothing in it that is not understood.

A declaration is data alone. All that is wrong with a file is said in one error, each line with the
file, the section, the key and, for an unknown one, the nearest right name.
The line below a key says what it means; the reference of the documentation is made from these.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from crawlers.declaration.values import (
    Charset,
    Coverage,
    Cron,
    Hosts,
    Kept,
    Languages,
    Pairs,
    Paths,
    Regex,
    Selectors,
    Slug,
    Template,
    Url,
    Urls,
    Verdicts,
    Words,
)
from crawlers.net.addresses import is_loopback
from web.urls import parse, same_site

# Ways that read what was saved, and ask nobody.
SAVED = ("warc", "folder")


class Section(BaseModel):
    """What all sections share: frozen, no unknown key, no value of another type taken for the right one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class About(Section):
    """Whose site it is, and on what terms it is used."""

    id: Slug
    """Short name of the source: small letters, digits and hyphens. The file is named after it."""
    name: Words
    """Name of the site."""
    home: Url
    """Address of the site's front page."""
    language: Languages = ()
    """Languages of the texts, as BCP 47 tags: `en`, `zh-Hans`."""
    terms: str = ""
    """Where the site's terms of use are; a comment says who read them, and when."""
    use: Literal["full", "metadata"] = "full"
    """What may be published: whole texts, or only metadata."""
    official: bool = False
    """Whether the site publishes its own texts; of several copies, its copy is then kept."""


class Crawl(Section):
    """How the pages are found, and how gently they are asked for."""

    discover: Literal["sitemap", "feed", "wordpress", "listing", "search", "json", "urls", "warc", "folder"]
    """How pages are found; `warc` and `folder` read what was saved and ask nobody."""
    start: Urls = ()
    """URLs to start from: sitemaps, feeds, pages of links, or the pages themselves."""
    saved: Paths = ()
    """WARC files or folders of pages to read instead of the network; relative to the declaration."""
    since: Annotated[date, Field(strict=False)] | None = None
    """Follow lists, newest first, back to this day."""
    start_file: str = ""
    """A file of URLs to start from, one on each line; relative to the declaration."""
    follow: Regex = ""
    """Take the URLs in which this regular expression is found."""
    deny: Regex = ""
    """Leave out the URLs in which this regular expression is found."""
    hosts: Hosts = ()
    """Hosts to crawl besides those of `home` and `start`."""
    attachments: bool = True
    """Whether to fetch the PDFs that pages link to on the source's own hosts, whatever `follow` says."""
    twins: Pairs = ()
    """Parts of URLs that tell two languages apart: `["/en/", "/zh/"]`; both pages are then fetched."""
    delay: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 1.0
    """Seconds between two requests to one host."""
    concurrency: Annotated[int, Field(ge=1, le=16)] = 1
    """How many requests may be open at the same time."""
    max_pages: Annotated[int, Field(ge=1)] = 100_000
    """How many URLs a run may schedule; a site with more is taken for a trap."""
    contact: str = ""
    """Who crawls: a mail address or a URL for the user agent, instead of `TAMIS_CONTACT`."""
    loopback: bool = False
    """Whether the site may be on this machine, as in a test."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.discover in SAVED:
            if not self.saved:
                raise ValueError(f"saved: discover = {self.discover!r} needs the files that it reads")
        elif not self.start and not self.start_file and self.discover != "search":
            raise ValueError("start: a source needs at least one URL to start from")
        if self.discover in ("listing", "search") and not self.follow:
            raise ValueError(
                f"follow: a {self.discover} needs a regular expression that tells its pages' URLs"
            )
        for url in self.start:
            parsed = parse(url)
            if parsed and is_loopback(parsed) and not self.loopback:
                raise ValueError(f"start: {url} is on this machine; say loopback = true if that is meant")
        return self


class Listed(Section):
    """The shape of the JSON lists that `discover = "json"` reads.

    A path is names with dots between them, such as `data.list`; an empty one means the whole.
    """

    items: str = ""
    """Path from the answer to the list."""
    url: str = ""
    """Path from an item to the address of its page, or to the words for `template`."""
    template: Template = ""
    """Address of a page, with `{}` where the words of the item go."""
    date: str = ""
    """Path from an item to its date."""
    total: str = ""
    """Path from the answer to the number of all items."""
    page: str = ""
    """Parameter of the URL that counts the lists."""
    next: str = ""
    """Path from the answer to the address of the next list; `page` or `next`, not both."""

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        if self.page and self.next:
            raise ValueError("next: lists are counted by page or linked by next, not both")
        return self


class Search(Section):
    """The form that `discover = "search"` fills in, once for each term; its results are read as listings."""

    action: Url
    """Address that the form is sent to, by GET."""
    field: Words
    """Name of the input that takes the term."""
    terms: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    """Terms to search for."""
    fields: dict[str, str] = Field(default_factory=dict)
    """Other inputs of the form, with their values."""
    charset: Charset = "utf-8"
    """Character set of the page with the form."""


class Clean(Section):
    """CSS selectors that overrule the cleaning rules and the model."""

    select: Selectors = ()
    """Look for text only inside what matches."""
    remove: Selectors = ()
    """Remove what matches."""
    keep: Kept = ()
    """Keep what matches; a line of text in double quotes is kept as well."""
    split: Selectors = ()
    """Make a document of each match, for pages that hold several."""


class Schedule(Section):
    """When `tamis serve` runs the source."""

    cron: Cron = ""
    """Five cron fields, in UTC: minute, hour, day of month, month, day of week."""


class DocumentBounds(Section):
    """How many documents a source may have after a run, both ends included."""

    min: Annotated[int, Field(ge=0)] = 0
    """The least number."""
    max: Annotated[int, Field(ge=0)] | None = None
    """The greatest number."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max = {self.max} is below min = {self.min}")
        return self


class Expect(Section):
    """What a run must bring; a run that does not is held back."""

    documents: DocumentBounds = DocumentBounds()
    """How many documents the source has after the run: `{ min = 20, max = 5000 }`."""
    coverage: Coverage = Field(default_factory=dict)
    """The least share of the run's documents that must have a field: `{ title = 1.0 }`."""
    access: Verdicts = Field(default_factory=dict)
    """The least share of the run's documents that must have a verdict: `{ full = 0.9 }`."""
    drift: Annotated[float, Field(gt=0, le=1)] | None = None
    """How far verdicts and medians may move from what is published."""


class Source(Section):
    """One declared source, whole."""

    source: About
    crawl: Crawl
    list: Listed = Listed()
    search: Search | None = None
    clean: Clean = Clean()
    schedule: Schedule = Schedule()
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _with_its_way(self) -> Self:
        for way, given in (("search", self.search is not None), ("json", self.list != Listed())):
            section = "list" if way == "json" else way
            if given and self.crawl.discover != way:
                raise ValueError(
                    f"[{section}] says how discover = {way!r} works: discover is {self.crawl.discover!r}"
                )
        if self.crawl.discover == "search" and self.search is None:
            raise ValueError("[search] is missing: it says which form discover = 'search' asks")
        return self

    # Where the declaration stands: a file's path, or the URL that was given instead of one.
    _origin: str = PrivateAttr(default="")

    @property
    def origin(self) -> str:
        """What gives this source again to `find_source`: its file's path, or its URL."""
        return self._origin

    def at(self, origin: str) -> Self:
        """The same source, declared there."""
        self._origin = origin
        return self

    @property
    def id(self) -> str:
        """The source's id, as ledger, archive and dataset name it."""
        return self.source.id

    def sites(self) -> frozenset[str]:
        """The sites in scope: those of home, start and hosts, `www.` or not."""
        asked = (self.search.action,) if self.search else ()
        urls = [parse(url) for url in (self.source.home, *self.crawl.start, *asked)]
        return frozenset(same_site(site) for site in (*(u.site for u in urls if u), *self.crawl.hosts))
