"""The yardstick: what an index said that there is, kept with its visit for whoever asks what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """What one index named, as the `detail` of its visit in the ledger: one line of JSON.

        {"way": "wordpress", "total": 5000, "listed": 100, "months": {"2026-03": 100}, "skipped": {"unchanged": 97}}

    `way` is the protocol: sitemap, feed, wordpress, listing (searches too), json, saved. `total` is how many pages the site says
    that the whole list has, of which this index may be one sheet; absent where it says nothing. All
    sheets of a list give the same total: take the greatest of those whose hints have one `start`, not their
    sum. `listed` counts the pages that this index names and the source's patterns want, each once, fetched in this
    run or not. `months` counts those of them that the site dates, by month of publication where it tells that,
    else of change. `skipped` counts what was named and not scheduled, by reason:

    - not the source's, and not in `listed`: no_url (nothing that a crawler can ask: file:, mailto:, none at all),
      address, scope (another host), pattern;
    - known and not asked in this run: unchanged (the site says so), resting (not due), since (older than asked for);
    - left out: limit, trap, trap_path, trap_duplicates, trap_stale, trap_indexes.
    """  # noqa: E501 - the line of JSON

    way: str
    listed: int
    total: int | None = None
    months: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """The fields that say something."""
        said = {name: value for name, value in asdict(self).items() if value or name in ("way", "listed")}
        if self.total is not None:
            said["total"] = self.total
        return json.dumps(said, separators=(",", ":"))

    @classmethod
    def from_json(cls, detail: str) -> IndexSummary | None:
        """The yardstick in the detail of a visit; None where that says something else."""
        if not detail.startswith("{"):
            return None
        try:
            said: Any = json.loads(detail)
            return cls(**said)
        except (ValueError, TypeError):
            return None
