"""The result of cleaning a page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from output.base.records import Document, RawPage, Rejection, Removal


@dataclasses.dataclass(frozen=True, slots=True)
class Cleaned:
    """The documents of a page, or the reason why it has none, and a receipt for all that left its text.

    `files` are the URLs of the PDFs that it links to, `alternates` those of itself in other languages.
    """

    documents: tuple[Document, ...]
    removals: tuple[Removal, ...]
    rejection: Rejection | None = None
    files: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()


def rejected(page: RawPage, reason: str, evidence: str, receipts: Sequence[Removal] = ()) -> Cleaned:
    """Return a page without documents: the reason in a word or two, and the evidence for it."""
    rejection = Rejection(page.source_id, page.input_id, page.run_id, page.url, reason, evidence, page.sha256)
    return Cleaned((), tuple(receipts), rejection)
