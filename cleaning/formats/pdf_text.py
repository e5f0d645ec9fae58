"""The text layer of a PDF, page by page, within limits of work. Pages that cannot be read are named."""

from __future__ import annotations

import dataclasses
import io
import logging
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

# What is read of one file at most; the rest is named in the verdict. Codes of law have 500 pages, and a
# file's streams may be made to open to any size.
MAX_PAGES: Final = 500
_MAX_CONTENT_BYTES: Final = 32 << 20  # of opened content streams; 500 full pages have 5
_LIMITS: Final[dict[str, Any]] = {
    "zlib_maximum_output_length": 16 << 20,
    "lzw_maximum_output_length": 16 << 20,
    "run_length_maximum_output_length": 16 << 20,
    "array_based_stream_maximum_output_length": 16 << 20,
    "stream_decoding_work_maximum_length": 64 << 20,
    "stream_parsing_work_maximum_count": 300_000,  # operators and operands of a page; a full one has 20,000
    "xform_maximum_invocations_per_extraction": 500,
    "disable_legacy_handling": True,
}
# Fonts without a table of their characters yield these: private use, the replacement character, controls.
_UNDECODED_CHARACTER: Final = re.compile(r"[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f]")
# Share of such characters in a page that nobody can read.
_GARBLED_MIN_SHARE: Final = 0.3


class PdfUnreadable(Exception):
    """A PDF without any text; `reason` is a word for the ledger, `evidence` says what was found."""

    def __init__(self, reason: str, evidence: str) -> None:
        super().__init__(reason, evidence)
        self.reason = reason
        self.evidence = evidence


@dataclasses.dataclass(frozen=True, slots=True)
class Sheets:
    """The lines of each page that was read, in order, and the file's own title and language.

    `count` is the number of pages in the file. Among those read, `broken` could not be opened, `garbled` have
    a text layer that cannot be decoded, and `scanned` are pictures without one; their lines are empty.
    """

    pages: tuple[tuple[str, ...], ...]
    count: int
    title: str = ""
    language: str = ""
    broken: int = 0
    garbled: int = 0
    scanned: int = 0


def read_sheets(body: bytes) -> Sheets:
    """Read the text layer of a PDF.

    Raises:
        PdfUnreadable: `pdf_encrypted`, where it asks for a password; `pdf_no_extraction`, where its author
            does not permit text to be taken out; `pdf_broken`, where it has no page that can be opened.

    """
    import pypdf

    # It tells of each thing it mends; what matters is in the warnings.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with pypdf.apply_configuration(**_LIMITS):
        try:
            reader = pypdf.PdfReader(io.BytesIO(body))
            _check_permissions(reader)
            count = len(reader.pages)
        except PdfUnreadable:
            raise
        except Exception as error:  # a broken file raises whatever its readers stumble over
            raise PdfUnreadable("pdf_broken", f"{type(error).__name__}: {error}"[:200]) from error
        if count == 0:
            raise PdfUnreadable("pdf_broken", "it has no pages")
        return _sheets(reader, count)


def _check_permissions(reader: PdfReader) -> None:
    """Raise PdfUnreadable for a file that needs a password, or whose author forbids to take out text."""
    from pypdf.constants import UserAccessPermissions
    from pypdf.errors import DependencyError

    if not reader.is_encrypted:
        return
    try:
        is_open = bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError) as error:
        raise PdfUnreadable("pdf_encrypted", str(error)[:200]) from error
    if not is_open:
        raise PdfUnreadable("pdf_encrypted", "it asks for a password")
    permissions = reader.user_access_permissions
    if permissions is not None and not permissions & UserAccessPermissions.EXTRACT:
        raise PdfUnreadable("pdf_no_extraction", "its permissions forbid to take text out")


def _sheets(reader: PdfReader, count: int) -> Sheets:
    """Read the pages up to the limits; raise PdfUnreadable where none can be opened."""
    pages: list[tuple[str, ...]] = []
    bytes_left, unread = _MAX_CONTENT_BYTES, {"broken": 0, "garbled": 0, "scanned": 0}
    for number in range(min(count, MAX_PAGES)):
        if bytes_left <= 0:
            break
        try:
            page = reader.pages[number]
            contents = page.get_contents()
            bytes_left -= len(contents.get_data()) if contents is not None else 0
            text = page.extract_text()
        except Exception:  # as above; the other pages may be whole
            unread["broken"] += 1
            pages.append(())
            continue
        if len(_UNDECODED_CHARACTER.findall(text)) > _GARBLED_MIN_SHARE * len(text):
            unread["garbled"] += 1
            text = ""
        elif not text.strip():
            unread["scanned"] += _has_picture(page)
        pages.append(tuple(line.strip() for line in text.splitlines() if line.strip()))
    if unread["broken"] == len(pages):
        raise PdfUnreadable("pdf_broken", f"none of {len(pages)} pages can be opened")
    return Sheets(tuple(pages), count, _metadata_value(reader, "/Title"), _language(reader), **unread)


def _has_picture(page: PageObject) -> bool:
    try:
        objects = page["/Resources"]["/XObject"]  # type: ignore[index]  # whatever the file holds
        return any(objects[name].get("/Subtype") == "/Image" for name in objects)
    except Exception:  # no resources, or broken ones
        return False


def _metadata_value(reader: PdfReader, name: str) -> str:
    try:
        value = reader.metadata.get(name) if reader.metadata else None
        return " ".join(str(value).split()) if value else ""
    except Exception:  # as above
        return ""


def _language(reader: PdfReader) -> str:
    try:
        return str(reader.root_object.get("/Lang") or "")
    except Exception:  # as above
        return ""
