"""Language twins: the same page in another language, as the page's own head says, or as a declared rule."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from crawlers.declaration.schema import Source
from crawlers.discovery.links import Answer, Link
from crawlers.discovery.markup import text_of
from web.urls import canonical


def read_page(source: Source, answer: Answer) -> list[Link]:
    """The twins of a page of HTML; whether they are the source's pages, `follow` decides as of any other."""
    by_rule = [Link(url) for url in _by_rule(source, answer.url)]
    if b"hreflang" not in answer.body:
        return by_rule
    tree = LexborHTMLParser(text_of(answer))
    links = (node.attributes for node in tree.css("link[rel~=alternate][hreflang][href]"))
    return by_rule + [
        Link(url)
        for link in links
        if is_wanted(source, link.get("hreflang") or "")
        and (url := canonical((link.get("href") or "").strip(), answer.url))
        and url != answer.url
    ]


def is_wanted(source: Source, language: str) -> bool:
    """Whether a page in a language (BCP 47) is the source's: it is declared, whatever script or region."""
    primary = language.partition("-")[0].lower()
    declared = {tag.partition("-")[0].lower() for tag in source.source.language}
    return primary in declared if declared else primary != "x"


def _by_rule(source: Source, url: str) -> list[str]:
    """A page's twins by the declared pairs: what stands for the one language in its URL, for the other."""
    found = []
    for one, other in source.crawl.twins:
        for before, after in ((one, other), (other, one)):
            if before in url and (twin := canonical(url.replace(before, after, 1))):
                found.append(twin)
    return found
