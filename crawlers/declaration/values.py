"""The values that a declaration may hold, each checked as it is read."""

from __future__ import annotations

import codecs
import dataclasses
import difflib
import re
from typing import Annotated

import soupsieve
from pydantic import AfterValidator, Field

from crawlers.declaration.cron import check_cron
from output.base.records import Access, Document
from web.urls import canonical, parse

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# The shape of a BCP 47 tag, without its registry: language, then script, region, variants.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_VERDICTS = tuple(access.value for access in Access)
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
Url = Annotated[str, AfterValidator(_url)]
Urls = Annotated[tuple[Url, ...], Field(strict=False)]
Selectors = Annotated[tuple[Annotated[str, AfterValidator(_selector)], ...], Field(strict=False)]
Kept = Annotated[tuple[Annotated[str, AfterValidator(_kept)], ...], Field(strict=False)]
Languages = Annotated[tuple[Annotated[str, AfterValidator(_language)], ...], Field(strict=False)]
Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], Field(strict=False)]
Pairs = Annotated[tuple[Annotated[tuple[str, str], Field(strict=False)], ...], Field(strict=False)]
Paths = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False)]
Regex = Annotated[str, AfterValidator(_regex)]
Slug = Annotated[str, AfterValidator(_slug)]
Words = Annotated[str, Field(min_length=1)]
Template = Annotated[str, AfterValidator(_template)]
Charset = Annotated[str, AfterValidator(_charset)]
Cron = Annotated[str, AfterValidator(check_cron)]
Coverage = Annotated[dict[str, float], AfterValidator(_coverage)]
Verdicts = Annotated[dict[str, float], AfterValidator(_verdicts)]
