"""A page after its format was read: every block labelled, and all that its documents are built from."""

from __future__ import annotations

import dataclasses
import functools
from typing import NamedTuple

from cleaning.documents.access import Verdict
from cleaning.law.fields import Fields
from cleaning.metadata.read import Metadata
from cleaning.page.labels import Label
from cleaning.page.parse import Parsed
from cleaning.rules.comments import among_comments
from cleaning.rules.directives import Part
from cleaning.rules.lexicon import Cut
from output.base.records import RemovalKind


class Refusal(NamedTuple):
    """Why a page holds no document although it has text: the reason as a word, and the words that show it."""

    reason: str
    evidence: str


@dataclasses.dataclass(frozen=True)
class LabelledPage:
    """A page with a label for every block, cuts inside blocks, its parts, the fields of its record, warnings.

    `model` names the engine that labelled it. `profile` is the version of the site profile that was used, and
    `fit` says how well the page fits it. A format that knows `metadata` and `verdict` itself, such as PDF,
    gives them; they are None where markup and text tell. A page with a `refusal` has no documents.
    """

    parsed: Parsed
    labels: tuple[Label, ...]
    cuts: tuple[Cut, ...]
    parts: tuple[Part, ...]
    dump: bool
    model: str
    fields: Fields
    warnings: tuple[str, ...]
    profile: str | None = None
    fit: float | None = None
    metadata: Metadata | None = None
    verdict: Verdict | None = None
    refusal: Refusal | None = None

    @functools.cached_property
    def readers(self) -> frozenset[int]:
        """Indices of the removed blocks that stand among readers' comments."""
        return among_comments(self.parsed.blocks, self.labels, dump=self.dump)

    @property
    def bylines(self) -> list[str]:
        """The texts of the blocks that were removed as bylines, without those of readers."""
        blocks, labels = self.parsed.blocks, self.labels
        found = [i for i, label in enumerate(labels) if label.kind is RemovalKind.BYLINE]
        return [blocks[i].text for i in found if i not in self.readers]
