"""Search forms: asked by GET, once for each declared term; what comes back is read as listings."""

from __future__ import annotations

from urllib.parse import urlencode

from crawlers.declaration.schema import Source
from crawlers.discovery import listing
from crawlers.discovery.links import Hint, Link
from web.urls import canonical

# A search that finds nothing is an answer: unlike a listing, it need not name a page.
_MAY_BE_EMPTY = "search"


def start(source: Source) -> list[Link]:
    """The first page of results for each term, as a browser would ask for it (HTML, form submission)."""
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
