"""A page's metadata: JSON-LD, meta tags, its first heading, its byline. What it lacks stays absent."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from cleaning.metadata.authors import authors_of
from cleaning.metadata.publication_date import publication_date
from cleaning.metadata.title import title_of
from cleaning.page.links import absolute, base_of
from cleaning.page.parse import Parsed
from cleaning.text.dates import first_date
from cleaning.text.lines import fold_line

_TITLE_MAX_CHARACTERS = 500  # a longer title gets a warning
_MODIFIED_META: Final = (
    "article:modified_time",
    "og:updated_time",
    "lastmodifiedtime",
    "last-modified",
    "dcterms.modified",
)
_TEXT_TYPES: Final = re.compile(
    r"Article|Posting|Report|Legislation|WebPage|Recipe|Product|Course|Event|Review|Book|Movie|HowTo"
    r"|CreativeWork"
)
_SOURCE_ZH = re.compile(r"来源\s*:\s*([^\s|]{2,30})")


@dataclasses.dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of a page. Dates are ISO 8601; `language` is as declared; what is absent is "" or None."""

    title: str = ""
    status: str = ""
    authors: tuple[str, ...] = ()
    site: str | None = None
    date_published: str | None = None
    last_modified: str | None = None
    licence: str | None = None
    canonical_url: str | None = None
    language: str = ""
    warnings: tuple[str, ...] = ()


def read(parsed: Parsed, url: str, bylines: Sequence[str] = ()) -> Metadata:
    """Read the metadata of a page.

    `bylines` are the lines that were removed as such; they count after the tags.
    """
    articles = _articles(parsed.jsonld)
    canonical, warnings = canonical_url(parsed, url)
    title, status = title_of(parsed, articles, url)
    if len(title) > _TITLE_MAX_CHARACTERS:
        warnings.append("title_long")
    authors = authors_of(parsed, articles, bylines)
    publication = publication_date(parsed, articles, bylines, url, authors)
    warnings += publication.warnings
    return Metadata(
        title=title,
        status=status,
        authors=authors,
        site=_site(parsed, articles, bylines),
        date_published=publication.date,
        last_modified=_first_date([*_values(articles, "dateModified"), *_meta(parsed, _MODIFIED_META)]),
        licence=_licence(parsed, articles),
        canonical_url=canonical,
        language=parsed.language
        or next(iter(_meta(parsed, ("og:locale", "content-language", "dc.language"))), ""),
        warnings=tuple(warnings),
    )


def canonical_url(parsed: Parsed, url: str) -> tuple[str | None, list[str]]:
    """Return the page's canonical URL, absolute, and the warnings about it.

    If there are several different ones, or one that leads to the site's front page, they tell nothing.
    """
    hrefs = [
        link.get("href", "") for link in parsed.links if "canonical" in link.get("rel", "").lower().split()
    ]
    found = {joined for href in hrefs if (joined := absolute(base_of(parsed, url), href))}
    if len(found) > 1:
        return None, ["canonical_contradicts"]
    for address in found:
        if not urlsplit(address).path.strip("/") and urlsplit(url).path.strip("/"):
            return None, ["canonical_is_front"]
        return address, []
    return None, []


def _articles(jsonld: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the objects that describe the page's text, articles first."""
    found = [item for item in jsonld if _TEXT_TYPES.search(str(item.get("@type", "")))]
    return sorted(
        found, key=lambda item: not re.search("Article|Posting|Legislation|Report", str(item.get("@type")))
    )


def _values(items: Iterable[Mapping[str, Any]], key: str) -> Iterator[str]:
    for item in items:
        value = item.get(key)
        if isinstance(value, str) and value.strip():
            yield value.strip()


def _meta(parsed: Parsed, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from (value.strip() for value in parsed.meta.get(name, ()) if value.strip())


def _names(author: Any) -> list[str]:
    if isinstance(author, str):
        return [author]
    if isinstance(author, Mapping):
        return _names(author.get("name"))
    if isinstance(author, list):
        return [name for one in author[:20] for name in _names(one)]
    return []


def _site(parsed: Parsed, articles: Sequence[Mapping[str, Any]], bylines: Sequence[str]) -> str | None:
    named = next(_meta(parsed, ("og:site_name", "application-name")), "")
    publisher = next((name for item in articles for name in _names(item.get("publisher"))), "")
    source = next(
        (match[1] for line in bylines for match in [_SOURCE_ZH.search(fold_line(line))] if match), ""
    )
    return named or publisher or source or None


def _first_date(values: Iterable[str]) -> str | None:
    return next((date for value in values if (date := first_date(value))), None)


def _licence(parsed: Parsed, articles: Sequence[Mapping[str, Any]]) -> str | None:
    links = (
        link.get("href", "") for link in parsed.links if "license" in link.get("rel", "").lower().split()
    )
    return next(
        (
            value
            for value in (
                *links,
                *_values(articles, "license"),
                *_meta(parsed, ("dcterms.license", "dc.rights", "rights")),
            )
            if value
        ),
        None,
    )
