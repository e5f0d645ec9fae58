"""HTML and XML as discovery reads them: anchors with their targets, and trees that fetch nothing."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from lxml import etree
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.discovery.links import Answer, IndexUnreadable
from web.urls import canonical

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-z0-9_:.-]+)", re.IGNORECASE)
# Where a meta charset must stand by the HTML standard, and some room for servers that chat first.
_SNIFFED_BYTES = 4096
# The common label for text that is really in its superset.
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030"}


# What a list's entry is marked up as, how far above the link, and how long an entry with its summary may be.
_ITEMS = frozenset({"li", "tr", "dd", "article", "p"})
_ITEM_DEPTH = 5
_ITEM_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link: canonical target, visible text, `rel` words, whether it looks like a permalink, and the text of
    the item of a list that it stands in, or "".
    """

    url: str
    text: str
    rel: frozenset[str]
    permalink: bool
    item: str = ""


def anchors(answer: Answer) -> list[Anchor]:
    """The http(s) links of a page in document order, `<link rel=next>` included."""
    return anchors_in(LexborHTMLParser(text_of(answer)), answer)


def anchors_in(tree: LexborHTMLParser, answer: Answer) -> list[Anchor]:
    """The same of a page that is parsed already."""
    base_node = tree.css_first("base[href]")
    base = canonical(_attribute(base_node, "href"), answer.url) if base_node else None
    found = []
    for node in tree.css("a[href], area[href], link[rel][href]"):
        rel = frozenset(_attribute(node, "rel").lower().split())
        if node.tag == "link" and "next" not in rel:
            continue
        url = canonical(_attribute(node, "href").strip(), base or answer.url)
        if url:
            text = " ".join(node.text(deep=True).split())
            found.append(Anchor(url, text, rel, _is_permalink(node, rel), _item(node)))
    return found


def _item(node: LexborNode) -> str:
    """The text of the list item, row or article around a link, if that is one link's alone."""
    around = node.parent
    for _ in range(_ITEM_DEPTH):
        if around is None:
            return ""
        if around.tag in _ITEMS:
            text = " ".join((around.text(deep=True, separator=" ") or "").split())
            return text if len(text) <= _ITEM_CHARACTERS else ""
        around = around.parent
    return ""


def text_of(answer: Answer) -> str:
    """A body as text: by its header's charset, else its meta's, else UTF-8; what does not fit is replaced.

    Links are ASCII in every charset that the web uses, so that a wrong guess spoils words alone.
    """
    declared = _CHARSET.search(answer.header("content-type").encode("latin-1", "replace"))
    declared = declared or _CHARSET.search(answer.body[:_SNIFFED_BYTES])
    label = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if answer.body.startswith(codecs.BOM_UTF8):
        label = "utf-8-sig"
    try:
        return answer.body.decode(_SUPERSETS.get(label, label), errors="replace")
    except (LookupError, UnicodeError):
        return answer.body.decode("utf-8", errors="replace")


def xml_root(answer: Answer, reason: str) -> etree._Element:
    """The root of an XML answer, mended where it is broken; entities, DTDs and the network stay untouched.

    Raises:
        Unreadable: with that reason, where there is no XML.

    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(answer.body.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise IndexUnreadable(reason, str(error)) from error
    if root is None:
        raise IndexUnreadable(reason, "no XML element in it")
    return root


def name_of(element: etree._Element) -> str:
    """An element's name without its namespace; "" for comments and the like."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def child_text(element: etree._Element, name: str) -> str:
    """The text of the first child of that name, or ""."""
    return next(((child.text or "").strip() for child in element if name_of(child) == name), "")


def _is_permalink(node: LexborNode, rel: frozenset[str]) -> bool:
    """Whether a theme marks the link as one to a post: by its rel, its class, or a heading around it."""
    if "bookmark" in rel or "more-link" in _attribute(node, "class").split():
        return True
    parent = node.parent
    return parent is not None and (
        parent.tag in ("h1", "h2", "h3") or "entry-title" in _attribute(parent, "class").split()
    )


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
