"""`tamis.extract`: the documents of one page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Literal, overload

from output.base.records import Document, RawPage, Rejection, Removal, sha256_hex

if TYPE_CHECKING:
    from cleaning.model.profile import Profile

# Sites whose profile is kept between calls: whoever cleans a site page by page fits it once.
_PROFILES_KEPT = 8


@dataclass(frozen=True, slots=True)
class Extraction:
    """What `extract` found on a page: its documents, and a receipt for each block that it removed.

    `rejection` holds the reason where there is no document, and is None otherwise.
    """

    documents: list[Document]
    removals: list[Removal]
    rejection: Rejection | None


@overload
def extract(
    html: str | bytes,
    url: str | None = None,
    *,
    content_type: str | None = None,
    site_pages: Iterable[str | bytes] = (),
    receipts: Literal[False] = False,
) -> list[Document]: ...


@overload
def extract(
    html: str | bytes,
    url: str | None = None,
    *,
    content_type: str | None = None,
    site_pages: Iterable[str | bytes] = (),
    receipts: Literal[True],
) -> Extraction: ...


def extract(
    html: str | bytes,
    url: str | None = None,
    *,
    content_type: str | None = None,
    site_pages: Iterable[str | bytes] = (),
    receipts: bool = False,
) -> list[Document] | Extraction:
    """Clean one page and return its documents; a page without a document gives an empty list.

    `html` is the page's source: HTML, plain text or a PDF. Bytes are decoded as a browser decodes them;
    `content_type` is the HTTP header of that name, where there was one. Give `url` where it is known: links,
    dates and ids depend on it.

    `site_pages` are other pages of the same site, as HTML; the first sixteen are read. From four pages on,
    the page itself included, Tamis learns from them where the site keeps its text. That is evidence for the
    model; no line is removed only because several pages have it.

    With `receipts=True` the result is an Extraction: the documents, a Removal for each removed block, and the
    reason where there is no document.

    Raises TypeError for an argument of another type. No page raises an error, whatever it holds.

    >>> import tamis
    >>> page = '''<html><head><title>Ferry times</title></head><body>
    ... <nav><a href="/">Home</a> <a href="/map">Map</a> <a href="/contact">Contact</a></nav>
    ... <article><h1>Ferry times</h1>
    ... <p>The ferry leaves the north pier at eight, at noon and at six, on every day of the year.</p>
    ... <p>Tickets are sold on board; children under six and bicycles travel without charge.</p></article>
    ... </body></html>'''
    >>> (document,) = tamis.extract(page, url="https://ferry.example/times")
    >>> document.title, document.language
    ('Ferry times', 'en')
    >>> print(document.text)
    Ferry times
    The ferry leaves the north pier at eight, at noon and at six, on every day of the year.
    Tickets are sold on board; children under six and bicycles travel without charge.
    >>> extraction = tamis.extract(page, url="https://ferry.example/times", receipts=True)
    >>> [(removal.kind.value, removal.text) for removal in extraction.removals]
    [('nav', 'Home Map Contact')]
    """
    from flows.extract.extract import extract_page

    page = _page("html", html, url, content_type)
    cleaned = extract_page(page, _site_profile(site_pages, page))
    if receipts:
        return Extraction(list(cleaned.documents), list(cleaned.removals), cleaned.rejection)
    return list(cleaned.documents)


def _page(name: str, html: str | bytes, url: str | None = None, content_type: str | None = None) -> RawPage:
    """Make a page of an argument. Raises TypeError that names the argument."""
    for argument, text in (("url", url), ("content_type", content_type)):
        if not isinstance(text, str | None):
            raise TypeError(f"{argument} is {_type_of(text)}; pass a str or None")
    media_type = content_type or "text/html"
    if isinstance(html, str):
        body = html.encode(errors="surrogatepass")
        media_type = f"{media_type.partition(';')[0]}; charset=utf-8"
    elif isinstance(html, bytes):
        body = html
    else:
        raise TypeError(
            f"{name} is {_type_of(html)}; pass the page's source as str or bytes, "
            "such as response.content or path.read_bytes()"
        )
    sha256 = sha256_hex(body)
    # Without an address its content names the page: documents of two pages must not share an id.
    return RawPage(
        input_id=url or f"sha256:{sha256}",
        source_id="",
        url=url or "",
        body=body,
        sha256=sha256,
        headers=(("content-type", media_type),),
    )


def _site_profile(site_pages: Iterable[str | bytes], page: RawPage) -> Profile | None:
    if isinstance(site_pages, str | bytes) or not isinstance(site_pages, Iterable):
        raise TypeError(f"site_pages is {_type_of(site_pages)}; pass a list of pages, each as str or bytes")
    from flows.ingest.profiles import MAX_FIT_PAGES, MIN_FIT_PAGES

    pages = tuple(_page(f"site_pages[{n}]", html) for n, html in enumerate(islice(site_pages, MAX_FIT_PAGES)))
    if len(pages) < MIN_FIT_PAGES:
        pages = (*pages, page)
    return _fit(pages) if len(pages) >= MIN_FIT_PAGES else None


@lru_cache(maxsize=_PROFILES_KEPT)
def _fit(pages: tuple[RawPage, ...]) -> Profile | None:
    from cleaning.pipeline import is_html, see
    from flows.ingest.profiles import fit_common_layout

    return fit_common_layout([see(page) for page in pages if is_html(page)])


def _type_of(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"
