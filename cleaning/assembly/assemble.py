"""What needs several pages: teasers and their whole texts, twins in two languages, works and their members.

A teaser is completed from its own page where that was cleaned too, else from the site's feed or API where
the text stands whole; what nobody shows whole stays marked. A feed that goes on where a page ends tells that
the page is cut. A text behind a paywall stays as its page gives it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cleaning.assembly.feed_entries import FeedEntry
from cleaning.assembly.language_alternates import link_translations, urls_of_translations
from cleaning.assembly.works import work_ids, works
from cleaning.law.tree import units
from cleaning.metadata.identity import url_key
from cleaning.page.decode import scrub
from cleaning.result import Cleaned
from cleaning.text.lines import word_key
from output.base.records import Access, Document, Evidence, Rejection, Removal, RemovalKind, text_version

# A feed's text that is longer by this much is the whole of a page that shows the beginning.
_LONGER: Final = 1.2
_GOES_ON: Final = 400  # characters that it has more, where the page does not say that it is cut
_OPENING: Final = 60  # letters with which a text and its whole begin alike


def assemble(pages: Sequence[Cleaned], entries: Iterable[FeedEntry] = ()) -> list[Cleaned]:
    """Complete what pages show in part, tie translations to originals, give each text of an act its work.

    A teaser and the document at its permalink share their id or their address: the whole one stays, the
    teaser leaves a receipt that names it. A page left without documents is rejected as `completed_elsewhere`.
    """
    whole: dict[str, Document] = {}
    for page in pages:
        for document in page.documents:
            if document.access is Access.FULL:
                whole.setdefault(document.id, document)
                whole.setdefault(url_key(document.url), document)
    offered = _longest(entries)
    done = link_translations([_completed(_without_teasers(page, whole), offered) for page in pages])
    ids = work_ids(works([document for page in done for document in page.documents]))
    return [_with_works(page, ids) for page in done]


def depends_on_urls(page: Cleaned) -> Iterator[str]:
    """The addresses of the pages that `assemble` should see beside this one: where its teasers go on, and
    where the law that it gives may stand in another language.
    """
    yield from (document.url for document in page.documents if document.access is Access.TEASER)
    yield from urls_of_translations(page)


def _without_teasers(page: Cleaned, whole: dict[str, Document]) -> Cleaned:
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


def _longest(entries: Iterable[FeedEntry]) -> dict[str, FeedEntry]:
    """The longest text that any feed or API offers for an address."""
    found: dict[str, FeedEntry] = {}
    for entry in entries:
        where = url_key(entry.url)
        if where not in found or len(entry.text) > len(found[where].text):
            found[where] = entry
    return found


def _completed(page: Cleaned, entries: dict[str, FeedEntry]) -> Cleaned:
    """The page with the texts that a feed or API has in full in place of those that it cuts."""
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
    """What the lexicon took out of an entry's text; it stands nowhere in the page."""
    for label, text in entry.furniture:
        kind = label.kind or RemovalKind.OTHER
        words = "" if kind is RemovalKind.COMMENTS else scrub(text)[0]
        yield Removal(
            document.source_id, document.input_id, document.run_id, kind, label.rule, f"in {entry.where}", 0,
            words,
        )  # fmt: skip


def _is_whole_of(text: str, document: Document) -> bool:
    """Whether a text is the document's, begun alike and longer; an excerpt of a feed is shorter."""
    if document.access not in (Access.FULL, Access.TEASER) or "metadata_only" in document.warnings:
        return False
    least = _GOES_ON if document.access is Access.FULL else 0
    if len(text) <= max(_LONGER * len(document.text), len(document.text) + least):
        return False
    ours = word_key(document.text).removeprefix(word_key(document.title))
    return bool(ours) and word_key(text).removeprefix(word_key(document.title)).startswith(ours[:_OPENING])


def _from_entry(document: Document, entry: FeedEntry) -> Document:
    text, warnings = scrub(entry.text)
    said = Evidence(f"{len(text)} characters, the page shows {document.characters}", entry.where)
    return dataclasses.replace(
        document,
        text=text,
        version=text_version(document.title, text),
        headings=(),
        articles=units(text.split("\n")) if document.articles else (),
        access=Access.FULL,
        access_evidence=(*document.access_evidence, said),
        characters=len(text),
        warnings=(*document.warnings, *warnings, "text_from_entry"),
    )


def _with_works(page: Cleaned, ids: dict[str, str]) -> Cleaned:
    if not any(document.id in ids for document in page.documents):
        return page
    documents = tuple(dataclasses.replace(d, work_id=ids.get(d.id)) for d in page.documents)
    return dataclasses.replace(page, documents=documents)
