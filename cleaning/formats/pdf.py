"""Files that hang below pages: a PDF is a document of its own, with a receipt for all that leaves its text.

What a printed page repeats at its head and foot leaves as furniture. A file whose pages are pictures has no
text to read: it is kept under its title, its access is `unknown`, and the evidence says why.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from cleaning.documents import build as documents
from cleaning.documents.split import is_title
from cleaning.documents.texts import LabelledPage
from cleaning.formats import pdf_text as pdf
from cleaning.formats.pdf_paragraphs import paragraphs
from cleaning.formats.pdf_text import Sheets
from cleaning.law.articles import marker
from cleaning.law.fields import read_fields
from cleaning.metadata.read import Metadata
from cleaning.page.labels import Label
from cleaning.page.parse import Block, Parsed
from cleaning.result import Cleaned, rejected
from cleaning.rules.directives import Directives, Part
from cleaning.text.lines import word_key
from output.base.records import Access, Document, Evidence, RawPage, RemovalKind

ENGINE: Final = "pdf-1"
_CONTENT: Final = Label(None, f"engine:{ENGINE}", score=1.0)
# Lines at the head and the foot of a printed page among which running titles and page numbers stand.
_EDGE: Final = 2
# A running line comes on so many pages at least, and on this share of them: left and right pages may differ.
_RUNS_MIN: Final = 3
_RUNS_SHARE: Final = 0.4
_DIGITS: Final = re.compile(r"\d+")
_PAGE_NUMBER: Final = re.compile(
    r"(?i)[-–—·\s]*(?:page|p\.|第)?\s*(\d{1,4})\s*(?:页|頁)?(?:\s*(?:of|/|,|，|共)\s*(?:共\s*)?\d{1,4}\s*(?:页|頁)?)?[-–—·\s]*"
)
# What programs write in place of a title: the name of the file, of the program, of nothing.
_NO_TITLE: Final = re.compile(
    r"(?i)microsoft \w+ - .*"
    r"|(?:untitled|document|presentation|slide|book|scan|无标题|未命名|文档|幻灯片)[\s_\-\d]*"
    r"|.*\.(?:docx?|wps|rtf|odt|pdf|indd|pptx?|xlsx?|qxd|tex|dvi|ps|tiff?|jpe?g)"
)
_TITLE_LINES: Final = 8  # at the head of a text, among which its title stands
_PICTURES: Final = 0.2  # of the pages: with more that nobody can read, a text may lack what matters


def clean_pdf(page: RawPage, directives: Directives) -> Cleaned:
    """The document in a PDF; else the reason: `pdf_encrypted`, `pdf_no_extraction`, `pdf_broken`."""
    try:
        sheets = pdf.read(page.body)
    except pdf.PdfUnreadable as error:
        return rejected(page, error.reason, error.evidence)
    blocks, labels = _read(sheets)
    title = _title(
        sheets, [b.text for b, label in zip(blocks, labels, strict=True) if label.content], page.url
    )
    if not any(label.content for label in labels):
        blocks.append(Block(title, "pdf/title", "p"))
        labels.append(_CONTENT)
    labelled = _judged(blocks, labels, sheets)
    known = Metadata(title=title, language=sheets.language)
    found = documents.build(page, labelled, known, metadata_only=directives.metadata_only)
    receipts = documents.removals(page, labelled, wordless=directives.metadata_only)
    return Cleaned(tuple(_with_verdict(document, sheets) for document in found), tuple(receipts))


def visible_lines(body: bytes) -> tuple[str, ...]:
    """The lines in which the offsets of a PDF's receipts count; none where it gives no text."""
    try:
        sheets = pdf.read(body)
    except pdf.PdfUnreadable:
        return ()
    return tuple(block.text for block in _read(sheets)[0])


def _read(sheets: Sheets) -> tuple[list[Block], list[Label]]:
    """The paragraphs of all pages, and behind them the furniture that stood at the edges of the pages."""
    running = _running(sheets.pages)
    body: list[str] = []
    edges: list[tuple[str, Label]] = []
    own_title = word_key(sheets.title)
    for number, lines in enumerate(sheets.pages):
        for place, line in enumerate(lines):
            edge = _edge(place, len(lines))
            times = running[edge > 0, _folded(line)]
            label = edge and _furniture(line, times, number + 1, len(sheets.pages))
            # The title may run on, but above the first page it is the title.
            if not label or (number == 0 < edge and word_key(line) in own_title):
                body.append(line)
            else:
                edges.append((line, label))
    # Paragraphs run over the foot of one page and the head of the next: what stands there goes behind them.
    blocks = [Block(text, "pdf/page", "p") for text in paragraphs(body)]
    labels = [_CONTENT] * len(blocks) + [label for _, label in edges]
    blocks += [Block(text, "pdf/edge", "p") for text, _ in edges]
    return blocks, labels


