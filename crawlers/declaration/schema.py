"""Source: one site, declared in one TOML file, and nothing in it that is not understood.

A declaration is data alone. All that is wrong with a file is said in one error, each line with the
file, the section, the key and, for an unknown one, the nearest right name.
"""

from __future__ import annotations

import codecs
import dataclasses
import difflib
import re
from datetime import date
from typing import Annotated, Literal, Self

import soupsieve
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from crawlers.declaration.cron import check_cron
from crawlers.net.addresses import is_loopback
from output.base.records import Access, Document
from web.urls import canonical, parse, same_site

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# The shape of a BCP 47 tag, without its registry: language, then script, region, variants.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_VERDICTS = tuple(access.value for access in Access)
# Ways that read what was saved, and ask nobody.
SAVED = ("warc", "folder")
_DOCUMENT_FIELDS = tuple(field.name for field in dataclasses.fields(Document))


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value) or len(value) > 80:
        raise ValueError("must be a slug: small letters, digits and single hyphens, at most 80 characters")
    return value


def _url(value: str) -> str:
    url = canonical(value)
    if url is None:
        raise ValueError(f"{value!r} is no http or https URL that a crawler can ask")
    return url


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from error
    return value


def _selector(value: str) -> str:
    try:
        soupsieve.compile(value)
    except (soupsieve.SelectorSyntaxError, ValueError) as error:
        raise ValueError(f"{value!r} is no CSS selector: {str(error).splitlines()[0]}") from error
    return value


def _kept(value: str) -> str:
    """A selector, or a line of text in double quotes, with which no selector begins."""
    if value.startswith('"'):
        if len(value.strip('" ')) == 0 or not value.endswith('"') or len(value) < len('"x"'):
            raise ValueError(f"{value!r} begins as a line of text in double quotes and does not end as one")
        return value
    return _selector(value)


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is no BCP 47 language tag, like en or zh-Hans")
    return value


def _host(value: str) -> str:
    url = parse(f"http://{value}/")
    if url is None or url.path != "/" or not url.site:
        raise ValueError(f"{value!r} is no host name")
    return url.site


def _template(value: str) -> str:
    if value and value.count("{}") != 1:
        raise ValueError(f"{value!r} needs one {{}}, where the item's own words go")
    return value


def _charset(value: str) -> str:
    try:
        return codecs.lookup(value).name
    except LookupError as error:
        raise ValueError(f"{value!r} is no charset that Python knows") from error


def _coverage(value: dict[str, float]) -> dict[str, float]:
    for name, share in value.items():
        if name not in _DOCUMENT_FIELDS:
            raise ValueError(f"{name!r} is no field of a document{nearest(name, _DOCUMENT_FIELDS)}")
        if not 0 <= share <= 1:
            raise ValueError(f"{name} = {share} is no share from 0 to 1")
    return value


def _verdicts(value: dict[str, float]) -> dict[str, float]:
    for name, share in value.items():
        if name not in _VERDICTS:
            raise ValueError(f"{name!r} is no verdict{nearest(name, _VERDICTS)}")
        if not 0 <= share <= 1:
            raise ValueError(f"{name} = {share} is no share from 0 to 1")
    return value


def nearest(name: str, names: tuple[str, ...] | list[str]) -> str:
    """The end of an error message that offers the nearest right name, or lists the names there are."""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(names)}" if names and len(names) <= 20 else ""


# TOML has arrays alone, records have tuples: the outer type may be converted, what is in it may not.
_Url = Annotated[str, AfterValidator(_url)]
_Urls = Annotated[tuple[_Url, ...], Field(strict=False)]
_Selectors = Annotated[tuple[Annotated[str, AfterValidator(_selector)], ...], Field(strict=False)]
_Kept = Annotated[tuple[Annotated[str, AfterValidator(_kept)], ...], Field(strict=False)]
_Languages = Annotated[tuple[Annotated[str, AfterValidator(_language)], ...], Field(strict=False)]
_Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], Field(strict=False)]
_Pairs = Annotated[tuple[Annotated[tuple[str, str], Field(strict=False)], ...], Field(strict=False)]
_Paths = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False)]
_Regex = Annotated[str, AfterValidator(_regex)]


