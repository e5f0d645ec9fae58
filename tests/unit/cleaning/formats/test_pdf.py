"""Attachments: a PDF is a document of its own; what cannot be read is named, and is no empty text."""

from __future__ import annotations

import io
import zlib

import pypdf
import pytest
from pypdf.constants import UserAccessPermissions

from cleaning.formats.pdf_paragraphs import paragraphs
from cleaning.formats.pdf_text import MAX_PAGES
from cleaning.pipeline import Cleaned, Directives, clean
from flows.replicas.pdf import printed, scanned
from output.base.records import Access, Document, RawPage, RemovalKind, sha256_hex

URL = "https://harbour.example/files/rules%20of%20boats.pdf"
LONG = "The boats of the lower harbour are counted every spring by two clerks, who"
RULES = [
    ["Harbour Gazette", "Rules of the Lower Harbour", "Article 1 " + LONG, "write down names, own-", "1"],
    ["Harbour Gazette", "ers and lengths.", "Article 2 " + LONG, "are paid by the day.", "2"],
    ["Harbour Gazette", "Article 3 These rules apply from 1 May 2019.", "3"],
]


def pdf(body: bytes, directives: Directives | None = None) -> Cleaned:
    page = RawPage(
        URL, "harbour", URL, body, sha256_hex(body), headers=(("content-type", "application/pdf"),)
    )
    return clean(page, directives or Directives())


def only(body: bytes) -> Document:
    (document,) = pdf(body).documents
    return document


def test_a_pdf_is_a_document_and_what_its_pages_repeat_leaves_with_a_receipt() -> None:
    found = pdf(printed(RULES, "Microsoft Word - rules_final2.doc"))
    (document,) = found.documents
    assert document.title == "Rules of the Lower Harbour"
    assert document.text.split("\n") == [
        "Rules of the Lower Harbour",
        f"Article 1 {LONG} write down names, owners and lengths.",
        f"Article 2 {LONG} are paid by the day.",
        "Article 3 These rules apply from 1 May 2019.",
    ]
    assert [article.number for article in document.articles] == ["Article 1", "Article 2", "Article 3"]
    assert (document.access, document.language, document.url) == (Access.FULL, "en", URL)
    assert (document.date_effective, document.date_published) == ("2019-05-01", None)
    assert [(r.rule, r.text) for r in found.removals] == [
        ("pdf:running_line", "Harbour Gazette"),
        ("pdf:page_number", "1"),
        ("pdf:running_line", "Harbour Gazette"),
        ("pdf:page_number", "2"),
        ("pdf:running_line", "Harbour Gazette"),
        ("pdf:page_number", "3"),
    ]
    assert {r.kind for r in found.removals} == {RemovalKind.OTHER}
    assert clean(RawPage(URL, "harbour", URL, printed(RULES), "")) == clean(
        RawPage(URL, "harbour", URL, printed(RULES), "")
    )


def test_a_title_that_runs_on_above_every_page_stays_once() -> None:
    pages = [["Rules of Boats", f"{number}. {LONG}"] for number in range(1, 6)]
    document = only(printed(pages, "Rules of Boats"))
    assert document.title == "Rules of Boats"
    assert document.text.count("Rules of Boats") == 1
    headings = [[f"Article {n}", "Boats are counted."] for n in range(1, 6)]
    assert len(only(printed(headings)).articles) == 5


def test_chinese_lines_are_joined_without_a_space() -> None:
    lines = [
        "第一条　为了规范停放管理工作，根据有关法律法规，制定本办",
        "法。",
        "第二条　本办法自公布之日起施行。",
    ]
    assert paragraphs(lines) == [lines[0] + lines[1], lines[2]]
    document = only(printed([["岚湾停放办法", *lines]]))
    assert (document.title, document.language) == ("岚湾停放办法", "zh-Hans")
    assert document.text.split("\n")[1:] == [lines[0] + lines[1], lines[2]]


