"""A document's id: stable while its text changes, the same for all addresses of one page."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from output.base.records import RawPage, sha256_hex

_ID: Final = 20  # hex digits: 80 bits, no collision among a billion documents
_WORD: Final = re.compile(r"[^\W_]{3,}")
_FRONTS: Final = frozenset(
    {"", "index", "default", "home", "index.html", "index.htm", "index.php", "default.aspx"}
)
_ENDING: Final = re.compile(r"\.(?:s?html?|php|aspx?|jsp)$")


def document_id(address: str, title: str) -> str:
    """The id of a document at an address, with its title (or another mark) where several share the
    address.
    """
    key = f"{address}\n{title}" if title else address
    return sha256_hex(key.encode(errors="surrogatepass"))[:_ID]


def document_url(page: RawPage, canonical: str | None, permalink: str = "") -> tuple[str, tuple[str, ...]]:
    """The document's own address: its permalink, else the canonical one, else that of the page; and what
    was odd.

    A canonical address that knows nothing of the page's own (a section, a list) names many pages: none of
    them.
    """
    if permalink:
        return permalink, ()
    own = page.url or page.input_id
    if canonical and not _names_the_page(canonical, page.url):
        return own, ("canonical_is_section",)
    return canonical or own, ()


def _names_the_page(canonical: str, url: str) -> bool:
    """Whether a canonical address may be this page's: it shares the last part of the path, or a word of
    it.
    """
    if not url:
        return True
    theirs, ours = urlsplit(canonical), urlsplit(url)
    if theirs.path.rstrip("/") == ours.path.rstrip("/"):
        # The same place: the query that is left out must not be what names the page.
        return bool(theirs.query) or not _keys(ours.query)
    last, own = _last(theirs.path), _last(ours.path)
    if own in _FRONTS:
        return True  # /?p=12 and its like say nothing in the path
    if ours.path.startswith(theirs.path.rstrip("/") + "/"):
        # Above the page: a section, unless what is below only numbers the pages or names a view of it.
        return bool(
            re.fullmatch(r"(?:amp|print|page|\d{1,2}|p\d{1,2})", ours.path.rstrip("/").rpartition("/")[2])
        )
    words = set(_WORD.findall(f"{ours.path} {ours.query}".lower()))
    return last == own or bool(words & set(_WORD.findall(last.lower())))


def _keys(query: str) -> list[str]:
    """The parts of a query that name a page: `id=1104`, not `utm_source=mail`."""
    return [
        key
        for key, value in parse_qsl(query)
        if re.search(r"(?i)^(?:.*_)?(?:id|p|t|aid|nid|article|doc|no|cid)$", key) and value
    ]


def _last(path: str) -> str:
    return _ENDING.sub("", path.rstrip("/").rpartition("/")[2])


def url_key(url: str) -> str:
    """An address without what two spellings of it differ in: scheme, www, fragment, the slash at its end."""
    bare = url.partition("#")[0].partition("://")[2] or url
    return bare.removeprefix("www.").rstrip("/")
