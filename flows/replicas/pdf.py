"""Small, valid PDF files: printed lines in any language, or pictures of pages."""

from __future__ import annotations

from collections.abc import Sequence

# A font that readers have, so that the file needs none; its characters are UTF-16 (PDF 1.7, 9.7.5.2).
_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H"
    b" /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
    b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
    b" /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 0 1000 1000]"
    b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >> >>] >>"
)
_PIXEL = (
    b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
    b" /Length 1 >>\nstream\n\x80\nendstream"
)


def printed(pages: Sequence[Sequence[str]], title: str = "") -> bytes:
    """Return a PDF 1.7 file with these lines on its pages, and this title."""
    return _file([b"BT /F1 12 Tf 16 TL 72 760 Td %s ET" % _shown(lines) for lines in pages], title)


def scanned(pages: int, title: str = "") -> bytes:
    """Return a PDF whose pages are pictures without a text layer."""
    return _file([b"q 612 0 0 792 0 0 cm /Im1 Do Q"] * pages, title)


def _shown(lines: Sequence[str]) -> bytes:
    return b" ".join(b"<%s> Tj T*" % line.encode("utf-16-be").hex().encode() for line in lines)


def _file(contents: Sequence[bytes], title: str) -> bytes:
    # Objects 1 to 5 are the catalogue, the tree of pages, font, picture and title; then two a page.
    kids = b" ".join(b"%d 0 R" % number for number in range(6, 6 + 2 * len(contents), 2))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(contents)),
        _FONT,
        _PIXEL,
        b"<< /Title <feff%s> >>" % title.encode("utf-16-be").hex().encode(),
    ]
    for number, content in enumerate(contents):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> /XObject << /Im1 4 0 R >> >> >>" % (7 + 2 * number),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    body, offsets = b"%PDF-1.7\n", []
    for number, entry in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, entry)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    size = b"/Size %d /Root 1 0 R /Info 5 0 R" % (len(objects) + 1)
    return body + head + table + b"trailer\n<< %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
