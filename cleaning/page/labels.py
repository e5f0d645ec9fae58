"""What every judge of blocks gives: a label for each block, in the blocks' order.

The source's directives, the lexicon and the engine (trafilatura, or the block model) speak the same
word, so the pipeline can ask one after the other and a receipt can name who decided.
"""

from __future__ import annotations

import dataclasses

from output.base.records import RemovalKind


@dataclasses.dataclass(frozen=True, slots=True)
class Label:
    """What a block is: content when `kind` is None, else furniture of that kind.

    `rule` names who decided (`lexicon:share_en`, `source:remove .ad`, `engine:trafilatura`), `evidence`
    the words or the figure that decided, `score` is from 0 (furniture) to 1 (content).
    """

    kind: RemovalKind | None
    rule: str
    evidence: str = ""
    score: float = 0.0

    @property
    def content(self) -> bool:
        """Whether the block stays."""
        return self.kind is None