@pytest.mark.parametrize(
    ("title", "kept"), [("Plan of the Pier", "Plan of the Pier"), ("", "rules of boats")]
)
def test_a_scan_has_its_title_and_says_that_nobody_read_it(title: str, kept: str) -> None:
    document = only(scanned(3, title))
    assert (document.title, document.text, document.access) == (kept, kept, Access.UNKNOWN)
    assert document.access_evidence[0].text == "3 of 3 pages are pictures without a text layer"
    assert document.warnings == ("pages_scanned:3",)


@pytest.mark.parametrize(
    ("input_id", "title"),
    [("saved/Plan of 1990.PDF", "Plan of 1990"), ("plan.pdf", "plan"), ("sha256:0", "PDF"), ("7", "PDF")],
)
def test_a_saved_scan_is_called_as_its_file(input_id: str, title: str) -> None:
    body = scanned(1)
    header = (("content-type", "application/pdf"),)
    (document,) = clean(RawPage(input_id, "", "", body, sha256_hex(body), headers=header)).documents
    assert document.title == title


def test_a_file_that_is_mostly_scanned_is_not_called_whole() -> None:
    writer = pypdf.PdfWriter()
    for body in (printed(RULES), scanned(2)):
        writer.append(io.BytesIO(body))
    document = only(written(writer))
    assert document.access is Access.UNKNOWN
    assert "2 of 5 pages" in document.access_evidence[0].text
    assert "Article 3" in document.text


def written(writer: pypdf.PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def encrypted(password: str, permissions: UserAccessPermissions) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(printed(RULES)))
    writer.encrypt(password, "owner", permissions_flag=permissions, algorithm="AES-256")
    return written(writer)


def test_who_may_read_a_file_may_read_it_here() -> None:
    everything = UserAccessPermissions.all()
    assert only(encrypted("", everything)).title == "Rules of the Lower Harbour"
    for body, reason in (
        (encrypted("secret", everything), "pdf_encrypted"),
        (encrypted("", everything & ~UserAccessPermissions.EXTRACT), "pdf_no_extraction"),
    ):
        found = pdf(body)
        assert found.rejection
        assert (found.documents, found.rejection.reason) == ((), reason)


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\n" + bytes(range(256)) * 40,
        printed(RULES)[:400],
        printed([]),
        printed(RULES).replace(b"/Kids [6 0 R 8 0 R 10 0 R]", b"/Kids [2 0 R 2 0 R 2 0 R ]"),
    ],
)
def test_a_broken_file_is_rejected_by_name(body: bytes) -> None:
    found = pdf(body)
    assert found.rejection
    assert found.rejection.reason == "pdf_broken"
    assert found.rejection.evidence


def test_one_broken_page_leaves_the_others_and_is_told() -> None:
    contents = b"BT /F1 12 Tf 16 TL 72 760 Td"
    whole = printed(RULES)
    at = whole.rindex(contents)
    body = whole[:at] + b"[" * len(contents) + whole[at + len(contents) :]
    document = only(body)
    assert "Article 2" in document.text
    assert document.access is Access.EXCERPT
    assert document.warnings == ("pages_broken:1",)


def test_two_thousand_pages_are_read_in_part_and_told() -> None:
    page = ["Sheet of the register", LONG]
    document = only(printed([[f"{number}. {line}" for line in page] for number in range(2000)]))
    assert document.access is Access.EXCERPT
    assert document.access_evidence[0].text == f"{MAX_PAGES} of 2000 pages were read"
    assert document.warnings == (f"pages_cut:{2000 - MAX_PAGES}",)


def test_a_stream_that_opens_to_more_than_a_page_can_hold_is_not_read() -> None:
    bomb = zlib.compress(b"0 0 m " * (4 << 20))
    body = printed([["x"]])
    start, end = body.index(b"7 0 obj"), body.index(b"endobj", body.index(b"7 0 obj"))
    stream = b"7 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\n" % (len(bomb), bomb)
    found = pdf(body[:start] + stream + body[end:])
    assert found.rejection
    assert found.rejection.reason == "pdf_broken"


def test_terms_that_ask_for_metadata_leave_no_text() -> None:
    (document,) = pdf(printed(RULES), Directives(metadata_only=True)).documents
    assert (document.title, document.text) == ("Rules of the Lower Harbour", "")
