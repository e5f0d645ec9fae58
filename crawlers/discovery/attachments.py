"""Attachments: the PDFs that a page links to, each a document of its own."""

from __future__ import annotations

from crawlers.declaration.scope import is_pdf_url
from crawlers.discovery.links import FetchedPage, Hint, Link
from crawlers.discovery.markup import anchors

FORM = "attachment"


def read_page(page: FetchedPage) -> list[Link]:
    """Return links to the PDFs that an HTML page names; [] for any other body."""
    body = page.body
    if body.startswith(b"%PDF") or not (b".pdf" in body or b".PDF" in body):
        return []
    return [Link(anchor.url, hint=Hint(FORM)) for anchor in anchors(page) if is_pdf_url(anchor.url)]
