"""The records of relations between documents, and of the aligned units of a text and its translation."""

from __future__ import annotations

import dataclasses
from enum import StrEnum


class RelationKind(StrEnum):
    """The relation of two documents.

    `a` is the survivor, the whole, the newer, the original, or the page with the attachment.
    """

    SAME = "same"
    CONTAINS = "contains"
    VERSION = "version"
    TRANSLATION = "translation_of"
    ATTACHMENT = "attachment_of"


# The rule of a `same` between documents, whatever their versions: `a` replaces `b`, which its page no longer
# gives.
SUCCESSOR = "successor"


class PairStatus(StrEnum):
    """The result of comparing a unit of a text with its translation."""

    ALIGNED = "aligned"
    COUNT_MISMATCH = "count_mismatch"  # one has more paragraphs than the other
    NUMBER_MISMATCH = "number_mismatch"  # each has a figure that the other lacks
    ONE_SIDED = "one_sided"  # the other text has no such unit


@dataclasses.dataclass(frozen=True, slots=True)
class Relation:
    """A relation of document `a` to document `b`; `score` is from 0 to 1, `rule` names what decided."""

    a: str
    b: str
    relation: RelationKind
    score: float
    rule: str
    run_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """A unit of document `a` and the same unit of its translation `b`; a missing side is "" at offset -1.

    `level` is "article", "section" or "paragraph". `number` is that of the original, else of the translation;
    a paragraph has the number of its unit. `place` counts the paragraphs of the unit from 1, and is 0 for the
    unit itself. Offsets and lengths count characters of the documents' texts; `note` names what differs.
    """

    a: str
    b: str
    level: str
    number: str
    place: int
    status: PairStatus
    offset_a: int
    length_a: int
    offset_b: int
    length_b: int
    text_a: str
    text_b: str
    note: str = ""
    run_id: str = ""
