"""What became of a page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from output.base.records import Document, RawPage, Rejection, Removal


@dataclasses.dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a page: its documents, or the reason why there is none, and a receipt for all else.

    `files` are the addresses of the PDFs that it links to, `twins` those of itself in other languages.
    """

    documents: tuple[Document, ...]
    removals: tuple[Removal, ...]
    rejection: Rejection | None = None
    files: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()


def rejected(page: RawPage, reason: str, evidence: str, receipts: Sequence[Removal] = ()) -> Cleaned:
    """A page that yields no document, with the reason in a word or two and what was seen."""
    rejection = Rejection(page.source_id, page.input_id, page.run_id, page.url, reason, evidence, page.sha256)
    return Cleaned((), tuple(receipts), rejection)
