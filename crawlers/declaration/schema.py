"""The schema of a source: one site, declared in one TOML file, where every unknown key is an error.

A declaration is data alone. One error lists everything that is wrong with a file: a line each with the
file, the section, the key and, for an unknown key, the closest right name. The line below a key says what
it means; the reference of the documentation is made from these.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from crawlers.declaration.values import (
    AccessShares,
    Charset,
    Coverage,
    Cron,
    Hosts,
    Languages,
    Paths,
    Regex,
    Selectors,
    SelectorsOrLines,
    Slug,
    StringPairs,
    Template,
    Text,
    WebUrl,
    WebUrls,
)
from crawlers.net.addresses import is_loopback
from web.urls import parse, site_key

# Discovery methods that read saved files and send no request.
OFFLINE_METHODS = ("warc", "folder")


# By default, a host may keep a run waiting so long: 720 pages a day, which is as much as a run of one day can
# wait for. Whoever wants a slower host raises `max_delay`.
MAX_DELAY_SECONDS = 120.0


class Section(BaseModel):
    """The base of all sections: frozen, without unknown keys, and without conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class About(Section):
    """The site, and the terms on which it is used."""

    id: Slug
    """Short name of the source: small letters, digits and hyphens. The file is named after it."""
    name: Text
    """Name of the site."""
    home: WebUrl
    """Address of the site's front page."""
    language: Languages = ()
    """Languages of the texts, as BCP 47 tags: `en`, `zh-Hans`."""
    terms: str = ""
    """Where the site's terms of use are; a comment says who read them, and when."""
    use: Literal["full", "metadata"] = "full"
    """What may be published: whole texts, or only metadata."""
    official: bool = False
    """Whether the site publishes its own texts. Of identical documents, a release keeps its copy."""


class Crawl(Section):
    """How the pages are discovered, and how politely they are requested."""

    discover: Literal["sitemap", "feed", "wordpress", "listing", "search", "json", "urls", "warc", "folder"]
    """How pages are discovered; `warc` and `folder` read saved files and send no request."""
    start: WebUrls = ()
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
    alternates: StringPairs = Field(default=(), validation_alias=AliasChoices("alternates", "twins"))
    """Pairs of URL parts for two languages: `[["/en/", "/zh/"]]`; both are fetched. Formerly `twins`."""
    delay: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 1.0
    """Seconds between two requests to one host."""
    max_delay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = MAX_DELAY_SECONDS
    """The longest Crawl-delay or Retry-After that a run waits for, in seconds. Of a host that asks for more,
    or for several in a row that are longer together, the URLs are `deferred` to the next run."""
    concurrency: Annotated[int, Field(ge=1, le=16)] = 1
    """How many requests may be open at the same time."""
    max_pages: Annotated[int, Field(ge=1)] = 100_000
    """How many URLs a run may schedule; a site with more is taken for a URL trap."""
    contact: str = ""
    """Who crawls: a mail address or a URL for the User-Agent header, instead of `TAMIS_CONTACT`."""
    loopback: bool = False
    """Whether the site may be on this machine, as in a test."""

    @model_validator(mode="after")
    def _check_required_keys(self) -> Self:
        if self.discover in OFFLINE_METHODS:
            if not self.saved:
                raise ValueError(f"saved: discover = {self.discover!r} needs the files to read")
        elif not self.start and not self.start_file and self.discover != "search":
            raise ValueError("start: a source needs at least one URL to start from")
        if self.discover in ("listing", "search") and not self.follow:
            raise ValueError(
                f"follow: discover = {self.discover!r} needs a regular expression for the pages' URLs"
            )
        return self

    @model_validator(mode="after")
    def _check_loopback(self) -> Self:
        for url in self.start:
            parsed = parse(url)
            if parsed and is_loopback(parsed) and not self.loopback:
                raise ValueError(f"start: {url} is on this machine; set loopback = true if you mean that")
        return self


