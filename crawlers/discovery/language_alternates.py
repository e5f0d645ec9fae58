"""Language alternates: the same page in other languages, by its `hreflang` links or by declared URL pairs."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from crawlers.declaration.schema import Source
from crawlers.discovery.links import FetchedPage, Link
from crawlers.discovery.markup import decoded_body
from web.urls import canonical, canonical_link


def read_page(source: Source, page: FetchedPage) -> list[Link]:
    """Return links to the alternates of an HTML page; `follow` decides about them as about any other link."""
    declared = [Link(url) for url in _declared_alternates(source, page.url)]
    if b"hreflang" not in page.body:
        return declared
    decoded = decoded_body(page)
    tree = LexborHTMLParser(decoded.text)
    links = (node.attributes for node in tree.css("link[rel~=alternate][hreflang][href]"))
    return declared + [
        Link(url)
        for link in links
        if is_source_language(source, link.get("hreflang") or "")
        and (url := canonical_link(link.get("href") or "", page.url, decoded.encoding))
        and url != page.url
    ]


def is_source_language(source: Source, language: str) -> bool:
    """Whether the source declares a language (BCP 47), in any script or region, or declares no language."""
    primary = language.partition("-")[0].lower()
    declared = {tag.partition("-")[0].lower() for tag in source.about.language}
    return primary in declared if declared else primary != "x"


def _declared_alternates(source: Source, url: str) -> list[str]:
    """Return a page's URL with the string of one language replaced by that of the other, for each pair."""
    alternates = []
    for first, second in source.crawl.alternates:
        for own, other in ((first, second), (second, first)):
            if own in url and (alternate := canonical(url.replace(own, other, 1))):
                alternates.append(alternate)
    return alternates
