"""Pages that give one law in two languages.

Their heads name each other, or their source declares how the URLs differ.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cleaning.metadata.identity import url_key
from cleaning.page.links import absolute, base_of
from cleaning.page.parse import Parsed
from cleaning.result import Cleaned

_MAX_LANGUAGE_LINKS: Final = 200  # of a page; no site speaks more, and a page may name any number


def alternate_urls(parsed: Parsed, url: str, pairs: Iterable[tuple[str, str]] = ()) -> tuple[str, ...]:
    """Return the URLs at which a page stands in other languages, without its own.

    They come from its `hreflang` links, and from the `pairs` that its source declares: parts of a URL of
    which one is put for the other.
    """
    links = (
        link.get("href", "")
        for link in parsed.links
        if link.get("hreflang") and "alternate" in link.get("rel", "").lower().split()
    )
    base = base_of(parsed, url)
    found = [absolute(base, href) for href in itertools.islice(links, _MAX_LANGUAGE_LINKS)]
    for one, other in pairs:
        found += [url.replace(a, b, 1) for a, b in ((one, other), (other, one)) if a in url]
    own = url_key(url)
    return tuple(alternate for alternate in dict.fromkeys(found) if alternate and url_key(alternate) != own)


def urls_of_translations(page: Cleaned) -> tuple[str, ...]:
    """Return the URLs of the other languages of a page that can be a law or its translation."""
    if len(page.documents) != 1:
        return ()
    return page.alternates if _is_original(page) or not page.documents[0].language.startswith("zh") else ()


def link_translations(pages: Sequence[Cleaned]) -> list[Cleaned]:
    """Return the pages, each translation of a law with the id of its original: the Chinese of a law.

    Both pages must name the other and hold one document each. For a text that is no law, nothing tells which
    language is the original.
    """
    originals: dict[str, Cleaned] = {}
    for page in pages:
        if _is_original(page):
            originals |= dict.fromkeys(_url_keys(page), page)
    return [_link_translation(page, originals) for page in pages]


def _link_translation(page: Cleaned, originals: dict[str, Cleaned]) -> Cleaned:
    if len(page.documents) != 1 or page.documents[0].language.startswith("zh"):
        return page
    own = set(_url_keys(page))
    named = [original for url in page.alternates if (original := originals.get(url_key(url)))]
    ids = {
        original.documents[0].id
        for original in named
        if own & {url_key(alternate) for alternate in original.alternates}
    }
    if len(ids) != 1:
        return page
    (document,) = page.documents
    return dataclasses.replace(page, documents=(dataclasses.replace(document, translation_of=ids.pop()),))


def _is_original(page: Cleaned) -> bool:
    if len(page.documents) != 1 or not page.alternates:
        return False
    (document,) = page.documents
    return document.language.startswith("zh") and bool(document.articles or document.document_number)


def _url_keys(page: Cleaned) -> Iterator[str]:
    (document,) = page.documents
    return (url_key(url) for url in (document.url, document.canonical_url) if url)
