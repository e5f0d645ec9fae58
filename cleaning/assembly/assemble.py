"""What needs several pages: teasers and their whole texts, translations, works and their members.

A teaser is completed from its own page where that was cleaned too, else from the site's feed or API where the
text is whole. Otherwise it stays marked. A feed whose text goes on where a page ends tells that the page is
cut. A text behind a paywall stays as its page gives it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from cleaning.assembly.feed_entries import FeedEntry
from cleaning.assembly.language_alternates import link_translation, originals, urls_of_translations
from cleaning.assembly.mapped import Flattened, Mapped
from cleaning.assembly.works import work_ids
from cleaning.law.tree import units
from cleaning.metadata.identity import url_key
from cleaning.result import Cleaned
from cleaning.text.lines import word_key
from output.base.records import Access, Document, Evidence, Rejection, Removal, RemovalKind, text_version
from web.decode import scrub

# A feed's text is the whole of a page's if it is so many times as long, and begins with the same letters.
_WHOLE_MIN_RATIO: Final = 1.2
_OPENING_LETTERS: Final = 60
# Characters that it must have more where nothing on the page tells that it is cut.
_UNMARKED_MIN_CHARACTERS: Final = 400


def assemble(pages: Sequence[Cleaned], entries: Iterable[FeedEntry] = ()) -> list[Cleaned]:
    """Complete teasers, link translations to their originals, and give each text of an act its work.

    A teaser and the document at its permalink share their id or their URL. The whole one stays; the teaser
    leaves a receipt that names it. A page left without documents is rejected as `completed_elsewhere`.
    """
    return [*assembled(pages, entries)]


def assembled(pages: Sequence[Cleaned], entries: Iterable[FeedEntry] = ()) -> Sequence[Cleaned]:
    """Return the pages as `assemble` does, each computed when it is asked for.

    Goes over the pages some times and holds none, so that they may be read from a disk.
    """
    whole = _whole_texts(pages)
    full_texts = _longest_by_url(pages, entries)
    completed = Mapped(lambda page: _complete(_without_teasers(page, whole), full_texts), pages)
    known = originals(completed)
    linked = Mapped(lambda page: link_translation(page, known), completed)
    ids = work_ids(Flattened(attrgetter("documents"), linked))
    return Mapped(lambda page: _with_works(page, ids), linked)


def depends_on_urls(page: Cleaned) -> Iterator[str]:
    """Yield the URLs of the pages that `assemble` needs beside this one.

    These are the permalinks of its teasers, and the pages of its law in other languages.
    """
    yield from (document.url for document in page.documents if document.access is Access.TEASER)
    yield from urls_of_translations(page)


class _Whole(NamedTuple):
    """Where a whole text is: the page that gave it, and its own address."""

    input_id: str
    url: str


def _whole_texts(pages: Sequence[Cleaned]) -> dict[str, _Whole]:
    """Return where the whole texts of teasers are, by the ids and by the keys of the URLs of the teasers."""
    wanted: set[str] = set()
    for page in pages:
        for document in page.documents:
            if document.access is Access.TEASER:
                wanted |= {document.id, url_key(document.url)}
    whole: dict[str, _Whole] = {}
    for document in (document for page in pages if wanted for document in page.documents):
        if document.access is Access.FULL:
            for key in {document.id, url_key(document.url)} & wanted:
                whole.setdefault(key, _Whole(document.input_id, document.url))
    return whole


def _without_teasers(page: Cleaned, whole: Mapping[str, _Whole]) -> Cleaned:
    """Return the page without the teasers whose whole text another page has, each with its receipt."""
    if not whole:
        return page
    cut = {
        document.id: found
        for document in page.documents
        if document.access is Access.TEASER
        and (found := whole.get(document.id) or whole.get(url_key(document.url)))
        and found.input_id != document.input_id
    }
    if not cut:
        return page
    receipts = tuple(
        Removal(
            d.source_id,
            d.input_id,
            d.run_id,
            RemovalKind.TEASER,
            "assemble:permalink",
            cut[d.id].url,
            0,
            d.text,
        )
        for d in page.documents
        if d.id in cut
    )
    kept = tuple(d for d in page.documents if d.id not in cut)
    rejection = page.rejection
    if not kept:
        first = page.documents[0]
        rejection = Rejection(
            first.source_id, first.input_id, first.run_id, first.url, "completed_elsewhere",
            cut[first.id].url,
            first.raw_sha256,
        )  # fmt: skip
    return dataclasses.replace(
        page, documents=kept, removals=(*page.removals, *receipts), rejection=rejection
    )


def _longest_by_url(pages: Iterable[Cleaned], entries: Iterable[FeedEntry]) -> dict[str, FeedEntry]:
    """Return the longest text that any feed or API has for a document, by the key of its URL.

    Texts that are not longer than the document's own are left out.
    """
    shown: dict[str, int] = {}
    found: dict[str, FeedEntry] = {}
    for entry in entries:
        shown = shown or _shown_characters(pages)
        key = url_key(entry.url)
        longest = len(found[key].text) if key in found else shown.get(key)
        if longest is not None and len(entry.text) > longest:
            found[key] = entry
    return found


def _shown_characters(pages: Iterable[Cleaned]) -> dict[str, int]:
    """Return the characters that pages show of a document, the least by the key of its URL."""
    shown: dict[str, int] = {}
    for document in (document for page in pages for document in page.documents):
        key = url_key(document.url)
        shown[key] = min(document.characters, shown.get(key, document.characters))
    return shown


def _complete(page: Cleaned, entries: dict[str, FeedEntry]) -> Cleaned:
    """Return the page with the full texts of a feed or API in place of those that it cuts."""
    if not entries:
        return page
    documents: list[Document] = []
    receipts: list[Removal] = []
    for document in page.documents:
        entry = entries.get(url_key(document.url))
        alone = sum(url_key(other.url) == url_key(document.url) for other in page.documents) == 1
        if entry and alone and _is_whole_of(entry.text, document):
            documents.append(_from_entry(document, entry))
            receipts += _receipts(document, entry)
        else:
            documents.append(document)
    return dataclasses.replace(page, documents=tuple(documents), removals=(*page.removals, *receipts))


def _receipts(document: Document, entry: FeedEntry) -> Iterator[Removal]:
    """Yield a receipt for what the lexicon removed from a feed's text; it has no offset in the page."""
    for label, text in entry.furniture:
        kind = label.kind or RemovalKind.OTHER
        words = "" if kind is RemovalKind.COMMENTS else scrub(text)[0]
        yield Removal(
            document.source_id, document.input_id, document.run_id, kind, label.rule, f"in {entry.where}", 0,
            words,
        )  # fmt: skip


