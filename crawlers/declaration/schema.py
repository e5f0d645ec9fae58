"""The schema of a source: one site, declared in one TOML file, where every unknown key is an error.

A declaration is data alone. One error lists everything that is wrong with a file: a line each with the
file, the section, the key and, for an unknown key, the closest right name.
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


class Section(BaseModel):
    """The base of all sections: frozen, without unknown keys, and without conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class About(Section):
    """`[source]`: the site, and the terms on which it is used.

    `use` is "full", or "metadata" where the terms allow no more. `official` marks a source that publishes its
    own texts. Of identical documents, a release keeps the copy of an official source.
    """

    id: Slug
    name: Text
    home: WebUrl
    language: Languages = ()
    terms: str = ""
    use: Literal["full", "metadata"] = "full"
    official: bool = False


class Crawl(Section):
    """`[crawl]`: how the source's URLs are discovered, and how politely they are requested.

    - `saved`: WARC files or folders of pages, relative to the declaration, read instead of the network.
    - `since`: lists that start with the newest entry are followed back to this day.
    - `start_file`: a file of start URLs, one a line, relative to the declaration.
    - `follow`, `deny`: regular expressions, searched for in the whole URL. A page must match `follow` and
      must not match `deny`.
    - `hosts`: hosts in scope, besides those of `home` and `start`.
    - `attachments`: whether to fetch the PDFs that pages link to on the source's sites, whatever `follow`
      says.
    - `alternates`: pairs of strings that stand for two languages in URLs, like ["/en/", "/zh/"]: the other
      language of a page is fetched too. The old name `twins` still works.
    - `delay`: seconds between two requests to a host.
    - `max_pages`: a run that schedules more URLs takes the site for a URL trap.
    - `contact`: a mail address or a URL for the User-Agent header, instead of TAMIS_CONTACT.
    - `loopback`: whether addresses of this machine may be requested.
    """

    discover: Literal["sitemap", "feed", "wordpress", "listing", "search", "json", "urls", "warc", "folder"]
    start: WebUrls = ()
    saved: Paths = ()
    since: Annotated[date, Field(strict=False)] | None = None
    start_file: str = ""
    follow: Regex = ""
    deny: Regex = ""
    hosts: Hosts = ()
    attachments: bool = True
    alternates: StringPairs = Field(default=(), validation_alias=AliasChoices("alternates", "twins"))
    delay: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 1.0
    concurrency: Annotated[int, Field(ge=1, le=16)] = 1
    max_pages: Annotated[int, Field(ge=1)] = 100_000
    contact: str = ""
    loopback: bool = False

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
    """`[list]`: the shape of the JSON lists that `discover = "json"` reads.

    Every key but `template` and `page` is a path: names joined by dots (`data.list`), or "" for the whole
    value.

    - `items`: from the response to the list.
    - `url`: from an item to its page's URL, or to the value that replaces the {} in `template`.
    - `date`: from an item to its date.
    - `total`: from the response to the number of all items.
    - `page`: the query parameter that counts the lists; or `next`: from the response to the next list's URL.
    """

    items: str = ""
    url: str = ""
    template: Template = ""
    date: str = ""
    total: str = ""
    page: str = ""
    next: str = ""

    @model_validator(mode="after")
    def _check_pagination(self) -> Self:
        if self.page and self.next:
            raise ValueError("next: declare either page (a counter) or next (a link), not both")
        return self


class Search(Section):
    """`[search]`: the form that `discover = "search"` submits by GET, once for each of `terms`.

    `field` is the input that takes the term; `fields` are the other inputs with their values. `charset` is
    the charset of the form's page. The results are read as listings.
    """

    action: WebUrl
    field: Text
    terms: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    fields: dict[str, str] = Field(default_factory=dict)
    charset: Charset = "utf-8"


class Clean(Section):
    """`[clean]`: CSS selectors that overrule the model; `keep` takes lines of text too."""

    select: Selectors = ()
    remove: Selectors = ()
    keep: SelectorsOrLines = ()
    split: Selectors = ()


class Schedule(Section):
    """`[schedule]`: when a server runs the source, as five cron fields in UTC."""

    cron: Cron = ""


class DocumentBounds(Section):
    """The least and the greatest number of documents that a run may bring."""

    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max = {self.max} is below min = {self.min}")
        return self


class Expect(Section):
    """`[expect]`: what a run must bring; a run that does not is held back.

    - `coverage`: for a field, the least share of the run's documents that must have it.
    - `access`: for a value of `access`, the least share of the run's documents that must have it.
    - `drift`: how far, from 0 to 1, the run's access values and medians may differ from the published ones.
    """

    documents: DocumentBounds = DocumentBounds()
    coverage: Coverage = Field(default_factory=dict)
    access: AccessShares = Field(default_factory=dict)
    drift: Annotated[float, Field(gt=0, le=1)] | None = None


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
