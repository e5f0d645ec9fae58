"""Attachments: the PDFs that a page links to, which are documents of their own."""

from __future__ import annotations

from crawlers.declaration.scope import is_file
from crawlers.discovery.links import Answer, Hint, Link
from crawlers.discovery.markup import anchors

FORM = "attachment"


def read_page(answer: Answer) -> list[Link]:
    """The files that a page of HTML links to; [] for any other body."""
    body = answer.body
    if body.startswith(b"%PDF") or not (b".pdf" in body or b".PDF" in body):
        return []
    return [Link(anchor.url, hint=Hint(FORM)) for anchor in anchors(answer) if is_file(anchor.url)]
