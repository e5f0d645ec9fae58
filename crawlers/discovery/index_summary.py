"""The summary of an index: what it listed. The ledger keeps it, so that a report can say what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """What one index listed; the `detail` of its visit in the ledger, as one line of JSON.

        {"way": "wordpress", "total": 5000, "listed": 9, "months": {"2026-03": 9}, "skipped": {"unchanged":
        7}}

    - `way`: the protocol: sitemap, feed, wordpress, listing (searches too), json, saved.
    - `total`: how many pages the whole list has, as the site says; absent where it does not. This index may
      be one part of the list, and all parts give the same total. So take the greatest of those whose hints
      have one `start`, not their sum.
    - `listed`: how many of the source's pages this index names, each counted once, fetched in this run or
      not.
    - `months`: how many of them the site dates in each month, by publication where it is known, else by
      change.
    - `skipped`: how many links were not scheduled, by reason.

    - `sessions`: how many links carried a session id that was cut, by its name.

    The reasons of `skipped`:

    - not the source's pages, and not in `listed`: no_url (file:, mailto:, or none at all), address, scope
      (another host), pattern;
    - known, and not fetched in this run: unchanged (the site says so), resting (not due), since (too old);
    - left out: limit, trap, trap_path, trap_duplicates, trap_stale, trap_indexes.
    """

    way: str
    listed: int
    total: int | None = None
    months: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    sessions: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the summary as JSON, without empty fields."""
        fields = {name: value for name, value in asdict(self).items() if value or name in ("way", "listed")}
        if self.total is not None:
            fields["total"] = self.total
        return json.dumps(fields, separators=(",", ":"))

    @classmethod
    def from_json(cls, detail: str) -> IndexSummary | None:
        """Read the summary from the detail of a visit; None where the detail is something else."""
        if not detail.startswith("{"):
            return None
        try:
            fields: Any = json.loads(detail)
            return cls(**fields)

        except (ValueError, TypeError):
            return None
