"""From labelled pages to records: the documents of a page, each with its verdict."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from cleaning.documents.access import Verdict, verdict
from cleaning.documents.labelled import LabelledPage
from cleaning.documents.receipts import receipts_for_verdict
from cleaning.documents.texts import Text, texts
from cleaning.documents.translation_credits import attribution, translation_status
from cleaning.documents.warnings import text_warnings
from cleaning.law.effective import date_signed
from cleaning.law.record import LawRecord, law_record
from cleaning.metadata.identity import document_id, document_url
from cleaning.metadata.read import Metadata, read
from cleaning.page.links import absolute, base_of
from cleaning.rules.directives import Part
from cleaning.text.language import detect
from cleaning.version import cleaning_version
from output.base.records import Access, Document, Heading, RawPage, text_version


def build(page: RawPage, labelled: LabelledPage, *, metadata_only: bool = False) -> list[Document]:
    """Return the documents of a page in its order: one for each part with content and each language of it.

    With `metadata_only` they have no words of the text.
    """
    metadata = labelled.metadata or read(labelled.parsed, page.url, labelled.bylines)
    documents = [document for part in labelled.parts for document in _of_part(page, labelled, metadata, part)]
    if metadata_only:
        documents = [_without_text(document) for document in documents]
    return [dataclasses.replace(document, part=n) for n, document in enumerate(documents)]


def _of_part(page: RawPage, labelled: LabelledPage, metadata: Metadata, part: Part) -> list[Document]:
    """Return the documents of a part: its text in each of its languages, with one verdict for all."""
    several = len(labelled.parts) > 1
    languages = texts(labelled, part, metadata.title, metadata.status, several=several)
    if not languages:
        return []
    laws = [
        law_record(text.title, text.plain, script=text.script, status=text.status, fields=labelled.fields)
        for text in languages
    ]
    shared, ids, url_warnings = _shared_by_languages(page, labelled, metadata, part, languages)
    original = _original(languages, laws)
    published = part.date if several and part.date else metadata.date_published
    documents = []
    for n, (text, law) in enumerate(zip(languages, laws, strict=True)):
        document = _with_law(_with_text(shared, text, labelled, metadata), law, laws)
        can_be_translation = n != original or len(languages) == 1
        documents.append(
            dataclasses.replace(
                document,
                id=ids[n],
                date_published=published
                or _date_of_text(text, law.act, document.date_issued, dump=labelled.dump),
                translation_of=ids[original] if n != original else None,
                translation_status=translation_status(document.attribution or "")
                if can_be_translation
                else None,
                warnings=tuple(dict.fromkeys((*document.warnings, *url_warnings))),
            )
        )
    return documents


def _shared_by_languages(
    page: RawPage, labelled: LabelledPage, metadata: Metadata, part: Part, languages: Sequence[Text]
) -> tuple[Document, list[str], tuple[str, ...]]:
    """Return what the languages of a part share, the id of each, and the warnings about the URL."""
    several = len(labelled.parts) > 1
    permalink = absolute(base_of(labelled.parsed, page.url), part.permalink) if part.permalink else ""
    url, url_warnings = document_url(page, metadata.canonical_url, permalink)
    first_id = document_id(url, languages[0].title if several and not permalink else "")
    ids = [first_id, *(document_id(url, f"{first_id} {text.script}") for text in languages[1:])]
    access, evidence = _verdict(page, labelled, part, languages)
    shared = dataclasses.replace(
        _provenance(page, labelled, metadata),
        url=permalink or page.url,
        canonical_url=permalink or (None if several else metadata.canonical_url),
        access=access,
        access_evidence=evidence,
        attribution=attribution(labelled, part),
    )
    return shared, ids, url_warnings


def _original(languages: Sequence[Text], laws: Sequence[LawRecord]) -> int:
    """Return the index of the original: the Chinese text of a law, else the language that comes first."""
    if not any(law.act or law.units for law in laws):
        return 0
    return next((n for n, text in enumerate(languages) if text.script == "zh"), 0)


def _verdict(page: RawPage, labelled: LabelledPage, part: Part, languages: Sequence[Text]) -> Verdict:
    """Judge a part by its lines and what left it; a file that was read in part is not whole either."""
    last = max(line.block for text in languages for line in text.lines)
    by_words = verdict(
        languages[0].title,
        [line for text in languages for line in text.plain],
        receipts_for_verdict(page, labelled, part, last),
        labelled.parsed.jsonld,
        labelled.parsed.meta,
    )
    if labelled.verdict and by_words[0] in (Access.FULL, Access.UNKNOWN):
        return labelled.verdict
    return by_words


def _provenance(page: RawPage, labelled: LabelledPage, metadata: Metadata) -> Document:
    """Return what all documents of a page share: its metadata, and where and by what it was cleaned."""
    return Document(
        id="",
        version="",
        source_id=page.source_id,
        input_id=page.input_id,
        url=page.url,
        authors=metadata.authors,
        site=metadata.site or page.site or None,
        licence=metadata.licence,
        robots=page.robots,
        tdm=page.tdm,
        fetched_at=page.fetched_at.isoformat() if page.fetched_at else None,
        last_modified=metadata.last_modified or _http_date(page.header("last-modified")),
        raw_sha256=page.sha256,
        archive_file=page.archive.file if page.archive else None,
        archive_offset=page.archive.offset if page.archive else None,
        run_id=page.run_id,
        rules_version=cleaning_version(),
        model_version=labelled.model,
        profile_version=labelled.profile,
        profile_fit=labelled.fit,
        warnings=(*labelled.warnings, *metadata.warnings),
    )


def _with_text(document: Document, text: Text, labelled: LabelledPage, metadata: Metadata) -> Document:
    """Return the document with the title and the lines of a text, and what is known from them."""
    whole = "\n".join(text.plain)
    return dataclasses.replace(
        document,
        version=text_version(text.title, whole),
        title=text.title,
        text=whole,
        language=detect(whole, metadata.language),
        headings=_headings(text, labelled),
        characters=len(whole),
        share_kept=round(len(whole) / max(1, len(labelled.parsed.text)), 4),
        warnings=(*document.warnings, *text.warnings),
    )


def _with_law(document: Document, law: LawRecord, laws: Sequence[LawRecord]) -> Document:
    """Return the document with the fields of its law record; the other languages fill what it lacks."""
    for other in laws:
        if other is not law:
            law = dataclasses.replace(
                law,
                issued=law.issued or other.issued,
                effective=law.effective or other.effective,
                issuer_id=law.issuer_id or other.issuer_id,
                jurisdiction=law.jurisdiction or other.jurisdiction,
            )
    return dataclasses.replace(
        document,
        articles=law.units,
        document_type=law.document_type,
        document_number=law.number,
        issuer=law.issuer,
        issuer_id=law.issuer_id,
        jurisdiction=law.jurisdiction,
        legal_status=law.status,
        date_issued=law.issued,
        date_effective=law.effective,
        warnings=(*document.warnings, *law.warnings, *text_warnings(document.title, document.text)),
    )


def _date_of_text(text: Text, act: bool, issued: str | None, *, dump: bool) -> str | None:
    """Return the date on which a text was signed, else the day on which an act was issued."""
    signed = date_signed(text.plain) if dump or act else None
    return signed or (issued if act else None)


def _headings(text: Text, labelled: LabelledPage) -> tuple[Heading, ...]:
    blocks = labelled.parsed.blocks
    offsets = itertools.accumulate((len(line.text) + 1 for line in text.lines), initial=0)
    return tuple(
        Heading(blocks[line.block].level, line.text, offset)
        for line, offset in zip(text.lines, offsets, strict=False)
        if 1 <= blocks[line.block].level <= 6
    )


def _http_date(value: str) -> str | None:
    try:
        return parsedate_to_datetime(value).isoformat() if value else None
    except (ValueError, TypeError, OverflowError):
        return None


def _without_text(document: Document) -> Document:
    return dataclasses.replace(
        document,
        version=text_version(document.title, ""),
        text="",
        headings=(),
        articles=(),
        characters=0,
        access_evidence=(),
        attribution=None,
        warnings=(*document.warnings, "metadata_only"),
    )
