"""Pages that give one law in two languages: their heads name each other, or their source says how the
addresses differ.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cleaning.metadata.identity import place
from cleaning.page.links import absolute, base_of
from cleaning.page.parse import Parsed
from cleaning.result import Cleaned

_LANGUAGES: Final = 200  # links of a page; no site speaks more, and a page may name any number


def addresses(parsed: Parsed, url: str, pairs: Iterable[tuple[str, str]] = ()) -> tuple[str, ...]:
    """Where a page at `url` stands in other languages: its `hreflang` links, absolute, and what each of the
    `pairs` that its source declares makes of its address when one is put for the other.
    """
    links = (
        link.get("href", "")
        for link in parsed.links
        if link.get("hreflang") and "alternate" in link.get("rel", "").lower().split()
    )
    base = base_of(parsed, url)
    found = [absolute(base, href) for href in itertools.islice(links, _LANGUAGES)]
    for one, other in pairs:
        found += [url.replace(a, b, 1) for a, b in ((one, other), (other, one)) if a in url]
    return tuple(twin for twin in dict.fromkeys(found) if twin and place(twin) != place(url))


def sought(page: Cleaned) -> tuple[str, ...]:
    """The addresses of the other languages of a page that can be a law or its translation."""
    if len(page.documents) != 1:
        return ()
    return page.twins if _is_original(page) or not page.documents[0].language.startswith("zh") else ()


def tied(pages: Sequence[Cleaned]) -> list[Cleaned]:
    """The pages, each translation of a law with the id of its original: the Chinese of a law is the law.

    Both pages must name the other and hold one document each. Of a text that is no law, nobody says which
    language is its own.
    """
    originals: dict[str, Cleaned] = {}
    for page in pages:
        if _is_original(page):
            originals |= dict.fromkeys(_own(page), page)
    return [_tied(page, originals) for page in pages]


def _tied(page: Cleaned, originals: dict[str, Cleaned]) -> Cleaned:
    if len(page.documents) != 1 or page.documents[0].language.startswith("zh"):
        return page
    own = set(_own(page))
    ids = {
        original.documents[0].id
        for twin in page.twins
        if (original := originals.get(place(twin))) and own & {place(back) for back in original.twins}
    }
    if len(ids) != 1:
        return page
    (document,) = page.documents
    return dataclasses.replace(page, documents=(dataclasses.replace(document, translation_of=ids.pop()),))


def _is_original(page: Cleaned) -> bool:
    if len(page.documents) != 1 or not page.twins:
        return False
    (document,) = page.documents
    return document.language.startswith("zh") and bool(document.articles or document.document_number)


def _own(page: Cleaned) -> Iterator[str]:
    (document,) = page.documents
    return (place(address) for address in (document.url, document.canonical_url) if address)
