"""PDF files: one document each, with a receipt for all that leaves its text.

What a printed page repeats at its head and foot leaves as furniture. A file whose pages are pictures has no
text to read: it is kept under its title, its access is `unknown`, and the evidence says why.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from cleaning.documents.access import Verdict
from cleaning.documents.labelled import LabelledPage
from cleaning.documents.split import is_title
from cleaning.formats.labelling import without_markup
from cleaning.formats.pdf_paragraphs import paragraphs
from cleaning.formats.pdf_text import PdfUnreadable, Sheets, read_sheets
from cleaning.law.articles import marker
from cleaning.law.fields import read_fields
from cleaning.metadata.read import Metadata
from cleaning.page.labels import Label
from cleaning.page.parse import Block
from cleaning.rules.directives import Part
from cleaning.text.lines import word_key
from output.base.records import Access, Evidence, RawPage, RemovalKind

ENGINE: Final = "pdf-1"
_CONTENT: Final = Label(None, f"engine:{ENGINE}", score=1.0)
# Lines at the head and the foot of a printed page among which running titles and page numbers stand.
_EDGE_LINES: Final = 2
# A running title comes on at least so many pages and on this share of them: left and right pages may differ.
_RUNNING_TITLE_MIN_PAGES: Final = 3
_RUNNING_TITLE_MIN_SHARE: Final = 0.4
_DIGITS: Final = re.compile(r"\d+")
_PAGE_NUMBER: Final = re.compile(
    r"(?i)[-–—·\s]*(?:page|p\.|第)?\s*(\d{1,4})\s*(?:页|頁)?(?:\s*(?:of|/|,|，|共)\s*(?:共\s*)?\d{1,4}\s*(?:页|頁)?)?[-–—·\s]*"
)
# What programs write in place of a title: the name of the file or of the program, or "untitled".
_NO_TITLE: Final = re.compile(
    r"(?i)microsoft \w+ - .*"
    r"|(?:untitled|document|presentation|slide|book|scan|无标题|未命名|文档|幻灯片)[\s_\-\d]*"
    r"|.*\.(?:docx?|wps|rtf|odt|pdf|indd|pptx?|xlsx?|qxd|tex|dvi|ps|tiff?|jpe?g)"
)
_TITLE_LINES: Final = 8  # at the head of a text, among which its title stands
# Share of the pages without readable text; with more of them, a text may lack what matters.
_MAX_UNREADABLE_SHARE: Final = 0.2


def read(page: RawPage, *_: object) -> LabelledPage:
    """Label the paragraphs of a PDF and the lines at the edges of its pages.

    Raises:
        PdfUnreadable: the file gives no text; its reason is `pdf_encrypted`, `pdf_no_extraction` or
            `pdf_broken`.

    """
    sheets = read_sheets(page.body)
    blocks, labels = _blocks(sheets)
    paragraphs_kept = [block.text for block, label in zip(blocks, labels, strict=True) if label.content]
    title = _title(sheets, paragraphs_kept, page)
    if not paragraphs_kept:
        blocks.append(Block(title, "pdf/title", "p"))
        labels.append(_CONTENT)
    return LabelledPage(
        without_markup(blocks, sheets.language),
        tuple(labels),
        (),
        (Part(frozenset(range(len(blocks)))),),
        dump=False,
        model=ENGINE,
        fields=read_fields([block.text for block in blocks]),
        warnings=_warnings(sheets),
        metadata=Metadata(title=title, language=sheets.language),
        verdict=_verdict(sheets),
    )


def visible_lines(page: RawPage) -> tuple[str, ...]:
    """Return the paragraphs and the lines at the edges of pages; () where the file gives no text."""
    try:
        sheets = read_sheets(page.body)
    except PdfUnreadable:
        return ()
    return tuple(block.text for block in _blocks(sheets)[0])


def _blocks(sheets: Sheets) -> tuple[list[Block], list[Label]]:
    """Return the paragraphs of all pages, and behind them the furniture at the edges of the pages."""
    repeats = _edge_lines(sheets.pages)
    body: list[str] = []
    edges: list[tuple[str, Label]] = []
    own_title = word_key(sheets.title)
    for number, lines in enumerate(sheets.pages):
        for position, line in enumerate(lines):
            edge = _edge(position, len(lines))
            times = repeats[edge > 0, _folded(line)]
            label = edge and _furniture(line, times, number + 1, len(sheets.pages))
            # The title may be repeated on every page, but above the first page it is the title.
            if not label or (number == 0 < edge and word_key(line) in own_title):
                body.append(line)
            else:
                edges.append((line, label))
    # Paragraphs run over the foot of one page and the head of the next: what stands there goes behind them.
    blocks = [Block(text, "pdf/page", "p") for text in paragraphs(body)]
    labels = [_CONTENT] * len(blocks) + [label for _, label in edges]
    blocks += [Block(text, "pdf/edge", "p") for text, _ in edges]
    return blocks, labels


def _edge(position: int, count: int) -> int:
    """Return which line of a page's head (1, 2) or foot (-1, -2) this is; 0 for the lines between."""
    if position < _EDGE_LINES:
        return position + 1
    return position - count if position >= count - _EDGE_LINES else 0


