"""Labels: the common result of everything that classifies blocks, one label for each block in order.

The source's rules, the lexicon and the engine (trafilatura or the block model) all return labels. So the
pipeline can ask one after the other, and a receipt names the one that decided.
"""

from __future__ import annotations

import dataclasses

from output.base.records import RemovalKind


@dataclasses.dataclass(frozen=True, slots=True)
class Label:
    """The class of a block: content when `kind` is None, else furniture of that kind.

    `rule` names what decided (`lexicon:share_en`, `source:remove .ad`, `engine:trafilatura`). `evidence`
    holds the words or the figure that decided. `score` runs from 0 (furniture) to 1 (content).
    """

    kind: RemovalKind | None
    rule: str
    evidence: str = ""
    score: float = 0.0

    @property
    def content(self) -> bool:
        """Return whether the block stays."""
        return self.kind is None
