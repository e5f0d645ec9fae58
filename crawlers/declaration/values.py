"""The types of the values in a declaration: each checks its value, and its error says what is wrong."""

from __future__ import annotations

import codecs
import dataclasses
import difflib
import re
from collections.abc import Callable, Sequence
from typing import Annotated

import soupsieve
from pydantic import AfterValidator, Field

from crawlers.declaration.cron import check_cron
from output.base.records import Access, Document
from web.urls import canonical, parse

_SLUG_PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MAX_SLUG_CHARACTERS = 80
# The shape of a BCP 47 tag, without its registry: language, then script, region, variants.
_LANGUAGE_PATTERN = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_ACCESS_VALUES = tuple(access.value for access in Access)
_DOCUMENT_FIELDS = tuple(field.name for field in dataclasses.fields(Document))
# More names than this are not listed in an error message.
_MAX_NAMES_LISTED = 20


def did_you_mean(name: str, names: Sequence[str]) -> str:
    """Return the end of an error message: it suggests the closest name, or lists the names that exist."""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(names)}" if names and len(names) <= _MAX_NAMES_LISTED else ""


def _check_slug(value: str) -> str:
    if not _SLUG_PATTERN.fullmatch(value) or len(value) > _MAX_SLUG_CHARACTERS:
        raise ValueError(
            "must be a slug: lower-case letters, digits and single hyphens, "
            f"at most {_MAX_SLUG_CHARACTERS} characters"
        )
    return value


def _canonical_url(value: str) -> str:
    url = canonical(value)
    if url is None:
        raise ValueError(f"{value!r} is not an http or https URL that can be crawled")
    return url


def _check_regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from error
    return value


def _check_selector(value: str) -> str:
    try:
        soupsieve.compile(value)
    except (soupsieve.SelectorSyntaxError, ValueError) as error:
        raise ValueError(f"{value!r} is not a CSS selector: {str(error).splitlines()[0]}") from error
    return value


def _check_selector_or_line(value: str) -> str:
    """Accept a CSS selector, or a line of text in double quotes; no selector starts with a quote."""
    if not value.startswith('"'):
        return _check_selector(value)
    if not value.strip('" ') or not value.endswith('"') or len(value) < len('"x"'):
        raise ValueError(f"{value!r} starts like a line of text in double quotes but does not end like one")
    return value


def _check_language(value: str) -> str:
    if not _LANGUAGE_PATTERN.fullmatch(value):
        raise ValueError(f"{value!r} is not a BCP 47 language tag, like en or zh-Hans")
    return value


def _canonical_host(value: str) -> str:
    url = parse(f"http://{value}/")
    if url is None or url.path != "/" or not url.site:
        raise ValueError(f"{value!r} is not a host name")
    return url.site


def _check_template(value: str) -> str:
    if value and value.count("{}") != 1:
        raise ValueError(f"{value!r} needs one {{}}: the value of the item's `url` goes there")
    return value


def _canonical_charset(value: str) -> str:
    try:
        return codecs.lookup(value).name
    except LookupError as error:
        raise ValueError(f"{value!r} is not a charset that Python knows") from error


def _shares_of(names: tuple[str, ...], kind: str) -> Callable[[dict[str, float]], dict[str, float]]:
    """Return the check of a table that maps some of `names` to shares; `kind` says what the names are."""

    def check(value: dict[str, float]) -> dict[str, float]:
        for name, share in value.items():
            if name not in names:
                raise ValueError(f"{name!r} is not {kind}{did_you_mean(name, names)}")
            if not 0 <= share <= 1:
                raise ValueError(f"{name} = {share} is not a share from 0 to 1")
        return value

    return check


# TOML has arrays only, records have tuples: the outer type may be converted, its items may not.
_Selector = Annotated[str, AfterValidator(_check_selector)]
_SelectorOrLine = Annotated[str, AfterValidator(_check_selector_or_line)]
_Language = Annotated[str, AfterValidator(_check_language)]
_Host = Annotated[str, AfterValidator(_canonical_host)]

Slug = Annotated[str, AfterValidator(_check_slug)]
Text = Annotated[str, Field(min_length=1)]
WebUrl = Annotated[str, AfterValidator(_canonical_url)]
WebUrls = Annotated[tuple[WebUrl, ...], Field(strict=False)]
Regex = Annotated[str, AfterValidator(_check_regex)]
Selectors = Annotated[tuple[_Selector, ...], Field(strict=False)]
SelectorsOrLines = Annotated[tuple[_SelectorOrLine, ...], Field(strict=False)]
Languages = Annotated[tuple[_Language, ...], Field(strict=False)]
Hosts = Annotated[tuple[_Host, ...], Field(strict=False)]
StringPairs = Annotated[tuple[Annotated[tuple[str, str], Field(strict=False)], ...], Field(strict=False)]
Paths = Annotated[tuple[Text, ...], Field(strict=False)]
Template = Annotated[str, AfterValidator(_check_template)]
Charset = Annotated[str, AfterValidator(_canonical_charset)]
Cron = Annotated[str, AfterValidator(check_cron)]
Coverage = Annotated[dict[str, float], AfterValidator(_shares_of(_DOCUMENT_FIELDS, "a field of a document"))]
AccessShares = Annotated[dict[str, float], AfterValidator(_shares_of(_ACCESS_VALUES, "a value of `access`"))]
