"""A document's id and URL: stable while its text changes, the same for all URLs of one page."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from output.base.records import RawPage, sha256_hex

_ID_DIGITS: Final = 20  # hex digits: 80 bits, no collision among a billion documents
_WORD: Final = re.compile(r"[^\W_]{3,}")
_FRONT_PAGE_NAMES: Final = frozenset(
    {"", "index", "default", "home", "index.html", "index.htm", "index.php", "default.aspx"}
)
_ENDING: Final = re.compile(r"\.(?:s?html?|php|aspx?|jsp)$")


def document_id(address: str, title: str) -> str:
    """Return the id of a document at a URL.

    `title` is its title, or another mark, where several documents share the URL; else "".
    """
    key = f"{address}\n{title}" if title else address
    return sha256_hex(key.encode(errors="surrogatepass"))[:_ID_DIGITS]


def document_url(page: RawPage, canonical: str | None, permalink: str = "") -> tuple[str, tuple[str, ...]]:
    """Return the document's own URL, and the warnings about it.

    It is the permalink, else the canonical URL, else that of the page. A canonical URL that has nothing of
    the page's own URL names a section or a list, and is left out.
    """
    if permalink:
        return permalink, ()
    own = page.url or page.input_id
    if canonical and not _can_name_page(canonical, page.url):
        return own, ("canonical_is_section",)
    return canonical or own, ()


def _can_name_page(canonical: str, url: str) -> bool:
    """Tell whether a canonical URL can be this page's: it shares the path's last step, or a word of it."""
    if not url:
        return True
    theirs, ours = urlsplit(canonical), urlsplit(url)
    if theirs.path.rstrip("/") == ours.path.rstrip("/"):
        # The same place: the query that is left out must not be what names the page.
        return bool(theirs.query) or not _naming_keys(ours.query)
    last, own = _last_step(theirs.path), _last_step(ours.path)
    if own in _FRONT_PAGE_NAMES:
        return True  # /?p=12 and its like say nothing in the path
    if ours.path.startswith(theirs.path.rstrip("/") + "/"):
        # Above the page: a section, unless what is below only numbers the pages or names a view of it.
        return bool(
            re.fullmatch(r"(?:amp|print|page|\d{1,2}|p\d{1,2})", ours.path.rstrip("/").rpartition("/")[2])
        )
    words = set(_WORD.findall(f"{ours.path} {ours.query}".lower()))
    return last == own or bool(words & set(_WORD.findall(last.lower())))


def _naming_keys(query: str) -> list[str]:
    """Return the keys of a query that name a page: `id` of `id=1104`, not `utm_source`."""
    return [
        key
        for key, value in parse_qsl(query)
        if re.search(r"(?i)^(?:.*_)?(?:id|p|t|aid|nid|article|doc|no|cid)$", key) and value
    ]


def _last_step(path: str) -> str:
    return _ENDING.sub("", path.rstrip("/").rpartition("/")[2])


def url_key(url: str) -> str:
    """Return a URL without what its spellings differ in: scheme, www, fragment and a slash at its end."""
    bare = url.partition("#")[0].partition("://")[2] or url
    return bare.removeprefix("www.").rstrip("/")