def _edge_lines(pages: Sequence[Sequence[str]]) -> Counter[tuple[bool, str]]:
    """Count the pages on which a line, its digits folded, stands at the head (True) or at the foot."""
    found: Counter[tuple[bool, str]] = Counter()
    for lines in pages:
        edges = {
            (edge > 0, _folded(line))
            for position, line in enumerate(lines)
            if (edge := _edge(position, len(lines)))
        }
        found.update(edges)
    return found


def _folded(line: str) -> str:
    return _DIGITS.sub("#", line)


def _furniture(line: str, times: int, number: int, pages: int) -> Label | None:
    """Return the label of a line at the edge of page `number` if it is a page number or a running title.

    `times` is the number of pages with that line at the same edge, `pages` the number of all pages.
    """
    if pages > 1 and (found := _PAGE_NUMBER.fullmatch(line)) and (times > 1 or int(found[1]) == number):
        return Label(RemovalKind.OTHER, "pdf:page_number", line)
    if times >= max(_RUNNING_TITLE_MIN_PAGES, _RUNNING_TITLE_MIN_SHARE * pages) and not marker(line):
        return Label(RemovalKind.OTHER, "pdf:running_line", f"on {times} of {pages} pages")
    return None


def _warnings(sheets: Sheets) -> tuple[str, ...]:
    """Name the pages whose text is missing, with their number."""
    unread = {
        "pages_cut": sheets.count - len(sheets.pages),
        "pages_broken": sheets.broken,
        "pages_garbled": sheets.garbled,
        "pages_scanned": sheets.scanned,
    }
    return tuple(f"{name}:{n}" for name, n in unread.items() if n)


def _title(sheets: Sheets, text: Sequence[str], page: RawPage) -> str:
    """Return the title in the file's metadata if its text has it too; else the first line that can be one.

    A file without text gets the title in its metadata, else its file's name.
    """
    declared = "" if _NO_TITLE.fullmatch(sheets.title) else sheets.title
    head = text[:_TITLE_LINES]
    if declared and (not head or word_key(declared) in word_key(" ".join(head))):
        return declared
    if line := next((line for line in head if is_title(line)), ""):
        return line
    # A page without a URL is named by a path, or by what is no title: a hash, a number.
    path = unquote(urlsplit(page.url).path) if page.url else page.input_id
    name, ending = path.rpartition("/")[2], ".pdf"
    is_file = name.lower().endswith(ending)
    return declared or (name[: -len(ending)] if is_file else page.url and name) or "PDF"


def _verdict(sheets: Sheets) -> Verdict | None:
    """Return the access that unread pages allow, with the evidence; None where all pages were read."""
    read_pages, count = len(sheets.pages), sheets.count
    unread = "; ".join(
        f"{n} of {read_pages} pages {what}"
        for n, what in (
            (sheets.scanned, "are pictures without a text layer"),
            (sheets.garbled, "have a text layer that cannot be decoded"),
            (sheets.broken, "cannot be opened"),
        )
        if n
    )
    if not any(sheets.pages):
        access, evidence = Access.UNKNOWN, unread or f"{read_pages} pages without text"
    elif sheets.scanned + sheets.garbled > _MAX_UNREADABLE_SHARE * read_pages:
        access, evidence = Access.UNKNOWN, unread
    elif read_pages < count:
        access, evidence = Access.EXCERPT, f"{read_pages} of {count} pages were read"
    elif sheets.broken:
        access, evidence = Access.EXCERPT, unread
    else:
        return None
    return access, (Evidence(evidence, "pdf"),)
