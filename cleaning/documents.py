"""From judged blocks to records: a part's text, its headings and articles, its verdict, and the receipts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from email.utils import parsedate_to_datetime

from cleaning import access, textdump
from cleaning.blocks import Parsed
from cleaning.decode import scrub
from cleaning.directives import Part
from cleaning.labels import Label
from cleaning.language import detect
from cleaning.law.articles import articles
from cleaning.law.effective import date_effective, date_signed
from cleaning.law.numbers import document_number
from cleaning.metadata import Metadata, absolute
from cleaning.rules import Cut, rules_version
from output.records import Article, Document, Heading, Kind, RawPage, Removal, sha256_hex, text_version

_ID = 20  # hex digits: 80 bits, no collision among a billion documents
_WORDLESS = (Kind.COMMENTS,)  # readers wrote them: a hash and a place, no words


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """A page with a label for every block, the parts of blocks that leave, and what was odd."""

    parsed: Parsed
    labels: tuple[Label, ...]
    cuts: tuple[Cut, ...]
    parts: tuple[Part, ...]
    dump: bool
    model: str
    warnings: tuple[str, ...]


def removals(page: RawPage, judged: Judged, *, wordless: bool = False) -> list[Removal]:
    """The receipts of a page, in the order of its text; `wordless` where its terms forbid to keep any."""
    found = [
        _receipt(page, label, block.offset, block.text, wordless)
        for block, label in zip(judged.parsed.blocks, judged.labels, strict=True)
        if not label.content
    ]
    for cut in judged.cuts:
        block = judged.parsed.blocks[cut.block]
        found.append(
            _receipt(page, cut.label, block.offset + cut.start, block.text[cut.start : cut.end], wordless)
        )
    return sorted(found, key=lambda removal: removal.offset)


def _receipt(page: RawPage, label: Label, offset: int, text: str, wordless: bool) -> Removal:
    kind = label.kind or Kind.OTHER
    evidence, text = scrub(label.evidence)[0], scrub(text)[0]
    if kind in _WORDLESS or wordless:
        evidence, text = f"sha256:{sha256_hex(text.encode())}", ""
    return Removal(page.source_id, page.input_id, page.run_id, kind, label.rule, evidence, offset, text)


def build(
    page: RawPage, judged: Judged, metadata: Metadata, *, metadata_only: bool = False
) -> list[Document]:
    """The documents of a page: one a part that has content, numbered in the page's order."""
    several = len(judged.parts) > 1
    made = (_document(page, judged, metadata, part, several) for part in judged.parts)
    found = [document for document in made if document is not None]
    if metadata_only:
        found = [_without_text(document) for document in found]
    return [dataclasses.replace(document, part=n) for n, document in enumerate(found)]


def _document(
    page: RawPage, judged: Judged, metadata: Metadata, part: Part, several: bool
) -> Document | None:
    lines, titled, status = _lines(judged, part, metadata, several)
    if not lines:
        return None
    title, _ = scrub(titled)
    text, warned = scrub("\n".join(line for _, _, line in lines))
    plain = text.split("\n")
    law = bool(articles(plain)) or document_number(plain) is not None
    receipts = _part_receipts(page, judged, part, max(i for i, _, _ in lines))
    verdict, evidence = access.verdict(title, plain, receipts, judged.parsed.jsonld, judged.parsed.meta)
    permalink = absolute(page.url, part.permalink) if part.permalink else ""
    return Document(
        id=_identity(permalink or _own_address(page, metadata), title if several and not permalink else ""),
        version=text_version(title, text),
        source_id=page.source_id,
        input_id=page.input_id,
        url=permalink or page.url,
        canonical_url=permalink or (None if several else metadata.canonical_url),
        title=title,
        text=text,
        language=detect(text, metadata.language),
        headings=_headings(lines, judged),
        articles=_articles(plain),
        authors=metadata.authors,
        site=metadata.site or page.site or None,
        document_number=document_number(plain),
        legal_status=status or None,
        date_published=metadata.date_published or (date_signed(plain) if judged.dump or law else None),
        date_issued=date_signed(plain) if law else None,
        date_effective=date_effective(plain, law=law),
        access=verdict,
        access_evidence=evidence,
        licence=metadata.licence,
        robots=page.robots,
        tdm=page.tdm,
        attribution=_disclaimers(judged),
        fetched_at=page.fetched_at.isoformat() if page.fetched_at else None,
        last_modified=metadata.last_modified or _http_date(page.header("last-modified")),
        raw_sha256=page.sha256,
        archive_file=page.archive.file if page.archive else None,
        archive_offset=page.archive.offset if page.archive else None,
        run_id=page.run_id,
        rules_version=rules_version(),
        model_version=judged.model,
        characters=len(text),
        share_kept=round(len(text) / max(1, len(judged.parsed.text)), 4),
        warnings=tuple(dict.fromkeys((*judged.warnings, *metadata.warnings, *warned))),
    )


