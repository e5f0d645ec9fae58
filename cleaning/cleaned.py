"""What became of a page."""

from __future__ import annotations

import dataclasses

from output.records import Document, Rejection, Removal


@dataclasses.dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a page: its documents, or the reason why there is none, and a receipt for all else."""

    documents: tuple[Document, ...]
    removals: tuple[Removal, ...]
    rejection: Rejection | None = None
