"""HTML parsing for discovery: the text and the links of a page."""

from __future__ import annotations

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.discovery.links import FetchedPage
from web.decode import Decoded, decode
from web.urls import canonical, canonical_link

# The elements of a list item, how far above its link they are, and how long an item with a summary may be.
_ITEM_ELEMENTS = frozenset({"li", "tr", "dd", "article", "p"})
_MAX_ITEM_DEPTH = 5
_MAX_ITEM_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link of a page: its canonical URL, visible text and `rel` words.

    `permalink` says whether it looks like a permalink; `item` is the text of the list item around it, or "".
    """

    url: str
    text: str
    rel: frozenset[str]
    permalink: bool
    item: str = ""


def anchors(page: FetchedPage) -> list[Anchor]:
    """Return the http(s) links of a page in document order, `<link rel=next>` included."""
    decoded = decoded_body(page)
    return anchors_in(LexborHTMLParser(decoded.text), page, decoded.encoding)


def anchors_in(tree: LexborHTMLParser, page: FetchedPage, encoding: str) -> list[Anchor]:
    """Return the same links of a page that is already decoded and parsed."""
    base_node = tree.css_first("base[href]")
    base = canonical(_attribute(base_node, "href"), page.url) if base_node else None
    found = []
    for node in tree.css("a[href], area[href], link[rel][href]"):
        rel = frozenset(_attribute(node, "rel").lower().split())
        if node.tag == "link" and "next" not in rel:
            continue
        url = canonical_link(_attribute(node, "href"), base or page.url, encoding)
        if url:
            text = " ".join(node.text(deep=True).split())
            found.append(Anchor(url, text, rel, _is_permalink(node, rel), _item_text(node)))
    return found


def _item_text(node: LexborNode) -> str:
    """Return the text of the list item, row, article or paragraph around a link; "" where it is too long."""
    ancestor = node.parent
    for _ in range(_MAX_ITEM_DEPTH):
        if ancestor is None:
            return ""
        if ancestor.tag in _ITEM_ELEMENTS:
            text = " ".join((ancestor.text(deep=True, separator=" ") or "").split())
            return text if len(text) <= _MAX_ITEM_CHARACTERS else ""
        ancestor = ancestor.parent
    return ""


def decoded_body(page: FetchedPage) -> Decoded:
    """Decode a body as a careful person would, whatever its header says."""
    return decode(page.body, page.header("content-type"))


def _is_permalink(node: LexborNode, rel: frozenset[str]) -> bool:
    """Whether the markup shows a link to a post: its rel, its class, or a heading around it."""
    if "bookmark" in rel or "more-link" in _attribute(node, "class").split():
        return True
    parent = node.parent
    return parent is not None and (
        parent.tag in ("h1", "h2", "h3") or "entry-title" in _attribute(parent, "class").split()
    )


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
