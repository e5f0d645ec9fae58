"""Discovery by search forms: submitted by GET, once for each declared term; results are read as listings."""

from __future__ import annotations

from urllib.parse import urlencode

from crawlers.declaration.schema import Source
from crawlers.discovery import listing
from crawlers.discovery.links import Hint, Link
from web.urls import canonical

# As the hint's `seen`: unlike a declared listing, a page of results may name no page at all.
_MAY_BE_EMPTY = "search"


def start(source: Source) -> list[Link]:
    """Return the first page of results for each term, with the URL of a browser's form submission."""
    form = source.search
    if form is None:
        return []
    links = []
    for term in form.terms:
        query = urlencode(
            {**form.fields, form.field: term}, encoding=form.charset, errors="xmlcharrefreplace"
        )
        url = canonical(f"?{query}", form.action)
        if url:
            links.append(Link(url, "index", Hint(listing.FORM, start=url, seen=_MAY_BE_EMPTY)))
    return links