class JsonList(Section):
    """The shape of the JSON lists that `discover = "json"` reads.

    A path is names joined by dots, such as `data.list`; an empty one means the whole value.
    """

    items: str = ""
    """Path from the response to the list."""
    url: str = ""
    """Path from an item to its page's URL, or to the value for `template`."""
    template: Template = ""
    """URL of a page, with `{}` where the value of the item goes."""
    date: str = ""
    """Path from an item to its date."""
    total: str = ""
    """Path from the response to the number of all items."""
    page: str = ""
    """Query parameter that counts the lists."""
    next: str = ""
    """Path from the response to the next list's URL; `page` or `next`, not both."""

    @model_validator(mode="after")
    def _check_pagination(self) -> Self:
        if self.page and self.next:
            raise ValueError("next: declare either page (a counter) or next (a link), not both")
        return self


class Search(Section):
    """The form that `discover = "search"` submits, once for each term; its results are read as listings."""

    action: WebUrl
    """URL that the form is submitted to, by GET."""
    field: Text
    """Name of the input that takes the term."""
    terms: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    """Terms to search for."""
    fields: dict[str, str] = Field(default_factory=dict)
    """Other inputs of the form, with their values."""
    charset: Charset = "utf-8"
    """Charset of the page with the form."""


class Clean(Section):
    """CSS selectors that overrule the cleaning rules and the model."""

    select: Selectors = ()
    """Look for text only inside what matches."""
    remove: Selectors = ()
    """Remove what matches."""
    keep: SelectorsOrLines = ()
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
    def _check_order(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max = {self.max} is below min = {self.min}")
        return self


class Expect(Section):
    """What a run must bring; a run that does not is held back."""

    documents: DocumentBounds = DocumentBounds()
    """How many documents the source has after the run: `{ min = 20, max = 5000 }`."""
    coverage: Coverage = Field(default_factory=dict)
    """The least share of the run's documents that must have a field: `{ title = 1.0 }`."""
    access: AccessShares = Field(default_factory=dict)
    """The least share of the run's documents that must have a verdict: `{ full = 0.9 }`."""
    drift: Annotated[float, Field(gt=0, le=1)] | None = None
    """How far verdicts and medians may move from what is published, from 0 to 1."""


class Source(Section):
    """One declared source: the whole TOML file. The table `[source]` is `about`."""

    model_config = ConfigDict(serialize_by_alias=True)

    about: About = Field(alias="source")
    crawl: Crawl
    list: JsonList = JsonList()
    search: Search | None = None
    clean: Clean = Clean()
    schedule: Schedule = Schedule()
    expect: Expect = Expect()

    # The declaration's path, or the URL that was given instead of one.
    _origin: str = PrivateAttr(default="")

    @model_validator(mode="after")
    def _check_method_sections(self) -> Self:
        is_declared = {"search": self.search is not None, "list": self.list != JsonList()}
        for section, method in (("search", "search"), ("list", "json")):
            if is_declared[section] and self.crawl.discover != method:
                raise ValueError(
                    f"[{section}] belongs to discover = {method!r}, but discover is {self.crawl.discover!r}"
                )
        if self.crawl.discover == "search" and not is_declared["search"]:
            raise ValueError("[search] is missing: it describes the form that discover = 'search' submits")
        return self

    @property
    def origin(self) -> str:
        """The declaration's path or URL: `find_source` returns this source for it."""
        return self._origin

    def at(self, origin: str) -> Self:
        """Set where the source is declared, and return it."""
        self._origin = origin
        return self

    @property
    def id(self) -> str:
        """The source's id in ledger, archive and dataset."""
        return self.about.id

    def sites(self) -> frozenset[str]:
        """Return the sites in scope: those of home, start, the search form and hosts, without `www.`."""
        actions = (self.search.action,) if self.search else ()
        urls = [parse(url) for url in (self.about.home, *self.crawl.start, *actions)]
        return frozenset(site_key(site) for site in (*(u.site for u in urls if u), *self.crawl.hosts))