Line = tuple[int, int, str]  # block, offset in the document's text, text


def _lines(judged: Judged, part: Part, metadata: Metadata, several: bool) -> tuple[list[Line], str, str]:
    """The part's lines in order, its title, and the legal status that stood behind the title."""
    cut: dict[int, list[Cut]] = {}
    for c in judged.cuts:
        cut.setdefault(c.block, []).append(c)
    texts = []
    for i in sorted(part.blocks):
        if judged.labels[i].content:
            text = _without(judged.parsed.blocks[i].text, cut.get(i, ()))
            if text.strip():
                texts.append((i, text))
    title, status = metadata.title, ""
    if judged.dump and len(texts) > 1 and (several or textdump.is_title(texts[0][1])):
        title, status = textdump.without_status(texts.pop(0)[1])
    elif several:
        blocks = judged.parsed.blocks
        title = next((text for i, text in texts if blocks[i].level), "") or next(
            (b.text for i in sorted(part.blocks) if (b := blocks[i]).level), ""
        )
    lines, offset = [], 0
    for i, text in texts:
        lines.append((i, offset, text))
        offset += len(text) + 1
    return lines, " ".join(title.split()), status


def _without(text: str, cuts: Iterable[Cut]) -> str:
    for cut in sorted(cuts, key=lambda c: -c.start):
        text = text[: cut.start] + text[cut.end :]
    return text.rstrip() if cuts else text


def _part_receipts(page: RawPage, judged: Judged, part: Part, last: int) -> list[Removal]:
    """The receipts that bear on a part's verdict: notices anywhere in it, cut marks where its text ends."""
    found = []
    for i in sorted(part.blocks):
        label = judged.labels[i]
        if label.kind is Kind.PAYWALL or (label.kind is Kind.TEASER and last < i <= last + 3):
            found.append(
                _receipt(page, label, judged.parsed.blocks[i].offset, judged.parsed.blocks[i].text, False)
            )
    for cut in judged.cuts:
        if cut.block in part.blocks and cut.label.kind is Kind.TEASER and cut.block >= last:
            block = judged.parsed.blocks[cut.block]
            found.append(
                _receipt(page, cut.label, block.offset + cut.start, block.text[cut.start : cut.end], False)
            )
    return found


def _own_address(page: RawPage, metadata: Metadata) -> str:
    return metadata.canonical_url or page.url or page.input_id


def _identity(address: str, title: str) -> str:
    """Stable while the text changes: the document's own address, with its title where several share one."""
    key = f"{address}\n{title}" if title else address
    return sha256_hex(key.encode(errors="surrogatepass"))[:_ID]


def _headings(lines: Sequence[Line], judged: Judged) -> tuple[Heading, ...]:
    blocks = judged.parsed.blocks
    return tuple(
        Heading(blocks[i].level, scrub(text)[0], offset)
        for i, offset, text in lines
        if 1 <= blocks[i].level <= 6
    )


def _articles(lines: Sequence[str]) -> tuple[Article, ...]:
    """The articles of a text, each up to where the next one starts."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found = articles(lines)
    ends = [*(starts[article.line] - 1 for article in found[1:]), starts[-1] - 1]
    return (
        tuple(
            Article("article", article.label, starts[article.line], end - starts[article.line])
            for article, end in zip(found, ends, strict=True)
        )
        if found
        else ()
    )


def _disclaimers(judged: Judged) -> str | None:
    texts = [
        block.text
        for block, label in zip(judged.parsed.blocks, judged.labels, strict=True)
        if label.kind is Kind.DISCLAIMER
    ]
    return scrub("\n".join(texts))[0] or None


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
