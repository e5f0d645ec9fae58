"""Pages that give one law in two languages.

Their heads name each other, or their source declares how the URLs differ.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

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


class Original(NamedTuple):
    """What a translation needs to know of its original: the document's id, and the URLs that it names."""

    document_id: str
    alternate_keys: frozenset[str]


def originals(pages: Iterable[Cleaned]) -> dict[str, Original]:
    """Return the originals of laws among the pages, by the keys of their URLs: the Chinese of a law."""
    found: dict[str, Original] = {}
    for page in pages:
        if _is_original(page):
            original = Original(page.documents[0].id, frozenset(map(url_key, page.alternates)))
            found |= dict.fromkeys(_url_keys(page), original)
    return found


def link_translation(page: Cleaned, originals: Mapping[str, Original]) -> Cleaned:
    """Return the page, where it is a translation of a law with the id of its original.

    Both pages must name the other and hold one document each. For a text that is no law, nothing tells which
    language is the original.
    """
    if not originals or len(page.documents) != 1 or page.documents[0].language.startswith("zh"):
        return page
    own = set(_url_keys(page))
    named = [original for url in page.alternates if (original := originals.get(url_key(url)))]
    ids = {original.document_id for original in named if own & original.alternate_keys}
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
