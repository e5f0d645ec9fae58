"""From judged blocks to records: the documents of a page, each with its verdict, and the receipts."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from cleaning.documents import access
from cleaning.documents.texts import LabelledPage, Text, texts
from cleaning.documents.translation_credits import attribution, translation_status
from cleaning.documents.warnings import oddities
from cleaning.law.effective import date_signed
from cleaning.law.record import LawRecord, law_record
from cleaning.metadata.identity import address_of, identity
from cleaning.metadata.read import Metadata
from cleaning.page.decode import scrub
from cleaning.page.labels import Label
from cleaning.page.links import absolute, base_of
from cleaning.rules.comments import in_comments
from cleaning.rules.directives import Part
from cleaning.text.language import detect
from cleaning.version import cleaning_version
from output.base.records import Document, Heading, RawPage, Removal, RemovalKind, sha256_hex, text_version

_WORDLESS = (RemovalKind.COMMENTS,)  # readers wrote them: a hash and a place, no words
_TEASER_REACH = 3  # blocks behind a text in which the mark of its cut stands


def removals(page: RawPage, labelled: LabelledPage, *, wordless: bool = False) -> list[Removal]:
    """The receipts of a page, in the order of its text; `wordless` where its terms forbid to keep any."""
    found = [
        _receipt(page, label, block.offset, block.text, wordless or i in labelled.readers)
        for i, (block, label) in enumerate(zip(labelled.parsed.blocks, labelled.labels, strict=True))
        if not label.content
    ]
    commented = labelled.readers | in_comments(labelled.parsed.blocks) if labelled.cuts else labelled.readers
    for cut in labelled.cuts:
        block = labelled.parsed.blocks[cut.block]
        text = block.text[cut.start : cut.end]
        hidden = wordless or cut.block in commented
        found.append(_receipt(page, cut.label, block.offset + cut.start, text, hidden))
    return sorted(found, key=lambda removal: removal.offset)


def _receipt(page: RawPage, label: Label, offset: int, text: str, wordless: bool) -> Removal:
    kind = label.kind or RemovalKind.OTHER
    evidence, text = scrub(label.evidence)[0], scrub(text)[0]
    if kind in _WORDLESS or wordless:
        evidence, text = f"sha256:{sha256_hex(text.encode())}", ""
    return Removal(page.source_id, page.input_id, page.run_id, kind, label.rule, evidence, offset, text)


def build(
    page: RawPage, labelled: LabelledPage, metadata: Metadata, *, metadata_only: bool = False
) -> list[Document]:
    """The documents of a page in its order: one a part that has content, and a language of it."""
    several = len(labelled.parts) > 1
    found = [
        document
        for part in labelled.parts
        for document in _part_documents(page, labelled, metadata, part, several)
    ]
    if metadata_only:
        found = [_without_text(document) for document in found]
    return [dataclasses.replace(document, part=n) for n, document in enumerate(found)]


def _part_documents(
    page: RawPage, labelled: LabelledPage, metadata: Metadata, part: Part, several: bool
) -> list[Document]:
    found = texts(labelled, part, metadata.title, metadata.status, several=several)
    if not found:
        return []
    records = [
        law_record(text.title, text.plain, script=text.script, status=text.status, fields=labelled.fields)
        for text in found
    ]
    last = max(line.block for text in found for line in text.lines)
    receipts = _part_receipts(page, labelled, part, last)
    lines = [line for text in found for line in text.plain]
    verdict = access.verdict(found[0].title, lines, receipts, labelled.parsed.jsonld, labelled.parsed.meta)
    base = base_of(labelled.parsed, page.url)
    permalink = absolute(base, part.permalink) if part.permalink else ""
    address, warned = address_of(page, metadata.canonical_url, permalink)
    first = identity(address, found[0].title if several and not permalink else "")
    ids = [first, *(identity(address, f"{first} {text.script}") for text in found[1:])]
    # The Chinese of a law is the law; of any other text the language that comes first is its own.
    original = next(
        (n for n, text in enumerate(found) if text.script == "zh" and any(r.act or r.units for r in records)),
        0,
    )
    documents = []
    for n, (text, law) in enumerate(zip(found, records, strict=True)):
        twins = [other for other in records if other is not law]
        document = _document(page, labelled, metadata, part, several, text, _with_twins(law, twins), verdict)
        documents.append(
            dataclasses.replace(
                document,
                id=ids[n],
                url=permalink or page.url,
                canonical_url=permalink or (None if several else metadata.canonical_url),
                translation_of=ids[original] if n != original else None,
                translation_status=translation_status(document.attribution or "")
                if n != original or len(found) == 1
                else None,
                warnings=tuple(dict.fromkeys((*document.warnings, *warned))),
            )
        )
    return documents


def _document(
    page: RawPage,
    labelled: LabelledPage,
    metadata: Metadata,
    part: Part,
    several: bool,
    text: Text,
    law: LawRecord,
    verdict: access.Verdict,
) -> Document:
    plain = text.plain
    whole = "\n".join(plain)
    published = (part.date or None) if several and part.date else metadata.date_published
    signed = date_signed(plain) if not published and (labelled.dump or law.act) else None
    return Document(
        id="",
        version=text_version(text.title, whole),
        source_id=page.source_id,
        input_id=page.input_id,
        url=page.url,
        title=text.title,
        text=whole,
        language=detect(whole, metadata.language),
        headings=_headings(text, labelled),
        articles=law.units,
        authors=metadata.authors,
        site=metadata.site or page.site or None,
        document_type=law.document_type,
        document_number=law.number,
        issuer=law.issuer,
        issuer_id=law.issuer_id,
        jurisdiction=law.jurisdiction,
        legal_status=law.status,
        date_published=published or signed or (law.issued if law.act else None),
        date_issued=law.issued,
        date_effective=law.effective,
        access=verdict[0],
        access_evidence=verdict[1],
        licence=metadata.licence,
        robots=page.robots,
        tdm=page.tdm,
        attribution=attribution(labelled, part),
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
        characters=len(whole),
        share_kept=round(len(whole) / max(1, len(labelled.parsed.text)), 4),
        warnings=(
            *labelled.warnings, *metadata.warnings, *text.warnings, *law.warnings,
            *oddities(text.title, whole),
        ),
    )  # fmt: skip


def _with_twins(law: LawRecord, twins: Sequence[LawRecord]) -> LawRecord:
    """The record with the dates, the body and its place that the same text states in another language."""
    for twin in twins:
        law = dataclasses.replace(
            law,
            issued=law.issued or twin.issued,
            effective=law.effective or twin.effective,
            issuer_id=law.issuer_id or twin.issuer_id,
            jurisdiction=law.jurisdiction or twin.jurisdiction,
        )
    return law


def _part_receipts(page: RawPage, labelled: LabelledPage, part: Part, last: int) -> list[Removal]:
    """The receipts that bear on a part's verdict: notices anywhere in it, cut marks where its text ends."""
    found = []
    for i in sorted(part.blocks - labelled.readers):
        label = labelled.labels[i]
        if label.kind is RemovalKind.PAYWALL or (
            label.kind is RemovalKind.TEASER and last < i <= last + _TEASER_REACH
        ):
            found.append(
                _receipt(page, label, labelled.parsed.blocks[i].offset, labelled.parsed.blocks[i].text, False)
            )
    for cut in labelled.cuts:
        if cut.block in part.blocks and cut.label.kind is RemovalKind.TEASER and cut.block >= last:
            block = labelled.parsed.blocks[cut.block]
            found.append(
                _receipt(page, cut.label, block.offset + cut.start, block.text[cut.start : cut.end], False)
            )
    return found


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
