"""Descriptions of the columns of the tables beside the documents, for readers of a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_RUN: Final = "The run that made this row."

# For each table, the meaning of a row, and its columns in order.
TABLE_COLUMNS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "removals": (
        "A block that left a text: the receipt. Its document has the same input_id and run_id.",
        {
            "source_id": "The source of the page.",
            "input_id": "The page, as documents name it.",
            "run_id": _RUN,
            "kind": "What the block was: nav, byline, paywall, related, comments and others.",
            "rule": "What removed it: lexicon:…, source:…, model:…, and the name behind it.",
            "evidence": "The words or the score that decided; of a reader's comment a SHA-256.",
            "offset": "Where it stood in the page's visible text, in characters.",
            "text": "Its words; none of what readers wrote.",
        },
    ),
    "rejections": (
        "A page that gave no document, and why.",
        {
            "source_id": "The source of the page.",
            "input_id": "The page, as receipts name it.",
            "run_id": _RUN,
            "url": "Where the page was fetched.",
            "reason": "Why there is no document, in a word or two.",
            "evidence": "What was seen.",
            "raw_sha256": "SHA-256 of the fetched body, in hex; empty where there is none.",
        },
    ),
    "relations": (
        "How two documents stand to each other; one of them may be left out of the release.",
        {
            "a": "Id of the survivor, the whole, the newer, the original, or the page with the attachment.",
            "b": "Id of the other.",
            "relation": "same, contains, version, translation_of or attachment_of.",
            "score": "How alike the two are, from 0 to 1; 1 where the page or the law says so.",
            "rule": "What decided.",
            "run_id": _RUN,
        },
    ),
    "pairs": (
        "A unit of a text and the same of its translation, side by side.",
        {
            "a": "Id of the text.",
            "b": "Id of its translation.",
            "level": "article, section or paragraph.",
            "number": "The number of the unit, as the original writes it; a paragraph has that of its unit.",
            "place": "Which paragraph of the unit it is, from 1; 0 for the unit itself.",
            "status": "aligned, count_mismatch, number_mismatch or one_sided.",
            "offset_a": "Where it starts in the text of a, in characters; -1 where a has none.",
            "length_a": "Its length there, in characters.",
            "offset_b": "Where it starts in the text of b, in characters; -1 where b has none.",
            "length_b": "Its length there, in characters.",
            "text_a": "Its words in a.",
            "text_b": "Its words in b.",
            "note": "What differs between the two.",
            "run_id": _RUN,
        },
    ),
    "changes": (
        "A document that is not as it was in the release before; the forgotten are only counted.",
        {
            "change": "added, amended, re-cleaned, both, described, withdrawn, as CHANGES.md tells.",
            "id": "Id of the document.",
            "why": "Why it was withdrawn.",
            "title": "Its title.",
            "url": "Where its page was fetched.",
            "version_before": "Its version in the release before.",
            "version": "Its version now.",
        },
    ),
}
