"""Redirects that a page gives instead of its status: a refresh, a script of one line, a canonical address.

Such a page is a stub: browsers leave it for its target within seconds, and its words are no document.
"""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from web.decode import decode
from web.urls import canonical_link, parse

# A page that reloads later is for reading. Within a second, nobody reads a word of it.
_MAX_SECONDS: Final = 10.0
_UNREADABLE_SECONDS: Final = 1.0
# A stub says that the page has moved, in one language or several; its links are counted apart.
_MAX_STUB_CHARACTERS: Final = 1000
# A title at most: a page without a text of its own.
_MAX_EMPTY_CHARACTERS: Final = 30
# A page with a script of one line, or with nothing but a canonical address, is small.
_MAX_SMALL_BYTES: Final = 32 * 1024

_REFRESH_META: Final = re.compile(rb"<meta\b[^>]{0,400}\brefresh\b", re.IGNORECASE)
_LOCATION: Final = re.compile(rb"\blocation\b", re.IGNORECASE)
_CANONICAL: Final = re.compile(rb"\bcanonical\b", re.IGNORECASE)
# The value of a refresh (HTML standard, 4.2.5.3); `url=` may lack.
_REFRESH: Final = re.compile(
    r"""\s*(?P<seconds>\d*(?:\.\d*)?)[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?(?:"(?P<double>[^"]*)|'(?P<single>[^']*)|(?P<bare>.*))""",
    re.IGNORECASE | re.DOTALL,
)
# What stands around the one statement of a stub, and its delay in milliseconds; without white space.
_SCRIPT: Final = re.compile(
    r"""(?:window\.|onload=|setTimeout\(|\(|function\(\)\{|\(\)=>\{?|["'`])*"""
    r"""(?:(?:window|self|top|parent|document)\.)*location(?:\.href)?(?:=|\.(?:replace|assign)\()"""
    r"""(?P<quote>["'`])(?P<url>[^"'`<>\\]{1,2000})(?P=quote)"""
    r"""[;)}"'`]*(?:,(?P<milliseconds>\d{1,6})\))?[;)}(]*""",
    re.IGNORECASE,
)
_SCRIPT_COMMENT: Final = re.compile(r"^\s*//.*$|<!--|-->|/\*.*?\*/|<!\[CDATA\[|\]\]>", re.MULTILINE)
_NO_URL: Final = "http://page.invalid/"
_SHOWS_NO_TEXT: Final = "script, style, template, noscript, title"
_FURNITURE: Final = "nav, header, footer"
_SHOWS_MORE_THAN_TEXT: Final = "img, svg, canvas, table, form, iframe, frame, object, embed, video, audio"


def page_redirect(
    body: bytes, url: str, *, content_type: str = "", refresh: str = "", canonical: bool = True
) -> str | None:
    """Return the URL that a page at `url` leads to instead of a text; None for a page that is read.

    `refresh` is the header of that name; `canonical` says whether a canonical address counts, too.
    """
    is_small = len(body) <= _MAX_SMALL_BYTES
    has_script = is_small and _LOCATION.search(body) is not None
    has_canonical = is_small and canonical and _CANONICAL.search(body) is not None
    if not (refresh or has_script or has_canonical or _REFRESH_META.search(body)):
        return None
    decoded = decode(body, content_type)
    tree = LexborHTMLParser(decoded.text)
    reference = _refreshed(tree, refresh) or (has_script and _scripted(tree))
    reference = reference or (has_canonical and _canonical(tree))
    if not reference:
        return None
    base_node = tree.css_first("base[href]")
    base = canonical_link(_attribute(base_node, "href"), url, "utf-8") if base_node else None
    target = canonical_link(reference, base or url, decoded.encoding)
    return None if target == url else target


def is_stub(body: bytes, url: str, content_type: str) -> bool:
    """Whether a page leads elsewhere and says little besides. `url` is "" for a file of unknown origin."""
    if len(body) > _MAX_SMALL_BYTES:
        return False
    if page_redirect(body, url or _NO_URL, content_type=content_type, canonical=False) is None:
        return False
    tree = LexborHTMLParser(decode(body, content_type).text)
    return _says_at_most(tree, _MAX_STUB_CHARACTERS, "a")


def _refreshed(tree: LexborHTMLParser, header: str) -> str:
    """Return the address that a refresh leads to before the page is read; "" for none.

    Inside `noscript` it is for browsers without scripts alone.
    """
    metas = (
        _attribute(node, "content")
        for node in tree.css("meta[http-equiv][content]")
        if _attribute(node, "http-equiv").strip().lower() == "refresh" and not _is_in(node, "noscript")
    )
    for value in (header, *metas):
        found = _REFRESH.match(value)
        address = ((found["double"] or found["single"] or found["bare"] or "") if found else "").strip()
        if found and address and _is_unread(tree, float(found["seconds"].rstrip(".") or 0)):
            return address
    return ""


def _scripted(tree: LexborHTMLParser) -> str:
    """Return the address that the one statement of a script leads to; "" for none."""
    body = tree.css_first("body[onload]")
    codes = [node.text(deep=True) for node in tree.css("script:not([src])") if not _is_in(node, "noscript")]
    for code in (*codes, _attribute(body, "onload") if body else ""):
        found = _SCRIPT.fullmatch(re.sub(r"\s+|\\(?=[\"'/])", "", _SCRIPT_COMMENT.sub("", code)))
        if found and _is_unread(tree, int(found["milliseconds"] or 0) / 1000, always_seconds=-1):
            return found["url"]
    return ""


def _canonical(tree: LexborHTMLParser) -> str:
    """Return the canonical address of a page that shows nothing; "" for any other, and for a front page."""
    link = tree.css_first("link[rel~=canonical i][href]")
    if link is None or tree.css_first(_SHOWS_MORE_THAN_TEXT) is not None:
        return ""
    address = _attribute(link, "href").strip()
    parsed = parse(address, "http://page.invalid/page")
    if parsed is None or (parsed.path == "/" and not parsed.query):
        return ""
    return address if _says_at_most(tree, _MAX_EMPTY_CHARACTERS, _FURNITURE) else ""


def _is_unread(
    tree: LexborHTMLParser, seconds: float, *, always_seconds: float = _UNREADABLE_SECONDS
) -> bool:
    """Whether a page is left before it is read: at once, or within seconds where it says little."""
    if seconds <= always_seconds:
        return True
    return seconds <= _MAX_SECONDS and _says_at_most(tree, _MAX_STUB_CHARACTERS, "a")


def _says_at_most(tree: LexborHTMLParser, characters: int, but: str) -> bool:
    """Whether a page shows so few characters, without white space, outside the elements named in `but`."""
    names = {name.strip() for name in f"{_SHOWS_NO_TEXT}, {but}".split(",")}
    for node in tree.body.traverse(include_text=True) if tree.body else ():
        if node.tag == "-text" and not _is_in(node, *names):
            characters -= len("".join((node.text_content or "").split()))
            if characters < 0:
                return False
    return True


def _is_in(node: LexborNode, *names: str) -> bool:
    ancestor = node.parent
    while ancestor is not None:
        if ancestor.tag in names:
            return True
        ancestor = ancestor.parent
    return False


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