def _edge(place: int, count: int) -> int:
    """Which line of a page's head (1, 2) or foot (-1, -2) this is; 0 for the lines between."""
    if place < _EDGE:
        return place + 1
    return place - count if place >= count - _EDGE else 0


def _running(pages: Sequence[Sequence[str]]) -> Counter[tuple[bool, str]]:
    """On how many pages a line, its digits folded, stands at the head (True) or at the foot."""
    found: Counter[tuple[bool, str]] = Counter()
    for lines in pages:
        edges = {
            (edge > 0, _folded(line))
            for place, line in enumerate(lines)
            if (edge := _edge(place, len(lines)))
        }
        found.update(edges)
    return found


def _folded(line: str) -> str:
    return _DIGITS.sub("#", line)


def _furniture(line: str, times: int, number: int, pages: int) -> Label | None:
    """What a line at an edge of page `number` is, that stands there on so many; None for one of the text."""
    if pages > 1 and (found := _PAGE_NUMBER.fullmatch(line)) and (times > 1 or int(found[1]) == number):
        return Label(RemovalKind.OTHER, "pdf:page_number", line)
    if times >= max(_RUNS_MIN, _RUNS_SHARE * pages) and not marker(line):
        return Label(RemovalKind.OTHER, "pdf:running_line", f"on {times} of {pages} pages")
    return None


def _judged(blocks: Sequence[Block], labels: Sequence[Label], sheets: Sheets) -> LabelledPage:
    placed, offset = [], 0
    for block in blocks:
        placed.append(block._replace(offset=offset))
        offset += len(block.text) + 1
    parsed = Parsed(tuple(placed), "", sheets.language, {}, (), "", (), (), LexborHTMLParser(""))
    parts = (Part(frozenset(range(len(blocks)))),)
    fields = read_fields([block.text for block in blocks])
    unread = {
        "pages_cut": sheets.count - len(sheets.pages),
        "pages_broken": sheets.broken,
        "pages_garbled": sheets.garbled,
        "pages_scanned": sheets.scanned,
    }
    warnings = tuple(f"{name}:{n}" for name, n in unread.items() if n)
    return LabelledPage(
        parsed, tuple(labels), (), parts, dump=False, model=ENGINE, fields=fields, warnings=warnings
    )


def _title(sheets: Sheets, text: Sequence[str], url: str) -> str:
    """The title that the file gives itself, if its text says it too; else the first line that can be one.

    A file without text goes by the title it gives itself, else by its name.
    """
    said = "" if _NO_TITLE.fullmatch(sheets.title) else sheets.title
    head = text[:_TITLE_LINES]
    if said and (not head or word_key(said) in word_key(" ".join(head))):
        return said
    if line := next((line for line in head if is_title(line)), ""):
        return line
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return said or name.removesuffix(".pdf") or "PDF"


def _with_verdict(document: Document, sheets: Sheets) -> Document:
    """The document, its access judged by what of the file could be read."""
    access, said = _verdict(sheets)
    if not said or document.access not in (Access.FULL, Access.UNKNOWN):
        return document
    return dataclasses.replace(document, access=access, access_evidence=(Evidence(said, "pdf"),))


def _verdict(sheets: Sheets) -> tuple[Access, str]:
    read, count = len(sheets.pages), sheets.count
    unread = [
        f"{n} of {read} pages {what}"
        for n, what in (
            (sheets.scanned, "are pictures without a text layer"),
            (sheets.garbled, "have a text layer that cannot be decoded"),
            (sheets.broken, "cannot be opened"),
        )
        if n
    ]
    if not any(sheets.pages):
        return Access.UNKNOWN, "; ".join(unread) or f"{read} pages without text"
    if sheets.scanned + sheets.garbled > _PICTURES * read:
        return Access.UNKNOWN, "; ".join(unread)
    if read < count:
        return Access.EXCERPT, f"{read} of {count} pages were read"
    return Access.EXCERPT, "; ".join(unread) if sheets.broken else ""