def _is_whole_of(text: str, document: Document) -> bool:
    """Tell whether a text is the whole of the document: it begins alike and is longer."""
    if document.access not in (Access.FULL, Access.TEASER) or "metadata_only" in document.warnings:
        return False
    more = _UNMARKED_MIN_CHARACTERS if document.access is Access.FULL else 0
    if len(text) <= max(_WHOLE_MIN_RATIO * len(document.text), len(document.text) + more):
        return False
    title_key = word_key(document.title)
    own = word_key(document.text).removeprefix(title_key)
    return bool(own) and word_key(text).removeprefix(title_key).startswith(own[:_OPENING_LETTERS])


def _from_entry(document: Document, entry: FeedEntry) -> Document:
    text, warnings = scrub(entry.text)
    evidence = Evidence(f"{len(text)} characters, the page shows {document.characters}", entry.where)
    return dataclasses.replace(
        document,
        text=text,
        version=text_version(document.title, text),
        headings=(),
        articles=units(text.split("\n")) if document.articles else (),
        access=Access.FULL,
        access_evidence=(*document.access_evidence, evidence),
        characters=len(text),
        warnings=(*document.warnings, *warnings, "text_from_entry"),
    )


def _with_works(page: Cleaned, ids: dict[str, str]) -> Cleaned:
    """Return the page with the work of each document."""
    if not any(document.id in ids for document in page.documents):
        return page
    documents = tuple(dataclasses.replace(d, work_id=ids.get(d.id)) for d in page.documents)
    return dataclasses.replace(page, documents=documents)
