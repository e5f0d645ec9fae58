"""HTML and XML parsing for discovery: the links of a page, and XML trees that fetch nothing."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from lxml import etree
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.discovery.links import FetchedPage, IndexUnreadable
from web.urls import canonical

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-z0-9_:.-]+)", re.IGNORECASE)
# The HTML standard wants a meta charset in the first 1024 bytes; some pages begin with comments.
_SNIFFED_BYTES = 4096
# Text with one of these labels is usually in the superset.
_CHARSET_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030"}


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
    return anchors_in(LexborHTMLParser(text_of(page)), page)


def anchors_in(tree: LexborHTMLParser, page: FetchedPage) -> list[Anchor]:
    """Return the same links of a page that is already parsed."""
    base_node = tree.css_first("base[href]")
    base = canonical(_attribute(base_node, "href"), page.url) if base_node else None
    found = []
    for node in tree.css("a[href], area[href], link[rel][href]"):
        rel = frozenset(_attribute(node, "rel").lower().split())
        if node.tag == "link" and "next" not in rel:
            continue
        url = canonical(_attribute(node, "href").strip(), base or page.url)
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


def text_of(page: FetchedPage) -> str:
    """Decode a body by the charset of its header, else of its meta tag, else as UTF-8; errors are replaced.

    Links are ASCII in every charset of the web, so that a wrong charset spoils only the words.
    """
    declared = _CHARSET.search(page.header("content-type").encode("latin-1", "replace"))
    declared = declared or _CHARSET.search(page.body[:_SNIFFED_BYTES])
    label = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if page.body.startswith(codecs.BOM_UTF8):
        label = "utf-8-sig"
    try:
        return page.body.decode(_CHARSET_SUPERSETS.get(label, label), errors="replace")
    except (LookupError, UnicodeError):
        return page.body.decode("utf-8", errors="replace")


def xml_root(page: FetchedPage, reason: str) -> etree._Element:
    """Parse an XML body tolerantly and return its root; loads no entities, no DTDs and nothing by network.

    Raises:
        IndexUnreadable: with that reason, where the body is not XML.

    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(page.body.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise IndexUnreadable(reason, str(error)) from error
    if root is None:
        raise IndexUnreadable(reason, "it contains no XML element")
    return root


def name_of(element: etree._Element) -> str:
    """Return an element's name without its namespace; "" for comments and processing instructions."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def child_text(element: etree._Element, name: str) -> str:
    """Return the text of the first child of that name, or ""."""
    return next(((child.text or "").strip() for child in element if name_of(child) == name), "")


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