class Section(BaseModel):
    """What all sections share: frozen, no unknown key, no value of another type taken for the right one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class About(Section):
    """`[source]`: whose site it is and on what terms it is used.

    `use` is "full", or "metadata" where the terms allow no more. `official` marks a source that publishes its
    own texts: of documents that are the same, its copy is the one that a release keeps.
    """

    id: Annotated[str, AfterValidator(_slug)]
    name: Annotated[str, Field(min_length=1)]
    home: _Url
    language: _Languages = ()
    terms: str = ""
    use: Literal["full", "metadata"] = "full"
    official: bool = False


class Crawl(Section):
    """`[crawl]`: how the source's URLs are found, and how gently they are asked.

    `saved` names WARC files or folders of pages, relative to the declaration, that are read in place of
    the network. Lists in which the newest come first are followed back to the day `since`. `follow` and
    `deny` are regular expressions searched for in a whole URL: a page must match the one and not the
    other. `hosts` are in scope beside those of `home` and `start`. `start_file` names a file of URLs, a
    line each, relative to the declaration. `attachments` are the PDFs that pages link to on the source's
    sites, whatever `follow` says. `twins` are pairs of words that stand in URLs for two languages, like
    ["/en/", "/zh/"]: a page's twin is asked too. `delay` is in seconds between two requests to a host. Beyond
    `max_pages` URLs a run takes the site for a trap.
    """

    discover: Literal["sitemap", "feed", "wordpress", "listing", "search", "json", "urls", "warc", "folder"]
    start: _Urls = ()
    saved: _Paths = ()
    since: Annotated[date, Field(strict=False)] | None = None
    start_file: str = ""
    follow: _Regex = ""
    deny: _Regex = ""
    hosts: _Hosts = ()
    attachments: bool = True
    twins: _Pairs = ()
    delay: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 1.0
    concurrency: Annotated[int, Field(ge=1, le=16)] = 1
    max_pages: Annotated[int, Field(ge=1)] = 100_000
    contact: str = ""
    loopback: bool = False

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
    """`[list]`: the shape of the JSON lists that `discover = "json"` reads.

    All but `template` and `page` are paths: names with dots between them (`data.list`), "" for the whole.
    `items` leads from the answer to the list, `url` from an item to its page's address, or to what
    `template` puts in the place of its {}; `date` to its date, `total` from the answer to how many there
    are. `page` is the parameter of the endpoint's URL that counts the lists, or `next` leads to the next one.
    """

    items: str = ""
    url: str = ""
    template: Annotated[str, AfterValidator(_template)] = ""
    date: str = ""
    total: str = ""
    page: str = ""
    next: str = ""

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        if self.page and self.next:
            raise ValueError("next: lists are counted by page or linked by next, not both")
        return self


class Search(Section):
    """`[search]`: the form that `discover = "search"` asks by GET, once for each of `terms`.

    `field` is the name of the input that takes the term, `fields` are the form's others with their values;
    `charset` is that of the form's page. What comes back is read as listings.
    """

    action: _Url
    field: Annotated[str, Field(min_length=1)]
    terms: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    fields: dict[str, str] = Field(default_factory=dict)
    charset: Annotated[str, AfterValidator(_charset)] = "utf-8"


class Clean(Section):
    """`[clean]`: CSS selectors that stand above the model's judgement; `keep` takes lines of text too."""

    select: _Selectors = ()
    remove: _Selectors = ()
    keep: _Kept = ()
    split: _Selectors = ()


class Schedule(Section):
    """`[schedule]`: when a server runs the source; five cron fields, in UTC."""

    cron: Annotated[str, AfterValidator(check_cron)] = ""


class DocumentBounds(Section):
    """How many documents a run may bring, both ends included."""

    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max = {self.max} is below min = {self.min}")
        return self


class Expect(Section):
    """`[expect]`: what a run must bring, or it is held back.

    `coverage` is field → least share of the run's documents that has it, `access` verdict → least share
    that has that verdict. `drift`, from 0 to 1, is how far verdicts and medians of a run may move from
    what stands.
    """

    documents: DocumentBounds = DocumentBounds()
    coverage: Annotated[dict[str, float], AfterValidator(_coverage)] = Field(default_factory=dict)
    access: Annotated[dict[str, float], AfterValidator(_verdicts)] = Field(default_factory=dict)
    drift: Annotated[float, Field(gt=0, le=1)] | None = None


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
